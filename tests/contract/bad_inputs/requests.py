"""Requests for what is ours, or nobody's: paths of any spelling, methods, headers, ranges.

Each has the status that every server answers. No answer holds what `site.py` calls secret, names a place on this
machine, or lets another origin read it.
"""

from dataclasses import dataclass, field
from typing import Any

OURS = "/__hmr/"


@dataclass(frozen=True)
class Bad:
    """One request; *by* are servers with another outcome, 0 stands for no answer at all."""

    target: str
    expected: int
    method: str = "GET"
    headers: dict[str, Any] = field(default_factory=dict)
    body: bytes = b""
    version: str = "HTTP/1.1"
    by: dict[str, int] = field(default_factory=dict)


def each(name: str, targets: dict[str, str], expected: int, **more: Any) -> dict[str, Bad]:
    """Return one request for each of *targets*."""
    return {f"{name}-{key}": Bad(target, expected, **more) for key, target in targets.items()}


OUTSIDE = {
    "dots": "/__hmr/../app.py",
    "dots-to-the-secret": "/__hmr/../../secret.js",
    "encoded-dots": "/__hmr/%2e%2e%2fsecret.js",
    "dots-encoded-twice": "/__hmr/%252e%252e/secret.js",
    "backslash": "/__hmr/..%5csecret.js",
    "raw-backslash": "/__hmr/..\\secret.js",
    "nul": "/__hmr/client.js%00",
    "nul-and-an-ending": "/__hmr/secret.js%00.js",
    "double-slash": "/__hmr//etc/passwd",
    "unc": "/__hmr/\\\\host\\share",
    "stream": "/__hmr/client.js::$DATA",
    "short-name": "/__hmr/CLIENT~1.JS",
    "device": "/__hmr/CON.js",
    "slash": "/__hmr/client.js/",
    "overlong": "/__hmr/%c0%ae%c0%ae/secret.js",
    "long": "/__hmr/" + "a" * 4_000,
    "upper-case": "/__HMR/client.js",
    "encoded-prefix": "/%5f_hmr/../secret.js",
    "folder-of-the-client": "/__hmr/~0123456789abcdef0123/../../secret.js",
    "static-dots": "/static/../secret.js",
    "static-encoded-dots": "/static/%2e%2e/secret.js",
    "static-double-encoding": "/static/%252e%252e/secret.js",
    "static-backslash": "/static/..%5csecret.js",
    "static-absolute": "/static//etc/passwd",
    "static-proxy-outside": "/static/../secret.json.proxy.js",
    "static-proxy-encoded": "/static/%2e%2e/secret.json.proxy.js",
    "static-link-outside": "/static/linked.js",
    "static-link-to-itself": "/static/loop.js",
    "static-pipe": "/static/pipe.js",
    "static-folder": "/static/folder.js",
    "static-nul": "/static/plain.js%00",
    "static-not-utf-8": "/static/%ff.js",
    "static-surrogate": "/static/%ed%a0%80.js",
    "static-hash": "/static/plain.js%3F?#y",
    "static-too-long": "/static/" + "n" * 300 + ".js",
    "env": "/.env",
    "vite-fs": "/@fs/etc/passwd",
    "vite-raw": "/secret.js?import&raw??",
}
IN_ORDER = {
    "static-version-too-new": "/static/plain.js?t=9999999999999999",
    "static-two-versions": "/static/plain.js?t=1700000000000000&t=1700000000000001",
    "static-version-of-noise": "/static/plain.js?t=%00&t=-1",
    "static-query-long": "/static/plain.js?" + "a" * 4_000,
    "static-line-break": "/static/line%0Abreak.js",
    "static-empty": "/static/empty.js",
    "static-name-as-long-as-can-be": "/static/" + "n" * 250 + ".js",
    "probe-of-noise": "/__hmr/probe.js?url=%ff&url=//evil&missing=%00&missing",
    "probe-long": "/__hmr/probe.js?" + "url=/a.js&" * 350,
    "query-of-noise": "/?%00&%ff=%&&&=;;t=",
}
METHODS = ("POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PROPFIND")
GOOD = {"Sec-Fetch-Dest": "script", "Sec-Fetch-Mode": "cors"}
RANGE = "bytes=" + ",".join(f"{number}-{number}" for number in range(1_000))
PAGE = {"Sec-Fetch-Dest": "document"}

