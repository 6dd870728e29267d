"""What a server's processes say of themselves: which of them has answered, and which threads run code of ours."""

import contextlib
import json
from collections.abc import Mapping
from http.client import HTTPException
from urllib.request import Request, urlopen

from browser.projects import Kind, Project
from browser.sites import Site

PATH = "witness"
FILES = {
    "witness.py": """\
import os
import sys


def witness():
    return {"process": os.getpid(), "threads": sorted(filter(None, map(outermost, sys._current_frames().values())))}


def outermost(frame):
    name = ""
    while frame:
        module, _, rest = frame.f_globals.get("__name__", "").partition(".")
        if module == "witness":
            return ""
        is_ours = module == "hmr_middleware" and frame.f_code.co_name != "_run_bare"  # under gevent, around each
        name = f"{rest}.{frame.f_code.co_name}" if is_ours else name
        frame = frame.f_back
    return name
"""
}
_FLASK = """

import os

from witness import witness as witness_of_threads


@app.route("/witness")
def witness():
    return witness_of_threads()


@app.after_request
def sign(response):
    response.headers["X-Process"] = str(os.getpid())
    return response
"""
_FASTAPI = """

import os

from witness import witness as witness_of_threads


@app.get("/witness")
def witness():
    return witness_of_threads()


@app.middleware("http")
async def sign(request, call_next):
    response = await call_next(request)
    response.headers["X-Process"] = str(os.getpid())
    return response
"""
_DJANGO = """
from django.http import JsonResponse

from witness import witness

urlpatterns.append(path("witness", lambda request: JsonResponse(witness())))
"""
_ADDED: Mapping[Kind, tuple[str, str]] = {
    "flask": ("app.py", _FLASK),
    "fastapi": ("app.py", _FASTAPI),
    "django": ("website/urls.py", _DJANGO),
}


def add_witness(project: Project) -> None:
    """Let *project* answer `ask`."""
    path, text = _ADDED[project.kind]
    for name, module in FILES.items():
        project.write(name, module)
    project.write(path, (project.root / path).read_text(encoding="utf-8") + text)


def ask(site: Site) -> tuple[int, list[str]]:
    """Return a process that serves *site*, and where its threads entered our code: "watcher._run"."""
    with urlopen(f"{site.url}{PATH}", timeout=30) as answer:
        said = json.load(answer)
    return said["process"], said["threads"]


def ask_all(site: Site) -> dict[int, list[str]]:
    """Return the same of each worker; they are asked until each has answered."""
    found: dict[int, list[str]] = {}
    while len(found) < site.server.recipe.workers:
        with contextlib.suppress(OSError, HTTPException):  # one is going, or not there yet
            process, threads = ask(site)
            found[process] = threads
    return found


def modules_of_all(site: Site, url: str) -> dict[int, str]:
    """Return what each worker answers to a browser that imports the module at *url* for the first time."""
    request = Request(site.server.url + url, headers={"Sec-Fetch-Dest": "script", "Sec-Fetch-Mode": "cors"})
    found: dict[int, str] = {}
    while len(found) < site.server.recipe.workers:
        with urlopen(request, timeout=10) as answer:
            found[int(answer.headers["X-Process"])] = answer.read().decode()
    return found
