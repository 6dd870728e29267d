"""The same small site, served by each contender, and the processes that serve it."""

import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from browser.servers import Recipe, Server

from benchmarks.process import ROOT, environment

VITE = ROOT / ".tools" / "vite"
_VITE_VERSION = "8"

# One line tells a contender apart from the others: its name is what tables call it.
OURS, BARE, FLOOR, VITE_NAME = "hmr_middleware", "bare Flask", "floor", "Vite"
SIDE_PORT, POLLING = "hmr_middleware over the side port", "hmr_middleware by polling"

_APP = """\
from pathlib import Path

from flask import Flask
{imports}
PAGE = (Path(__file__).parent / "index.html").read_text()

app = Flask(__name__)


@app.get("/")
def index():
    return PAGE

{wrap}
"""
_WRAPPED = {"imports": "from hmr_middleware import HmrMiddleware\n", "wrap": "app = HmrMiddleware(app)"}
_TRACED = {"imports": "from benchmarks import tracing\nfrom hmr_middleware import HmrMiddleware\n"} | {
    "wrap": "tracing.start(Path(__file__).parent / 'trace.txt')\napp = HmrMiddleware(app)"
}
_PLAIN = {"imports": "", "wrap": ""}


def _wrapped(transport: str) -> Mapping[str, str]:
    return {**_WRAPPED, "wrap": f"app = HmrMiddleware(app, transport={transport!r})"}


_FLASK = ("-m", "flask", "--app", "app", "--debug", "run", "--no-reload", "--port", "{port}")


@dataclass(frozen=True)
class _NodeRecipe(Recipe):
    """A server that Node runs instead of Python."""

    def command(self, port: int) -> list[str]:
        """Return the command line that serves at *port*."""
        return ["node", *super().command(port)[1:]]


@dataclass(frozen=True)
class Contender:
    """How one contender serves a site: what its app.py says and which command runs it."""

    recipe: Recipe
    app: Mapping[str, str] = field(default_factory=dict)


def _vite() -> Recipe:
    script = VITE / "node_modules" / "vite" / "bin" / "vite.js"
    return _NodeRecipe("flask", (str(script), "--host", "127.0.0.1", "--port", "{port}", "--strictPort"))


CONTENDERS: Mapping[str, Contender] = {
    OURS: Contender(Recipe("flask", _FLASK), _WRAPPED),
    "traced": Contender(Recipe("flask", _FLASK), _TRACED),
    SIDE_PORT: Contender(Recipe("flask", _FLASK), _wrapped("side-port")),
    POLLING: Contender(Recipe("flask", _FLASK), _wrapped("polling")),
    BARE: Contender(Recipe("flask", _FLASK), _PLAIN),
    FLOOR: Contender(Recipe("flask", ("-m", "benchmarks.floor", "{port}"))),
    VITE_NAME: Contender(_vite()),
}


@contextmanager
def serve(name: str, folder: Path, files: Mapping[str, str]) -> Iterator[Server]:
    """Write *files* below *folder*/*name* and serve them by the contender *name*."""
    if name == VITE_NAME:
        install_vite()
    contender, project = CONTENDERS[name], folder / name.replace(" ", "-")
    write_files(project, files)
    if contender.app:
        (project / "app.py").write_text(_APP.format_map(contender.app))
    server = Server(contender.recipe, project, folder / f"{project.name}.log", environment())
    server.start()
    try:
        yield server
    finally:
        server.stop()


def write_files(folder: Path, files: Mapping[str, str]) -> None:
    """Write *files*, by their paths below *folder*."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def install_vite() -> None:
    """Install Vite from npm below .tools, unless it is there."""
    if (VITE / "node_modules" / "vite").is_dir():
        return
    npm = shutil.which("npm")
    if npm is None:
        raise RuntimeError("Vite is compared with, and npm is needed to install it: put Node with npm on PATH")
    VITE.mkdir(parents=True, exist_ok=True)
    options = ("--no-save", "--no-package-lock", "--no-audit", "--no-fund", "--loglevel=error")
    subprocess.run([npm, "install", "--prefix", VITE, *options, f"vite@{_VITE_VERSION}"], check=True, stdout=sys.stderr)
