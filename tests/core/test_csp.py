"""What a Content-Security-Policy needs for the client, and nothing more."""

import pytest

from hmr_middleware.core.csp import allow_client, nonce_of

SCRIPT, SOCKET, PAGE = "http://h:1/__hmr/", "ws://h:1", "http://h:1"


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("script-src 'nonce-abc'", "abc"),
        ("script-src 'self' 'nonce-a+b/c_-=='; img-src *", "a+b/c_-=="),
        ("default-src 'nonce-d'", "d"),
        ("default-src 'nonce-d'; script-src 'nonce-s'", "s"),
        ("script-src 'nonce-s'; script-src-elem 'nonce-e'", "e"),
        ("default-src 'nonce-d'; script-src 'self'", None),
        ("style-src 'nonce-x'", None),
        ("SCRIPT-SRC 'nonce-abc'", "abc"),
        ("script-src 'nonce-first'; script-src 'nonce-second'", "first"),
        ("script-src 'NONCE-abc'", "abc"),
        ("default-src 'self', script-src 'nonce-abc'", "abc"),
        ("", None),
        (";;", None),
    ],
)
def test_nonce_of(policy: str, expected: str | None) -> None:
    assert nonce_of(policy) == expected


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        pytest.param("img-src *", "img-src *", id="says-nothing-of-scripts"),
        pytest.param("default-src 'self'", "default-src 'self'", id="self-is-enough"),
        pytest.param("default-src *", "default-src *", id="star-is-enough"),
        pytest.param("script-src 'self'; connect-src 'self'", "script-src 'self'; connect-src 'self'", id="both-self"),
        pytest.param("script-src 'nonce-a'", "script-src 'nonce-a'", id="nonce-is-on-our-tag"),
        pytest.param(
            "script-src 'sha256-x'", f"script-src 'sha256-x' {SCRIPT}", id="a-hash-does-not-let-us-through"
        ),
        pytest.param("script-src 'none'", f"script-src {SCRIPT}", id="none-cannot-stand-beside-a-source"),
        pytest.param(
            "script-src 'self'; connect-src 'none'",
            f"script-src 'self'; connect-src {SOCKET} {PAGE}",
            id="connections-only",
        ),
        pytest.param(
            "default-src 'none'",
            f"default-src 'none'; script-src {SCRIPT}; connect-src {SOCKET} {PAGE}",
            id="default-is-not-widened",
        ),
        pytest.param(
            "default-src https://cdn; script-src 'self'",
            f"default-src https://cdn; script-src 'self'; connect-src https://cdn {SOCKET} {PAGE}",
            id="what-default-allowed-stays-allowed",
        ),
        pytest.param(
            "default-src 'nonce-a'",
            f"default-src 'nonce-a'; connect-src 'nonce-a' {SOCKET} {PAGE}",
            id="a-nonce-opens-no-connection",
        ),
        pytest.param(
            "script-src-elem https://cdn; script-src 'self'",
            f"script-src-elem https://cdn {SCRIPT}; script-src 'self'",
            id="the-narrowest-governs",
        ),
        pytest.param(
            "script-src 'self', connect-src 'none'",
            f"script-src 'self', connect-src {SOCKET} {PAGE}",
            id="two-policies",
        ),
        pytest.param("upgrade-insecure-requests; img-src *", "upgrade-insecure-requests; img-src *", id="no-value"),
    ],
)  # fmt: skip
def test_allow_client(policy: str, expected: str) -> None:
    assert allow_client(policy, script=SCRIPT, socket=SOCKET, page=PAGE) == expected


OTHER = "ws://127.0.0.1:*"


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        pytest.param("connect-src 'self'", f"connect-src 'self' {OTHER}", id="self-is-not-enough"),
        pytest.param("connect-src *", "connect-src *", id="star-is"),
        pytest.param("connect-src 'none'", f"connect-src {SOCKET} {PAGE} {OTHER}", id="none"),
        pytest.param("default-src 'self'", f"default-src 'self'; connect-src 'self' {OTHER}", id="default"),
        pytest.param("img-src 'none'", "img-src 'none'", id="says-nothing-of-connections"),
        pytest.param(f"connect-src 'self' {OTHER}", f"connect-src 'self' {OTHER}", id="there-already"),
    ],
)
def test_another_origin_that_the_client_connects_to(policy: str, expected: str) -> None:
    assert allow_client(policy, script=SCRIPT, socket=SOCKET, page=PAGE, others=(OTHER,)) == expected


def test_allowing_twice_changes_nothing_more() -> None:
    once = allow_client("default-src 'none'", script=SCRIPT, socket=SOCKET, page=PAGE)
    assert allow_client(once, script=SCRIPT, socket=SOCKET, page=PAGE) == once


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("trusted-types app", "trusted-types app hmr"),
        ("trusted-types 'none'", "trusted-types hmr"),
        ("trusted-types *", "trusted-types *"),
        ("trusted-types hmr", "trusted-types hmr"),
        ("require-trusted-types-for 'script'", "require-trusted-types-for 'script'"),
    ],
)
def test_the_client_has_a_trusted_types_policy(policy: str, expected: str) -> None:
    assert (
        allow_client(policy, script="http://localhost/__hmr/", socket="ws://localhost", page="http://localhost")
        == expected
    )
