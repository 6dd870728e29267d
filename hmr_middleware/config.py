"""What a user may set: validated once, frozen afterwards."""

import math
import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import takewhile
from pathlib import Path
from typing import Any, TypeVar

from hmr_middleware.errors import ConfigError

_SWITCH = {
    **dict.fromkeys(("1", "true", "on", "yes"), True),
    **dict.fromkeys(("0", "false", "off", "no"), False),
}
_T = TypeVar("_T")
TRANSPORTS = ("auto", "socket", "side-port", "polling")
_FOLDERS = "URL prefixes to folders, for example {'/static/': 'static'}"
_WILD = "*?["
_HOST = re.compile(r"\*|\.?[a-z0-9_][a-z0-9_.-]*|\[[0-9a-f:.]+\]", re.ASCII | re.IGNORECASE)
_NO_NAME = re.compile(r"^[a-z]+://|^\*(?=\.)|[^a-z0-9_.-].*$|^\W+$", re.ASCII | re.IGNORECASE)  # around a name
_ENV = "names to values, for example {'API_URL': '/api/'}"


@dataclass(frozen=True, slots=True)
class Config:
    """The settings of one app. *enabled* is None where neither argument nor environment say anything.

    *explicit* says that the argument switches it on: whoever wrote that code meant it.
    """

    enabled: bool | None = None
    explicit: bool = False
    static: tuple[tuple[str, Path], ...] = ()  # URL prefix, folder
    templates: tuple[Path, ...] = ()
    watch: tuple[Path, ...] = ()
    watch_patterns: tuple[tuple[Path, str], ...] = ()  # folder, pattern of files below it
    ignore: tuple[str, ...] = ()
    allowed_hosts: tuple[str, ...] = ()
    poll: bool | None = None  # None: where events do not arrive
    overlay: bool = True
    ignored_errors: tuple[str, ...] = ()
    env: tuple[tuple[str, str | int | float | bool], ...] = ()  # for import.meta.env
    transport: str | None = None  # one of TRANSPORTS; None where nobody says anything
    side_port: int | None = None  # 0 is any that is free


def read_config(
    *,
    enabled: object = None,
    static: object = None,
    templates: object = (),
    watch: object = (),
    ignore: object = (),
    allowed_hosts: object = (),
    ignored_errors: object = (),
    env: object = None,
    poll: object = None,
    transport: object = None,
    side_port: object = None,
    environ: Mapping[str, str] | None = None,
) -> Config:
    """Return the Config for these arguments and the environment; arguments win. Raises ConfigError."""
    environ = os.environ if environ is None else environ
    if enabled is not None and not isinstance(enabled, bool):
        raise ConfigError(f"enabled must be True, False or None, got {enabled!r}")
    paths, patterns = _paths_and_patterns("watch", watch)
    from_environment = read_switch("HMR_ENABLED", environ.get("HMR_ENABLED"))
    poll, poll_from_environment = read_switch("poll", poll), read_switch("HMR_POLL", environ.get("HMR_POLL"))
    return Config(
        enabled=from_environment if enabled is None else enabled,
        explicit=enabled is True,
        static=tuple(_mount(prefix, folder) for prefix, folder in _mapping("static", static, _FOLDERS).items()),
        templates=tuple(_folder("templates", item) for item in _paths("templates", templates)),
        watch=paths,
        watch_patterns=patterns,
        ignore=_texts("ignore", ignore),
        allowed_hosts=tuple(map(_host, _texts("allowed_hosts", allowed_hosts))),
        ignored_errors=_texts("ignored_errors", ignored_errors),
        poll=poll_from_environment if poll is None else poll,
        overlay=read_switch("HMR_OVERLAY", environ.get("HMR_OVERLAY")) is not False,
        env=tuple(_env_value(name, value) for name, value in _mapping("env", env, _ENV).items()),
        transport=_first(read_transport, "transport", transport, environ),
        side_port=_first(read_port, "side_port", side_port, environ),
    )


def read_switch(name: str, value: object) -> bool | None:
    """Return what a switch says: None where *value* is None or empty. Raises ConfigError for anything unclear."""
    if value is None or isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    if not word:
        return None
    if word not in _SWITCH:
        raise ConfigError(f"{name} must be one of 1, 0, true, false, on, off, yes, no; got {value!r}")
    return _SWITCH[word]


def read_named(name: str, value: object, known: Iterable[str]) -> Mapping[str, Any]:
    """Return settings by their names, none where *value* is None. Raises ConfigError for names that are not *known*."""
    named = _mapping(name, value, "settings to values, for example {'watch': ['content/*.md']}")
    if unknown := [key for key in named if key not in known]:
        raise ConfigError(f"{name}: there is no setting {unknown[0]!r} there; those are {', '.join(known)}")
    return named


def with_ways(config: Config, setting: Callable[[str], object]) -> Config:
    """Return *config* with what a framework says where it says nothing itself. Raises ConfigError.

    *setting* returns the framework's own setting of a name, or None.
    """
    transport = read_transport("HMR_TRANSPORT", setting("HMR_TRANSPORT"))
    port = read_port("HMR_SIDE_PORT", setting("HMR_SIDE_PORT"))
    port = port if config.side_port is None else config.side_port
    return replace(config, transport=config.transport or transport, side_port=port)


