"""What may become of files while the app runs: each is done to a file that has been served before.

The status is what the app answers for it afterwards; the engine reads no more than regular files, and waits for none.
"""

import contextlib
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Deed:
    """What is done to the file *name* of the static folder, and what the app answers for it then."""

    do: Callable[[Path], object]
    status: int
    name: str = "{}.js"


def replace(path: Path, put: Callable[[Path], object]) -> None:
    """Put something else in the place of the file at *path*."""
    path.unlink(missing_ok=True)
    put(path)


def pipe(path: Path) -> None:
    replace(path, os.mkfifo)


def folder(path: Path) -> None:
    replace(path, Path.mkdir)


def unix_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener, contextlib.chdir(path.parent):  # such a name has to be short
        replace(path, lambda at: listener.bind(at.name))


def link(target: str) -> Callable[[Path], None]:
    return lambda path: replace(path, lambda at: at.symlink_to(target))


def write(content: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(content)


def many(path: Path) -> None:
    path.unlink(missing_ok=True)
    path.mkdir()
    for number in range(500):
        (path / f"{number}.js").write_text(f'import "./{number + 1}.js"\n')


FILES: dict[str, Deed] = {
    "becomes-a-pipe": Deed(pipe, 404),
    "becomes-a-folder": Deed(folder, 404),
    "becomes-a-socket": Deed(unix_socket, 404),
    "becomes-a-link-to-itself": Deed(lambda path: link(path.name)(path), 404),
    "becomes-a-link-outside": Deed(link("../secret.js"), 404),
    "becomes-a-link-to-zeros": Deed(link("/dev/zero"), 404),
    "becomes-a-link-to-nowhere": Deed(link("nowhere"), 404),
    "becomes-a-link-inside": Deed(link("plain.js"), 200),
    "becomes-a-picture": Deed(write(b"\x89PNG\r\n" + bytes(range(256)) * 100), 200),
    "becomes-one-long-line": Deed(write(b"import './plain.js';" * 100_000), 200),
    "becomes-nothing": Deed(write(b""), 200),
    "becomes-utf-16": Deed(write("import './plain.js'".encode("utf-16")), 200),
    "becomes-half-a-module": Deed(write(b"import { plain } from './pla"), 200),
    "becomes-its-own-importer": Deed(write(b"import './becomes-its-own-importer.js'\nimport.meta.hot.accept()\n"), 200),
    "becomes-a-stylesheet-of-noise": Deed(write(b"@import url(" * 10_000), 200, "{}.css"),
    "vanishes": Deed(Path.unlink, 404),
    "becomes-many": Deed(many, 404),
    "has-a-line-break": Deed(write(b"import.meta.hot\n"), 200, "{}\n.js"),
    "has-a-long-name": Deed(write(b"export {}\n"), 200, "{}" + "n" * 230 + ".js"),
    "looks-like-a-proxy": Deed(write(b"export {}\n"), 200, "{}.json.proxy.js"),
    "looks-like-a-query": Deed(write(b"export {}\n"), 200, "{}?t=1700000000000000.js"),
    "looks-like-a-hash": Deed(write(b"export {}\n"), 200, "{}#x.js"),
    "looks-like-a-template": Deed(write(b"export {}\n"), 200, "{}${{x}}`\"'.js"),
}
