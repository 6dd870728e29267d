"""Serve the app on a socket that is listening already: python -m contract.bad_inputs.serve SERVER DESCRIPTOR FOLDER."""

import logging
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from contract.bad_inputs.site import asgi_app, wsgi_app


def werkzeug(descriptor: int, folder: Path) -> None:
    """Serve as `flask run` does: a thread for each connection, which may stay open."""
    from werkzeug.serving import WSGIRequestHandler, make_server

    WSGIRequestHandler.protocol_version = "HTTP/1.1"
    logging.getLogger("werkzeug").setLevel(logging.INFO)
    make_server("127.0.0.1", 0, wsgi_app(folder), threaded=True, fd=descriptor).serve_forever()


def _uvicorn(http: str, ws: str) -> Callable[[int, Path], None]:
    def serve(descriptor: int, folder: Path) -> None:
        from uvicorn import Config, Server

        config = Config(asgi_app(folder), http=http, ws=ws, lifespan="off")
        Server(config).run(sockets=[socket.socket(fileno=descriptor)])

    return serve


def gunicorn(descriptor: int, folder: Path) -> None:
    """Serve with a pool of threads; connections stay open."""
    from gunicorn.app.base import BaseApplication

    class Application(BaseApplication):  # type: ignore[misc]
        def load_config(self) -> None:
            settings = {"bind": f"fd://{descriptor}", "worker_class": "gthread", "threads": 8, "accesslog": "-"}
            for name, value in settings.items():
                self.cfg.set(name, value)

        def load(self) -> Any:
            return wsgi_app(folder)

    Application().run()


def runserver(descriptor: int, folder: Path) -> None:
    """Serve as `manage.py runserver` does, but for its reloader."""
    from django.conf import settings
    from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler

    settings.configure()
    server = ThreadedWSGIServer(("127.0.0.1", 0), WSGIRequestHandler)
    server.socket.close()
    server.socket = socket.socket(fileno=descriptor)
    server.set_app(wsgi_app(folder))
    server.serve_forever()


SERVERS = {
    "gunicorn": gunicorn,
    "runserver": runserver,
    "werkzeug": werkzeug,
    "uvicorn": _uvicorn("httptools", "websockets"),
    "uvicorn-h11": _uvicorn("h11", "wsproto"),
}

if __name__ == "__main__":
    SERVERS[sys.argv[1]](int(sys.argv[2]), Path(sys.argv[3]))
