"""Content-Security-Policy: let the client's script and its socket through, and nothing more (CSP Level 3)."""

import re
from collections.abc import Iterable

_NONCE = re.compile(r"'nonce-([A-Za-z0-9+/_=-]+)'", re.IGNORECASE)
POLICY_NAME = "hmr"  # of the client's Trusted Types policy
_SCRIPT = ("script-src-elem", "script-src", "default-src")
_CONNECT = ("connect-src", "default-src")
_ANY = frozenset({"*"})
_OWN = _ANY | {"'self'"}  # what lets the page's own origin through


def nonce_of(policy: str) -> str | None:
    """Return the nonce that *policy*, or one of several with commas between, asks of scripts, or None."""
    for part in policy.split(","):
        directives = _parse(part)
        governing = next((directives[name] for name in _SCRIPT if name in directives), [])
        if found := _NONCE.search(" ".join(governing)):
            return found[1]
    return None


def allow_client(policy: str, *, script: str, socket: str, page: str, others: Iterable[str] = ()) -> str:
    """Return *policy* with what it lacks for the client.

    *script* is the source expression of the client's folder, *socket* that of its WebSocket, *page* that of what it
    fetches, *others* those of other origins; each is added only where the governing directive would refuse it.
    """
    return ", ".join(_allow(part, script, (socket, page), others) for part in policy.split(",") if part.strip())


def _allow(policy: str, script: str, connected: Iterable[str], others: Iterable[str]) -> str:
    directives = _parse(policy)
    _add(directives, _SCRIPT, [script], scripts=True)
    _add(directives, _CONNECT, connected, scripts=False)
    _add(directives, _CONNECT, others, scripts=False, enough=_ANY)
    names = directives.get("trusted-types")
    if names is not None and not {"*", POLICY_NAME} & set(names):
        directives["trusted-types"] = [*(name for name in names if name != "'none'"), POLICY_NAME]
    return "; ".join(" ".join([name, *sources]) for name, sources in directives.items())


def _parse(policy: str) -> dict[str, list[str]]:
    """Return the directives of one policy; of two with the same name the first counts."""
    directives: dict[str, list[str]] = {}
    for directive in policy.split(";"):
        name, *sources = directive.split() or [""]
        if name:
            directives.setdefault(name.lower(), sources)
    return directives


def _add(
    directives: dict[str, list[str]],
    names: tuple[str, ...],
    wanted: Iterable[str],
    *,
    scripts: bool,
    enough: frozenset[str] = _OWN,
) -> None:
    governing = next((name for name in names if name in directives), None)
    if governing is None:
        return
    sources = directives[governing]
    missing = [source for source in wanted if source not in sources]
    if not missing or _lets_through(sources, scripts, enough):
        return
    target = names[-2] if governing == "default-src" else governing
    directives[target] = [*(item for item in sources if item.lower() != "'none'"), *missing]


def _lets_through(sources: list[str], scripts: bool, enough: frozenset[str]) -> bool:
    words = {item.lower() for item in sources}
    if scripts and any(word.startswith("'nonce-") or word == "'strict-dynamic'" for word in words):
        return True
    return bool(words & enough)
