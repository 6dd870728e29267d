"""What a user may set: validated once, and every refusal names the way out."""

from collections.abc import Callable, Mapping
from dataclasses import FrozenInstanceError
from pathlib import Path
from typing import Any

import pytest

from hmr_middleware.config import Config, read_config, read_switch, with_ways
from hmr_middleware.errors import ConfigError


def read(environ: Mapping[str, str] | None = None, /, **settings: Any) -> Config:
    return read_config(**settings, environ=environ or {})


def test_nothing_said_is_the_default() -> None:
    assert read() == Config()


@pytest.mark.parametrize(
    ("argument", "variable", "expected"),
    [
        (None, None, None),
        (None, "", None),
        (None, " ", None),
        (None, "1", True),
        (None, "TRUE", True),
        (None, " on ", True),
        (None, "yes", True),
        (None, "0", False),
        (None, "false", False),
        (None, "Off", False),
        (None, "no", False),
        (True, "0", True),
        (False, "1", False),
    ],
)
def test_the_argument_overrules_the_environment(
    argument: bool | None, variable: str | None, expected: bool | None
) -> None:
    environ = {} if variable is None else {"HMR_ENABLED": variable}
    assert read(environ, enabled=argument).enabled is expected


@pytest.mark.parametrize(
    ("argument", "variable", "expected"),
    [
        (None, None, None),
        (None, "", None),
        (None, "1", True),
        (None, "off", False),
        (True, "0", True),
        (False, "1", False),
        ("on", None, True),
    ],
)
def test_poll(argument: object, variable: str | None, expected: bool | None) -> None:
    assert read({} if variable is None else {"HMR_POLL": variable}, poll=argument).poll is expected


@pytest.mark.parametrize(("variable", "expected"), [(None, True), ("", True), ("1", True), ("off", False)])
def test_overlay(variable: str | None, expected: bool) -> None:
    assert read({} if variable is None else {"HMR_OVERLAY": variable}).overlay is expected


@pytest.mark.parametrize(
    ("argument", "variable", "setting", "expected"),
    [
        (None, None, None, None),
        ("", "", "", None),
        ("auto", "polling", "socket", "auto"),
        (None, "Side-Port", "socket", "side-port"),
        (None, None, "side_port", "side-port"),
        (None, "", " polling ", "polling"),
    ],
)
def test_transport(argument: object, variable: str | None, setting: object, expected: str | None) -> None:
    config = read({} if variable is None else {"HMR_TRANSPORT": variable}, transport=argument)
    assert with_ways(config, {"HMR_TRANSPORT": setting}.get).transport == expected


@pytest.mark.parametrize(
    ("argument", "variable", "setting", "expected"),
    [
        (None, None, None, None),
        (0, "1", 2, 0),
        (None, "0", 2, 0),
        (None, None, 0, 0),
        (None, " 12400 ", None, 12_400),
        (65_535, None, None, 65_535),
        (None, None, "80", 80),
    ],
)
def test_side_port(argument: object, variable: str | None, setting: object, expected: int | None) -> None:
    config = read({} if variable is None else {"HMR_SIDE_PORT": variable}, side_port=argument)
    assert with_ways(config, {"HMR_SIDE_PORT": setting}.get).side_port == expected


@pytest.mark.parametrize(("name", "value"), [("HMR_TRANSPORT", "carrier pigeon"), ("HMR_SIDE_PORT", 70_000)])
def test_a_setting_of_the_framework_that_cannot_be_used(name: str, value: object) -> None:
    with pytest.raises(ConfigError, match=rf"{name} must be .*; got {value!r}"):
        with_ways(Config(), {name: value}.get)


@pytest.mark.parametrize("value", [None, True, False])
def test_a_switch_that_is_one_already(value: bool | None) -> None:
    assert read_switch("X", value) is value


@pytest.mark.parametrize(("prefix", "expected"), [("/s/", "/s/"), ("/s", "/s/"), ("/", "/")])
def test_a_prefix_ends_in_a_slash(tmp_path: Path, prefix: str, expected: str) -> None:
    assert read(static={prefix: tmp_path}).static == ((expected, tmp_path.resolve()),)


@pytest.mark.parametrize("kind", [str, Path], ids=["text", "path"])
@pytest.mark.parametrize("setting", ["templates", "watch"])
def test_folders_may_be_texts_or_paths(tmp_path: Path, kind: Callable[[Path], object], setting: str) -> None:
    assert getattr(read(**{setting: [kind(tmp_path)]}), setting) == (tmp_path.resolve(),)


