"""A project and the server that serves it: what most browser tests begin with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from browser.projects import PAGES, Files, Kind, Project, make_project
from browser.servers import FRAMEWORKS, SERVERS, Recipe, Server


@dataclass(frozen=True)
class Site:
    """A running server with its project."""

    project: Project
    server: Server

    @property
    def url(self) -> str:
        """Return the address of the front page."""
        return f"{self.server.url}/"

    def write(self, relative: str, text: str) -> Path:
        """Write *text* to the file *relative* to the project's root, in place, and return its path."""
        return self.project.write(relative, text)


def start_site(
    directory: Path,
    kind: Kind,
    server: str | Recipe,
    *,
    pages: Files = PAGES,
    static: Files | None = None,
    files: Files | None = None,
    middleware: bool = True,
    env: Mapping[str, str] | None = None,
    prepare: Callable[[Project], object] = lambda _project: None,
) -> Site:
    """Write a project below *directory* and start *server* on it: a recipe, or a name in SERVERS or FRAMEWORKS.

    *env* wins over the recipe's. *prepare* is given the project before the server starts.
    Raises ValueError where that server does not serve projects of this *kind*. See `make_project` for the rest.
    """
    recipe = server if isinstance(server, Recipe) else (SERVERS | FRAMEWORKS)[server]
    if recipe.kind != kind:
        raise ValueError(f"server {server!r} serves {recipe.kind} projects, got {kind!r}")
    project = make_project(directory / "project", kind, pages=pages, static=static, files=files, middleware=middleware)
    for path, old, new in recipe.edits:
        project.replace(path, old, new)
    prepare(project)
    site = Site(project, Server(recipe, project.root, directory / "server.log", env or {}))
    site.server.start()
    return site
