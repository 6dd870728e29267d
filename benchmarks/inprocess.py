"""Apps called in this process, without a server: only the middleware's own time is left."""

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

from hmr_middleware import HmrMiddleware

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

_BROWSER = {
    "HTTP_HOST": "127.0.0.1:5000",
    "HTTP_USER_AGENT": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0",
    "HTTP_ACCEPT_ENCODING": "gzip, deflate, br, zstd",
    "HTTP_ACCEPT_LANGUAGE": "en-US,en;q=0.9",
    "HTTP_SEC_FETCH_SITE": "same-origin",
}
DOCUMENT = {"HTTP_SEC_FETCH_DEST": "document", "HTTP_SEC_FETCH_MODE": "navigate", "HTTP_ACCEPT": "text/html,*/*;q=0.8"}
MODULE = {"HTTP_SEC_FETCH_DEST": "script", "HTTP_SEC_FETCH_MODE": "cors", "HTTP_ACCEPT": "*/*"}


def wrapped(app: WsgiApp, static: Path, *, started: bool = True) -> WsgiApp:
    """Return *app* with ours around it, and with *static* served at /static/. The first request starts it."""
    with_hmr: WsgiApp = HmrMiddleware(app, enabled=True, static={"/static/": static})
    if started:
        fetching(with_hmr, DOCUMENT)()
    return with_hmr


def request(app: WsgiApp, headers: dict[str, str], path: str = "/") -> Iterable[bytes]:
    """Ask *app* for *path* as a browser does."""
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": path, "SCRIPT_NAME": "", "QUERY_STRING": ""}
    return app({**environ, "wsgi.url_scheme": "http", **_BROWSER, **headers}, _start_response)


def fetching(app: WsgiApp, headers: dict[str, str], path: str = "/") -> Callable[[], None]:
    """Return what fetches *path* from *app* to its end."""
    return partial(_fetch, app, headers, path)


def _fetch(app: WsgiApp, headers: dict[str, str], path: str) -> None:
    body = request(app, headers, path)
    for _ in body:
        pass
    if close := getattr(body, "close", None):
        close()


def _start_response(_status: str, _headers: list[tuple[str, str]], _exc_info: Any = None) -> Callable[[bytes], None]:
    return lambda _chunk: None