def read_transport(name: str, value: object) -> str | None:
    """Return the transport that a setting names: None where *value* is None or empty. Raises ConfigError."""
    if value is None or value == "":
        return None
    word = value.strip().lower().replace("_", "-") if isinstance(value, str) else value
    if word not in TRANSPORTS:
        raise ConfigError(f"{name} must be one of {', '.join(TRANSPORTS)}; got {value!r}")
    return str(word)


def read_port(name: str, value: object) -> int | None:
    """Return the port that a setting names: None where *value* is None or empty. Raises ConfigError."""
    if value is None or value == "":
        return None
    digits = value.strip() if isinstance(value, str) else value
    port = int(digits) if isinstance(digits, str) and digits.isdecimal() else digits
    if not isinstance(port, int) or isinstance(port, bool) or not 0 <= port < 65_536:
        raise ConfigError(f"{name} must be a port from 1 to 65535, or 0 for any that is free; got {value!r}")
    return port


def _first(read: Callable[[str, object], _T | None], name: str, value: object, environ: Mapping[str, str]) -> _T | None:
    """Return what the argument *name* says, else the environment."""
    variable = f"HMR_{name.upper()}"
    said, otherwise = read(name, value), read(variable, environ.get(variable))
    return otherwise if said is None else said


def _mapping(name: str, value: object, what: str) -> Mapping[Any, Any]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise ConfigError(f"{name} must map {what}; got {value!r}")
    return value


def _env_value(name: object, value: object) -> tuple[str, str | int | float | bool]:
    if not isinstance(name, str) or not name.isidentifier():
        raise ConfigError(f"env: a name must be an identifier, got {name!r}; use for example 'API_URL'")
    if not isinstance(value, str | int | float) or (isinstance(value, float) and not math.isfinite(value)):
        raise ConfigError(f"env[{name!r}] must be a text, a number, True or False, got {value!r}")
    return name, value


def _mount(prefix: object, folder: object) -> tuple[str, Path]:
    if not isinstance(prefix, str) or not prefix.startswith("/"):
        raise ConfigError(f"static: a URL prefix must start with '/', got {prefix!r}; use for example '/static/'")
    return prefix if prefix.endswith("/") else f"{prefix}/", _folder(f"static[{prefix!r}]", folder)


def _folder(name: str, value: object) -> Path:
    path = _path(name, value)
    if not os.path.isdir(path):  # noqa: PTH112 (Path.is_dir raises where a name is too long)
        raise ConfigError(f"{name}: there is no folder {str(path)!r}; create it or correct the path")
    return path


def _path(name: str, value: object) -> Path:
    if not isinstance(value, str | os.PathLike):
        raise ConfigError(f"{name} must be a path, got {value!r}")
    try:
        return Path(os.path.realpath(value))
    except ValueError:
        raise ConfigError(f"{name}: no path holds a NUL, got {os.fspath(value)!r}; correct the path") from None


def _paths_and_patterns(name: str, value: object) -> tuple[tuple[Path, ...], tuple[tuple[Path, str], ...]]:
    items = list(_paths(name, value))
    patterns = [item for item in items if isinstance(item, str | os.PathLike) and _is_pattern(item)]
    paths = tuple(_path(name, item) for item in items if item not in patterns)
    return paths, tuple(_pattern(name, Path(item)) for item in patterns)


def _is_pattern(value: str | os.PathLike[str]) -> bool:
    """Return whether *value* is a pattern: what exists under that very name is meant as it stands."""
    return any(mark in os.fspath(value) for mark in _WILD) and not os.path.lexists(value)


def _pattern(name: str, value: Path) -> tuple[Path, str]:
    """Return the longest folder that is fixed in the pattern *value*, and the rest."""
    fixed = list(takewhile(lambda part: not any(mark in part for mark in _WILD), value.parts))
    folder = _path(name, Path(*fixed))
    if not os.path.isdir(folder):  # noqa: PTH112 (as above)
        raise ConfigError(
            f"{name}: there is no folder {str(folder)!r} for {str(value)!r}; create it or correct the pattern"
        )
    return folder, "/".join(value.parts[len(fixed) :])


def _paths(name: str, value: object) -> Iterable[object]:
    if isinstance(value, str | os.PathLike) or not isinstance(value, Iterable):
        raise ConfigError(f"{name} must be a list of paths, got {value!r}; use for example [{value!r}]")
    return value


def _host(value: str) -> str:
    if not _HOST.fullmatch(value):
        example = _NO_NAME.sub("", value) or "dev.example"
        raise ConfigError(f"allowed_hosts must hold names without scheme and port, got {value!r}; use {example!r}")
    return value


def _texts(name: str, value: object) -> tuple[str, ...]:
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise ConfigError(f"{name} must be a list of texts, got {value!r}; use for example [{value!r}]")
    items = tuple(value)
    for item in items:
        if not isinstance(item, str):
            raise ConfigError(f"{name} must hold only texts, got {item!r}")
    return items