@pytest.mark.parametrize("setting", ["templates", "watch"])
def test_links_are_followed(tmp_path: Path, setting: str) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    assert getattr(read(**{setting: [tmp_path / "link"]}), setting) == ((tmp_path / "real").resolve(),)


def test_what_is_watched_may_be_made_later(tmp_path: Path) -> None:
    assert read(watch=[tmp_path / "later"]).watch == (tmp_path.resolve() / "later",)


@pytest.mark.parametrize("kind", [str, Path], ids=["text", "path"])
@pytest.mark.parametrize(
    ("pattern", "folder", "rest"),
    [
        pytest.param("content/**/*.md", "content", "**/*.md", id="below-a-folder"),
        pytest.param("content/*/blog/a.md", "content", "*/blog/a.md", id="the-longest-fixed-folder"),
        pytest.param("*.md", "", "*.md", id="in-the-working-directory"),
        pytest.param("content/../.env*", "", ".env*", id="above"),
        pytest.param("content/post-[ab]?.md", "content", "post-[ab]?.md", id="other-marks"),
    ],
)
def test_what_is_watched_may_be_a_pattern(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    kind: Callable[[str], object],
    pattern: str,
    folder: str,
    rest: str,
) -> None:
    (tmp_path / "content").mkdir()
    monkeypatch.chdir(tmp_path)
    assert read(watch=[kind(pattern)]) == Config(watch_patterns=((tmp_path.resolve() / folder, rest),))


def test_a_pattern_may_be_absolute_and_beside_paths(tmp_path: Path) -> None:
    config = read(watch=iter([tmp_path / ".env", f"{tmp_path}/*.md", tmp_path / "locale"]))
    assert config.watch == (tmp_path.resolve() / ".env", tmp_path.resolve() / "locale")
    assert config.watch_patterns == ((tmp_path.resolve(), "*.md"),)


def test_what_exists_is_no_pattern(tmp_path: Path) -> None:
    (tmp_path / "[slug]").mkdir()
    assert read(watch=[tmp_path / "[slug]"]).watch == (tmp_path.resolve() / "[slug]",)


def test_texts_may_come_from_an_iterator() -> None:
    assert read(ignore=iter(["*.tmp"]), allowed_hosts=("a.test",)).ignore == ("*.tmp",)


def test_env_takes_texts_numbers_and_booleans() -> None:
    values = {"A": "text", "B": 1, "C": 1.5, "D": True}
    assert dict(read(env=values).env) == values


def test_a_config_is_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        read().enabled = True  # type: ignore[misc]