REQUESTS: dict[str, Bad] = {
    **each("outside", OUTSIDE, 404),
    **each("odd", IN_ORDER, 200, headers=GOOD),
    "base-unknown": Bad(OURS + "base?page=../../secret.js", 204),
    "base-of-noise": Bad(OURS + "base?page=%00%ff&page=x&page", 204),
    **{f"method-{name.lower()}": Bad(OURS + "client.js", 405, name) for name in METHODS},
    "method-lower-case": Bad(OURS + "client.js", 405, "get", by={"gunicorn": 400, "uvicorn": 400}),
    "method-post-with-a-body": Bad(OURS + "client.js", 405, "POST", {"Content-Length": "5"}, b"hello"),
    "method-post-of-chunks": Bad(OURS + "client.js", 405, "POST", {"Transfer-Encoding": "chunked"}, b"0\r\n\r\n"),
    "head": Bad(OURS + "nowhere", 404, "HEAD"),
    "ranges-of-ours": Bad(OURS + "client.js", 200, headers={"Range": RANGE}),
    "ranges-of-a-module": Bad("/static/plain.js", 200, headers={**GOOD, "Range": RANGE}),
    "ranges-of-a-page": Bad("/", 200, headers={**PAGE, "Range": RANGE}),
    "etags": Bad(OURS + "client.js", 200, headers={"If-None-Match": '"' * 5_000}),
    "etags-of-noise": Bad(OURS + "client.js", 200, headers={"If-None-Match": 'W/"\xff", \x80'}),
    "encodings-of-noise": Bad("/", 200, headers={**PAGE, "Accept-Encoding": ";q=,,\xff;q=x"}),
    "destination-of-noise": Bad("/", 200, headers={"Sec-Fetch-Dest": "document\xff"}),
    "destination-twice": Bad("/", 200, headers={"Sec-Fetch-Dest": ["document", "script"]}),
    "date-of-noise": Bad("/static/plain.js", 200, headers={**GOOD, "If-Modified-Since": "\xff" * 500}),
    "refresh-of-noise": Bad("/", 200, headers={"X-HMR-Refresh": "\xff" * 5_000}),
    "refresh-twice": Bad("/", 200, headers={"X-HMR-Refresh": ["1", "1"]}),
    "host-missing": Bad(OURS + "status", 403, headers={"Host": None}, by={"uvicorn-h11": 400}),
    "host-missing-in-1.0": Bad(OURS + "status", 403, headers={"Host": None}, version="HTTP/1.0"),
    "host-rebound": Bad(OURS + "status", 403, headers={"Host": "evil.test"}),
    "host-rebound-page": Bad("/", 200, headers={**PAGE, "Host": "evil.test"}),
    "host-twice": Bad(
        OURS + "status", 403, headers={"Host": ["HOST", "evil.test"]}, by={"gunicorn": 400, "uvicorn-h11": 400}
    ),
    "host-forwarded": Bad(OURS + "status", 403, headers={"Host": "evil.test", "X-Forwarded-Host": "HOST"}),
    "host-rebound-absolute": Bad(
        "http://HOST/__hmr/status.json",
        403,
        headers={"Host": "evil.test"},
        by={"werkzeug": 200, "runserver": 404, "uvicorn-h11": 404},
    ),
    "host-rebound-target": Bad(
        "http://evil.test/__hmr/status.json",
        403,
        by={"gunicorn": 200, "uvicorn": 200, "runserver": 404, "uvicorn-h11": 404},
    ),
    "site-cross": Bad(OURS + "client.js", 403, headers={"Sec-Fetch-Site": "cross-site"}),
    "site-twice": Bad(OURS + "status", 403, headers={"Sec-Fetch-Site": ["same-origin", "cross-site"]}),
    "site-of-noise": Bad(OURS + "status", 403, headers={"Sec-Fetch-Site": "\xff"}),
    "preflight": Bad(
        OURS + "status", 405, "OPTIONS", {"Origin": "http://evil", "Access-Control-Request-Method": "GET"}
    ),
    "target-star": Bad("*", 404, "OPTIONS"),
    "target-empty-path": Bad("http://HOST", 404, by={"uvicorn": 400}),
    "target-without-a-slash": Bad("__hmr/status.json", 404, by={"gunicorn": 400, "uvicorn": 400}),
}
