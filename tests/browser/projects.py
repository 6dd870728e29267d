"""Small real projects, written the way a user would write them."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from browser.generic_apps import APPS, GENERIC

Kind = Literal[
    "flask", "fastapi", "django", "quart", "litestar", "bottle", "falcon", "falcon-asgi", "pyramid", "wsgi", "asgi"
]
Files = Mapping[str, str]


def document(body: str, head: str = "") -> str:
    """Return a whole HTML document. It names an empty icon: else the console tells of a missing /favicon.ico."""
    icon = '<link rel="icon" href="data:,">'
    return f"<!doctype html>\n<html>\n<head>\n{icon}\n{head}\n</head>\n<body>\n{body}\n</body>\n</html>\n"


PAGES: Files = {"/": document("<h1>It works</h1>")}


@dataclass(frozen=True)
class Project:
    """A project's folder, with the places that a test edits."""

    root: Path
    kind: Kind
    static: Path
    templates: Path

    def write(self, relative: str, text: str) -> Path:
        """Write *text* to the file *relative* to the root, in place, and return its path."""
        path = self.root / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")
        return path

    def write_static(self, relative: str, text: str) -> Path:
        """Write *text* to the file that is served at /static/*relative*."""
        return self.write(f"static/{relative}", text)

    def write_page(self, url: str, source: str) -> Path:
        """Write *source* to the template of the page at the path *url*."""
        return self.write(f"templates/{template_name(url)}", source)

    def replace(self, relative: str, old: str, new: str) -> Path:
        """Replace the only *old* in a file by *new*; raise ValueError where it is not there exactly once."""
        text = (self.root / relative).read_text(encoding="utf-8")
        if text.count(old) != 1:
            raise ValueError(f"{relative} has {text.count(old)} times {old!r}, expected once, in:\n{text}")
        return self.write(relative, text.replace(old, new))


def make_project(
    root: Path,
    kind: Kind,
    *,
    pages: Files = PAGES,
    static: Files | None = None,
    files: Files | None = None,
    middleware: bool = True,
) -> Project:
    """Write a project of the framework *kind* into the folder *root*.

    *pages* maps URL paths to template sources, *static* paths below /static/ to texts, *files* any other path below
    the root to its text (which replaces what the project would have there). Without *middleware* it is the same
    project, before its author has heard of us.
    """
    project = Project(root=root, kind=kind, static=root / "static", templates=root / "templates")
    for folder in (project.static, project.templates):
        folder.mkdir(parents=True)
    for url, source in pages.items():
        project.write_page(url, source)
    for relative, text in (static or {}).items():
        project.write_static(relative, text)
    for relative, text in {**_python_files(kind, pages, middleware), **(files or {})}.items():
        project.write(relative, text)
    return project


def template_name(url: str) -> str:
    """Return the template of the page at the path *url*: index.html for "/", about.html for "/about"."""
    return f"{url.strip('/') or 'index'}.html"


def view_name(url: str) -> str:
    """Return the Python name of the view at the path *url*."""
    return re.sub(r"\W", "_", template_name(url).removesuffix(".html"))


FLASK_HEAD = """\
from flask import Flask, render_template

app = Flask(__name__)
"""

FLASK_VIEW = """

@app.route("{url}")
def {name}():
    return render_template("{template}")
"""

FASTAPI_HEAD = """\
from fastapi import FastAPI, Request
from fastapi.staticfiles import StaticFiles
from fastapi.templating import Jinja2Templates

app = FastAPI()
app.mount("/static", StaticFiles(directory="static"), name="static")
templates = Jinja2Templates(directory="templates")
"""

FASTAPI_VIEW = """

@app.get("{url}")
def {name}(request: Request):
    return templates.TemplateResponse(request, "{template}")
"""

HMR = """

from hmr_middleware import HmrMiddleware

{name} = HmrMiddleware({name})
"""

DJANGO_MANAGE = """\
import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "website.settings")
    execute_from_command_line(sys.argv)
"""

DJANGO_SETTINGS = """\
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent
SECRET_KEY = "only for tests"
DEBUG = True
ALLOWED_HOSTS = []
INSTALLED_APPS = {apps}
MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]
ROOT_URLCONF = "website.urls"
WSGI_APPLICATION = "website.wsgi.application"
TEMPLATES = [
    {{
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
    }}
]
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
"""

DJANGO_VIEWS_HEAD = """\
from django.shortcuts import render
"""

DJANGO_VIEW = """

def {name}(request):
    return render(request, "{template}")
"""

# The last line serves /static/ where runserver does not: under gunicorn and uvicorn.
DJANGO_URLS = """\
from django.contrib.staticfiles.urls import staticfiles_urlpatterns
from django.urls import path

from website import views

urlpatterns = [
{routes}
]
urlpatterns += staticfiles_urlpatterns()
"""

DJANGO_ENTRY = """\
import os

from django.core.{gateway} import get_{gateway}_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "website.settings")
application = get_{gateway}_application()
"""


def _flask_files(pages: Files, middleware: bool) -> Files:
    return {"app.py": FLASK_HEAD + _views(FLASK_VIEW, pages) + _hmr("app", middleware)}


def _fastapi_files(pages: Files, middleware: bool) -> Files:
    return {"app.py": FASTAPI_HEAD + _views(FASTAPI_VIEW, pages) + _hmr("app", middleware)}


def _django_files(pages: Files, middleware: bool) -> Files:
    apps = [*(["hmr_middleware.django"] if middleware else []), "django.contrib.staticfiles"]
    routes = "\n".join(f"    path({url.lstrip('/')!r}, views.{view_name(url)})," for url in pages)
    return {
        "manage.py": DJANGO_MANAGE,
        "website/__init__.py": "",
        "website/settings.py": DJANGO_SETTINGS.format(apps=apps),
        "website/views.py": DJANGO_VIEWS_HEAD + _views(DJANGO_VIEW, pages),
        "website/urls.py": DJANGO_URLS.format(routes=routes),
        "website/wsgi.py": DJANGO_ENTRY.format(gateway="wsgi") + _hmr("application", middleware),
        "website/asgi.py": DJANGO_ENTRY.format(gateway="asgi") + _hmr("application", middleware),
    }


def _python_files(kind: Kind, pages: Files, middleware: bool) -> Files:
    return PYTHON_FILES[kind](pages, middleware) if kind in PYTHON_FILES else _generic_files(kind, pages, middleware)


def _generic_files(kind: Kind, pages: Files, middleware: bool) -> Files:
    head, view, end = APPS[kind]
    return {"app.py": "".join([head, _views(view, pages), end, GENERIC if middleware else ""])}


PYTHON_FILES: Mapping[Kind, Callable[[Files, bool], Files]] = {
    "flask": _flask_files,
    "fastapi": _fastapi_files,
    "django": _django_files,
}


def _views(view: str, pages: Files) -> str:
    return "".join(view.format(url=url, name=view_name(url), template=template_name(url)) for url in pages)


def _hmr(name: str, middleware: bool) -> str:
    return HMR.format(name=name) if middleware else ""
