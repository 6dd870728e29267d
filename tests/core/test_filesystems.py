"""On which file systems events do not arrive, by what Linux says is mounted where."""

from pathlib import PurePosixPath

import pytest

from hmr_middleware.core.filesystems import Mounted, read_mounts, silent_mount


def mounts(*lines: str) -> tuple[Mounted, ...]:
    """Return the mounts of lines such as "/srv 9p"; there is a local root below them."""
    points = (line.split(" ") for line in ("/ ext4", *lines))
    text = "".join(f"36 35 98:0 / {point} rw,noatime shared:1 - {kind} source rw\n" for point, kind in points)
    return read_mounts(text)


HERE = PurePosixPath("/srv/app/static")

CASES = [
    pytest.param([], None, id="local"),
    pytest.param(["/srv nfs4"], "/srv nfs4", id="around"),
    pytest.param(["/srv/app/static cifs"], "/srv/app/static cifs", id="itself"),
    pytest.param(["/srv/app/static/img vboxsf"], "/srv/app/static/img vboxsf", id="below"),
    pytest.param(["/srv nfs", "/srv/app tmpfs"], None, id="a-local-one-inside"),
    pytest.param(["/srv/app tmpfs", "/srv nfs"], None, id="the-inner-one-counts-in-any-order"),
    pytest.param(["/srv tmpfs", "/srv 9p"], "/srv 9p", id="the-later-one-hides-the-other"),
    pytest.param(["/srv 9p", "/srv tmpfs"], None, id="the-later-one-is-local"),
    pytest.param(["/srv/app/static/img nfs", "/srv/app/static/img ext4"], None, id="the-later-one-below-is-local"),
    pytest.param(["/srv/app2 nfs", "/srv/app/static2 nfs"], None, id="beside"),
    pytest.param(["/srv overlay"], None, id="overlay"),
    pytest.param(["/srv fuseblk"], None, id="a-disk-of-windows"),
    pytest.param(["/srv fuse.sshfs"], "/srv fuse.sshfs", id="sshfs"),
    pytest.param(["/srv fuse"], "/srv fuse", id="fuse"),
]


@pytest.mark.parametrize(("lines", "expected"), CASES)
def test_silent_mount(lines: list[str], expected: str | None) -> None:
    found = silent_mount(HERE, mounts(*lines))
    assert (found and f"{found.point} {found.kind}") == expected


KINDS = "9p drvfs fakeowner fuse.grpcfuse grpcfuse nfs nfs4 osxfs prl_fs smb3 virtiofs vmhgfs fuse.vmhgfs-fuse"


@pytest.mark.parametrize("kind", KINDS.split())
def test_what_docker_wsl_and_virtual_machines_share(kind: str) -> None:
    assert silent_mount(HERE, mounts(f"/srv/app {kind}")) == Mounted(PurePosixPath("/srv/app"), kind)


def test_a_name_with_spaces() -> None:
    line = r"1 2 0:1 / /mnt/My\040Drive\134x rw - 9p C:\134 rw,aname=drvfs"
    assert read_mounts(line) == (Mounted(PurePosixPath("/mnt/My Drive\\x"), "9p"),)


@pytest.mark.parametrize("text", ["", "\n", "nonsense", "1 2 3 4 5", "1 2 0:1 / - ", "a - b - c", "\0 - \0"])
def test_what_cannot_be_read_says_nothing(text: str) -> None:
    assert read_mounts(text) == ()