# Arguments or environment, then what the message must name: the setting, the value received, and the way out.
REFUSED = [
    pytest.param({"enabled": "yes"}, {}, ["enabled", "'yes'", "True, False or None"], id="enabled-text"),
    pytest.param({"enabled": 1}, {}, ["enabled", "1", "True, False or None"], id="enabled-number"),
    pytest.param({}, {"HMR_ENABLED": "maybe"}, ["HMR_ENABLED", "'maybe'", "0, true"], id="HMR_ENABLED"),
    pytest.param({}, {"HMR_POLL": "often"}, ["HMR_POLL", "'often'", "0, true"], id="HMR_POLL"),
    pytest.param({"poll": "often"}, {}, ["poll", "'often'", "0, true"], id="poll-text"),
    pytest.param({"poll": 2}, {}, ["poll", "2", "0, true"], id="poll-number"),
    pytest.param({}, {"HMR_OVERLAY": "big"}, ["HMR_OVERLAY", "'big'", "0, true"], id="HMR_OVERLAY"),
    pytest.param({"transport": "sse"}, {}, ["transport", "'sse'", "auto, socket, side-port, polling"], id="transport"),
    pytest.param({"transport": True}, {}, ["transport", "True", "auto, socket"], id="transport-switch"),
    pytest.param({}, {"HMR_TRANSPORT": "sse"}, ["HMR_TRANSPORT", "'sse'", "auto, socket"], id="HMR_TRANSPORT"),
    pytest.param({"side_port": -1}, {}, ["side_port", "-1", "1 to 65535", "0 for any"], id="port-negative"),
    pytest.param({"side_port": 65_536}, {}, ["side_port", "65536", "1 to 65535"], id="port-too-large"),
    pytest.param({"side_port": True}, {}, ["side_port", "True", "1 to 65535"], id="port-switch"),
    pytest.param({"side_port": 80.0}, {}, ["side_port", "80.0", "1 to 65535"], id="port-fraction"),
    pytest.param({}, {"HMR_SIDE_PORT": "http"}, ["HMR_SIDE_PORT", "'http'", "1 to 65535"], id="HMR_SIDE_PORT"),
    pytest.param({}, {"HMR_SIDE_PORT": "²"}, ["HMR_SIDE_PORT", "'²'", "1 to 65535"], id="HMR_SIDE_PORT-superscript"),
    pytest.param({"static": "static"}, {}, ["static", "'static'", "{'/static/': 'static'}"], id="static-text"),
    pytest.param({"static": ["a"]}, {}, ["static", "['a']", "{'/static/': 'static'}"], id="static-list"),
    pytest.param({"static": {"s/": "."}}, {}, ["static", "'s/'", "'/static/'"], id="static-prefix"),
    pytest.param({"static": {1: "."}}, {}, ["static", "1", "'/static/'"], id="static-prefix-number"),
    pytest.param({"static": {"/s/": "nowhere"}}, {}, ["static['/s/']", "nowhere", "create"], id="static-missing"),
    pytest.param({"static": {"/s/": 5}}, {}, ["static['/s/']", "5", "path"], id="static-folder-number"),
    pytest.param({"templates": "t"}, {}, ["templates", "'t'", "['t']"], id="templates-text"),
    pytest.param({"templates": Path("t")}, {}, ["templates", "'t'", "list"], id="templates-path"),
    pytest.param({"templates": None}, {}, ["templates", "None", "list"], id="templates-none"),
    pytest.param({"templates": ["nowhere"]}, {}, ["templates", "nowhere", "create"], id="templates-missing"),
    pytest.param({"templates": [b"t"]}, {}, ["templates", "b't'", "path"], id="templates-bytes"),
    pytest.param({"watch": "w"}, {}, ["watch", "'w'", "['w']"], id="watch-text"),
    pytest.param({"watch": [1]}, {}, ["watch", "1", "path"], id="watch-number"),
    pytest.param({"watch": "*.md"}, {}, ["watch", "'*.md'", "['*.md']"], id="watch-text-pattern"),
    pytest.param(
        {"watch": ["nowhere/*.md"]}, {}, ["watch", "nowhere'", "'nowhere/*.md'", "create"], id="watch-pattern-nowhere"
    ),
    pytest.param({"ignore": "*.tmp"}, {}, ["ignore", "'*.tmp'", "['*.tmp']"], id="ignore-text"),
    pytest.param({"ignore": [1]}, {}, ["ignore", "1", "texts"], id="ignore-number"),
    pytest.param({"allowed_hosts": "a.test"}, {}, ["allowed_hosts", "'a.test'", "['a.test']"], id="hosts-text"),
    pytest.param({"allowed_hosts": 5}, {}, ["allowed_hosts", "5", "list"], id="hosts-number"),
    pytest.param({"env": ["A"]}, {}, ["env", "['A']", "{'API_URL': '/api/'}"], id="env-list"),
    pytest.param({"env": {"a-b": 1}}, {}, ["env", "'a-b'", "'API_URL'"], id="env-name"),
    pytest.param({"env": {1: 1}}, {}, ["env", "1", "'API_URL'"], id="env-name-number"),
    pytest.param({"env": {"A": None}}, {}, ["env['A']", "None", "a text, a number"], id="env-none"),
    pytest.param({"env": {"A": {"B": 1}}}, {}, ["env['A']", "{'B': 1}", "a text, a number"], id="env-nested"),
    pytest.param({"env": {"A": float("nan")}}, {}, ["env['A']", "nan", "a text, a number"], id="env-no-number"),
    pytest.param({"allowed_hosts": [None]}, {}, ["allowed_hosts", "None", "texts"], id="hosts-none"),
]


@pytest.mark.parametrize(("settings", "environ", "named"), REFUSED)
def test_a_refusal_names_setting_value_and_way_out(
    settings: dict[str, object], environ: dict[str, str], named: list[str]
) -> None:
    with pytest.raises(ConfigError) as caught:
        read(environ, **settings)
    assert [word for word in named if word not in str(caught.value)] == []
