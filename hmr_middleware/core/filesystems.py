"""Where file events do not arrive: on file systems that others change, another machine or the host of a container."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

# Names as in /proc/self/mountinfo.
_NETWORK = ("nfs", "nfs4", "cifs", "smbfs", "smb2", "smb3", "ncpfs", "afs", "coda", "davfs")
_CLUSTER = ("beegfs", "ceph", "gfs2", "glusterfs", "gpfs", "lustre", "ocfs2", "orangefs", "pvfs2")
_VIRTUAL_MACHINE = ("9p", "virtiofs", "vboxsf", "vmhgfs", "prl_fs", "drvfs")  # also WSL's: Windows' drives
_DOCKER_DESKTOP = ("fakeowner", "grpcfuse", "osxfs")
_BY_A_PROGRAM = ("fuse",)  # sshfs, s3fs, rclone: "fuse." and its name
_SILENT = frozenset(_NETWORK + _CLUSTER + _VIRTUAL_MACHINE + _DOCKER_DESKTOP + _BY_A_PROGRAM)
_ESCAPED = re.compile(r"\\([0-7]{3})")


@dataclass(frozen=True, slots=True)
class Mounted:
    """A file system of this *kind* that is mounted at *point*."""

    point: PurePosixPath
    kind: str


def read_mounts(text: str) -> tuple[Mounted, ...]:
    """Return what the lines of /proc/self/mountinfo say, in their order; see proc_pid_mountinfo(5)."""
    return tuple(_read_lines(text))


def _read_lines(text: str) -> Iterator[Mounted]:
    for line in text.splitlines():
        place, _, source = line.partition(" - ")
        fields, kind = place.split(" "), source.partition(" ")[0]
        if len(fields) > 4 and kind:
            yield Mounted(PurePosixPath(_ESCAPED.sub(_character, fields[4])), kind)


def _character(escaped: re.Match[str]) -> str:
    return chr(int(escaped[1], 8))


def silent_mount(folder: PurePosixPath, mounts: Iterable[Mounted]) -> Mounted | None:
    """Return the file system around *folder*, or one below it, on which events do not arrive; None where all do."""
    around: Mounted | None = None
    below: dict[PurePosixPath, Mounted] = {}
    for mounted in mounts:  # of two at one place the later one is what is seen there
        if folder.is_relative_to(mounted.point):
            if around is None or mounted.point.is_relative_to(around.point):
                around = mounted
        elif mounted.point.is_relative_to(folder):
            below[mounted.point] = mounted
    return next((mounted for mounted in (around, *below.values()) if mounted and _is_silent(mounted.kind)), None)


def _is_silent(kind: str) -> bool:
    return kind.partition(".")[0] in _SILENT
