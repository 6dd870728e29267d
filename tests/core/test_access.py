"""Who may connect: neither a page of another site, nor one that rebound its name to this machine."""

from typing import Any

import pytest

from hmr_middleware.core.access import host_allowed, is_of_another_site, why_refused


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("localhost", True),
        ("localhost:5000", True),
        ("LOCALHOST", True),
        ("localhost.", True),
        ("app.localhost:8000", True),
        ("127.0.0.1:5000", True),
        ("192.168.1.7", True),
        ("[::1]:5000", True),
        ("[fe80::1]", True),
        ("", False),
        ("example.com", False),
        ("localhost.example.com", False),
        ("127.0.0.1.example.com", False),
        ("notlocalhost", False),
        ("user@localhost", False),
        ("localhost/x", False),
        ("localhost#", False),
        ("localhost, example.com", False),
        ("localhost:x", False),
        ("localhost:99999", False),
        ("[::1", False),
        ("0x7f.1", False),
        (".", False),
        ("localhost..", False),
        ("..localhost", False),
        ("localhost:", False),
        ("localhost:\uff15\uff10", False),
        ("localhost\n", False),
        ("\xff.localhost", False),
        ("127.1", False),
        ("2130706433", False),
        ("[::1]evil.test", False),
        ("[::1];script-src", False),
        ("[127.0.0.1]", False),
        ("::1", False),
        ("\u212aocalhost", False),
    ],
)
def test_host_without_a_list(host: str, expected: bool) -> None:
    assert host_allowed(host) is expected


@pytest.mark.parametrize(
    ("pattern", "host", "expected"),
    [
        ("example.com", "example.com:5000", True),
        ("Example.COM", "eXample.com", True),
        ("example.com", "www.example.com", False),
        ("example.com", "badexample.com", False),
        (".example.com", "example.com", True),
        (".example.com", "a.b.example.com", True),
        (".example.com", "badexample.com", False),
        ("*", "anything.test", True),
        ("*", "", False),
        ("*", "user@anything.test", False),
        ("", "example.com", False),
        (".", "example.com", False),
    ],
)
def test_host_of_a_list(pattern: str, host: str, expected: bool) -> None:
    assert host_allowed(host, [pattern]) is expected


WELCOME: dict[str, Any] = {
    "host": "localhost:5000",
    "origin": "http://localhost:5000",
    "scheme": "http",
    "token": "",
    "expected": "s",
}


@pytest.mark.parametrize(
    "differences",
    [
        pytest.param({}, id="own-origin"),
        pytest.param({"scheme": "ws"}, id="scheme-of-a-socket"),
        pytest.param({"host": "LocalHost:5000"}, id="upper-case"),
        pytest.param({"host": "localhost", "origin": "http://localhost"}, id="default-port"),
        pytest.param({"host": "localhost:80", "origin": "http://localhost"}, id="default-port-spelled-out"),
        pytest.param({"host": "localhost", "origin": "https://localhost", "scheme": "wss"}, id="secure"),
        pytest.param(
            {"host": "localhost:443", "origin": "https://localhost", "scheme": "wss"}, id="secure-port-spelled-out"
        ),
        pytest.param({"host": "[::1]:5000", "origin": "http://[::1]:5000"}, id="ipv6"),
        pytest.param({"origin": "http://other", "token": "s"}, id="token-of-the-page"),
        pytest.param({"origin": None, "token": "s"}, id="token-without-an-origin"),
        pytest.param({"origin": "null", "token": "s"}, id="token-of-a-sandboxed-page"),
        pytest.param({"host": "a.test", "origin": "http://a.test", "allowed": ["a.test"]}, id="listed-host"),
    ],
)
def test_welcome(differences: dict[str, object]) -> None:
    assert why_refused(**{**WELCOME, **differences}) is None


@pytest.mark.parametrize(
    ("differences", "names"),
    [
        pytest.param({"host": "evil.test"}, "allowed_hosts", id="host"),
        pytest.param({"host": "evil.test", "origin": "http://evil.test"}, "allowed_hosts", id="rebound-page"),
        pytest.param({"host": "evil.test", "token": "s"}, "allowed_hosts", id="host-in-spite-of-the-token"),
        pytest.param({"host": ""}, "allowed_hosts", id="no-host"),
        pytest.param({"origin": "http://evil.test"}, "'http://evil.test'", id="origin"),
        pytest.param({"origin": "http://localhost:5001"}, "'http://localhost:5001'", id="port"),
        pytest.param({"origin": "https://localhost:5000", "host": "localhost"}, "Origin", id="scheme-by-its-port"),
        pytest.param({"origin": "http://localhost"}, "Origin", id="port-left-out"),
        pytest.param({"origin": None}, "'none'", id="no-origin"),
        pytest.param({"origin": ""}, "Origin", id="empty-origin"),
        pytest.param({"origin": "null"}, "'null'", id="null"),
        pytest.param({"origin": "file://localhost:5000"}, "Origin", id="file"),
        pytest.param({"origin": "http://["}, "Origin", id="malformed"),
        pytest.param({"origin": "http://user@localhost:5000"}, "Origin", id="with-a-user"),
        pytest.param({"origin": "http://localhost:5000/"}, "Origin", id="with-a-path"),
        pytest.param({"origin": "http://localhost:5000, http://localhost:5000"}, "Origin", id="two-origins"),
        pytest.param({"origin": "http://[::1]:5000", "host": "localhost:5000"}, "Origin", id="another-loopback"),
        pytest.param({"origin": "chrome-extension://localhost:5000"}, "Origin", id="extension"),
        pytest.param({"origin": "http://localhost:x"}, "Origin", id="malformed-port"),
        pytest.param({"origin": None, "token": "guess"}, "token", id="wrong-token"),
        pytest.param({"origin": None, "token": "", "expected": ""}, "token", id="empty-token-matches-nothing"),
        pytest.param({"origin": None, "token": "ü"}, "token", id="token-beyond-ascii"),
        pytest.param({"origin": None, "token": "\udcff"}, "token", id="token-that-is-no-text"),
    ],
)
def test_refused(differences: dict[str, object], names: str) -> None:
    assert names in str(why_refused(**{**WELCOME, **differences}))


def test_a_reason_is_no_longer_than_a_line() -> None:
    assert len(str(why_refused(**{**WELCOME, "origin": "http://" + "a" * 10_000}))) < 400


@pytest.mark.parametrize(
    ("site", "destination", "expected"),
    [
        ("", "", False),
        ("same-origin", "script", False),
        ("none", "document", False),
        ("cross-site", "script", True),
        ("cross-site", "empty", True),
        ("cross-site", "iframe", True),
        ("cross-site", "", True),
        ("cross-site", "document", False),
        ("same-site", "script", True),
        ("same-origin, cross-site", "script", True),
        ("anything", "script", True),
    ],
)
def test_what_a_browser_says_of_the_asking_page(site: str, destination: str, expected: bool) -> None:
    assert is_of_another_site(site, destination) is expected
