"""The code of small apps in frameworks of which nothing is known: head, a view for each page, and end."""

from collections.abc import Mapping

GENERIC = """

from hmr_middleware import HmrMiddleware

app = HmrMiddleware(app, static={"/static/": "static"}, templates=["templates"])
"""

QUART = """\
from quart import Quart, render_template

app = Quart(__name__)
app.config["TEMPLATES_AUTO_RELOAD"] = True
"""
QUART_VIEW = """

@app.get("{url}")
async def {name}():
    return await render_template("{template}")
"""

LITESTAR = """\
from litestar import Litestar, get
from litestar.contrib.jinja import JinjaTemplateEngine
from litestar.response import Template
from litestar.static_files import create_static_files_router
from litestar.template import TemplateConfig

handlers = [create_static_files_router(path="/static", directories=["static"])]
"""
LITESTAR_VIEW = """

@get("{url}", sync_to_thread=False)
def {name}() -> Template:
    return Template("{template}")

handlers.append({name})
"""
LITESTAR_END = """

app = Litestar(handlers, template_config=TemplateConfig(directory="templates", engine=JinjaTemplateEngine))
"""

BOTTLE = """\
import bottle

bottle.debug(True)  # else it reads each template once
app = bottle.Bottle()


@app.get("/static/<path:path>")
def static(path):
    return bottle.static_file(path, root="static")
"""
BOTTLE_VIEW = """

@app.get("{url}")
def {name}():
    return bottle.template("{template}", template_lookup=["templates"])
"""

FALCON = """\
from pathlib import Path

import falcon

app = falcon.App()
app.add_static_route("/static", Path("static").absolute())
"""
FALCON_VIEW = """

class {name}:
    def on_get(self, request, response):
        response.content_type = falcon.MEDIA_HTML
        response.text = Path("templates/{template}").read_text()


app.add_route("{url}", {name}())
"""

PYRAMID = """\
from pathlib import Path

from pyramid.config import Configurator
from pyramid.response import Response

config = Configurator()
config.add_static_view("static", str(Path("static").absolute()))
"""
PYRAMID_VIEW = """

def {name}(request):
    return Response(Path("templates/{template}").read_text())


config.add_route("{name}", "{url}")
config.add_view({name}, route_name="{name}")
"""
PYRAMID_END = """

app = config.make_wsgi_app()
"""

BARE = """\
import mimetypes
from pathlib import Path

PAGES = {}


def answer(path):
    file = Path("templates", PAGES[path]) if path in PAGES else Path(path.lstrip("/"))
    return mimetypes.guess_type(file)[0], file.read_bytes()
"""
BARE_VIEW = """
PAGES["{url}"] = "{template}"
"""
WSGI_END = """

def app(environ, start_response):
    kind, body = answer(environ["PATH_INFO"])
    start_response("200 OK", [("Content-Type", kind), ("Content-Length", str(len(body)))])
    return [body]
"""
ASGI_END = """

async def app(scope, receive, send):
    if scope["type"] == "http":
        kind, body = answer(scope["path"])
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", kind.encode())]})
        await send({"type": "http.response.body", "body": body})
"""


FALCON_ASGI = FALCON.replace("import falcon\n", "import falcon\nimport falcon.asgi\n").replace(
    "falcon.App", "falcon.asgi.App"
)

APPS: Mapping[str, tuple[str, str, str]] = {
    "quart": (QUART, QUART_VIEW, ""),
    "litestar": (LITESTAR, LITESTAR_VIEW, LITESTAR_END),
    "bottle": (BOTTLE, BOTTLE_VIEW, ""),
    "falcon": (FALCON, FALCON_VIEW, ""),
    "falcon-asgi": (FALCON_ASGI, FALCON_VIEW.replace("def on_get", "async def on_get"), ""),
    "pyramid": (PYRAMID, PYRAMID_VIEW, PYRAMID_END),
    "wsgi": (BARE, BARE_VIEW, WSGI_END),
    "asgi": (BARE, BARE_VIEW, ASGI_END),
}
