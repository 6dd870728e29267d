"""The example apps, each in a copy of its own, and the edits that their READMEs list."""

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from browser.projects import Kind, Project
from browser.servers import SERVERS, Server
from browser.sites import Site

ROOT = Path(__file__).resolve().parent.parent.parent

# "1. Do this first. In `file` change `old` to `new`."
_ITEM = re.compile(r"^(\d+)\. (.*?)(?=^\d+\. |^\S|\Z)", re.M | re.S)
_EDIT = re.compile(r"In `([^`]+)` change `([^`]+)` to `([^`]+)`\.")


@dataclass(frozen=True)
class Edit:
    """One edit of a README's list, to be made literally."""

    path: str
    old: str
    new: str

    def make(self, project: Project) -> None:
        """Save the file with the edit."""
        project.replace(self.path, self.old, self.new)

    def undo(self, project: Project) -> None:
        """Save the file without the edit."""
        project.replace(self.path, self.new, self.old)


@dataclass(frozen=True)
class Example:
    """An example's folder and the server that its README names."""

    folder: str
    kind: Kind
    server: str

    def edits(self) -> dict[int, Edit]:
        """Return the numbered edits of the README; raise ValueError where an item has none."""
        text = (ROOT / self.folder / "README.md").read_text(encoding="utf-8")
        return {int(number): _edit_in(item) for number, item in _ITEM.findall(text)}

    def start(self, directory: Path) -> Site:
        """Copy the example below *directory* and start its server there."""
        copy = directory / self.folder
        shutil.copytree(ROOT / self.folder, copy, ignore=shutil.ignore_patterns("__pycache__"))
        project = Project(root=copy, kind=self.kind, static=copy / "static", templates=copy / "templates")
        site = Site(project, Server(SERVERS[self.server], copy, directory / "server.log"))
        site.server.start()
        return site


def _edit_in(item: str) -> Edit:
    found = _EDIT.search(" ".join(item.split()))
    if not found:
        raise ValueError(f"no edit of the form 'In `file` change `old` to `new`.' in this item: {item}")
    return Edit(*found.groups())


EXAMPLES = {
    "flask": Example("example_flask", "flask", "werkzeug-reload"),
    "django": Example("example_django", "django", "runserver"),
}
