"""Why something is left out, and what to do: the same words in the terminal and on the status page."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reason:
    """*why* something is left out and what the *remedy* is; *setting* is the argument that has a part in it, or ""."""

    why: str
    remedy: str = ""
    setting: str = ""

    def __str__(self) -> str:
        return f"{self.why}; {self.remedy}" if self.remedy else self.why


NOTHING_TO_WATCH = Reason(
    "nothing to watch", "name the folders, for example static={'/static/': 'path/to/static'}", "static"
)
UTF_16 = Reason("it is UTF-16", "serve it as UTF-8")
NOT_TEXT = Reason("it is not text", "correct its Content-Type")
NO_TYPE = Reason("it has no Content-Type", "say text/html where it is a page")
NO_PLACE = Reason("its encoding has no place for a tag", "serve it as UTF-8")
NO_DOCUMENT = Reason("it does not begin like a document", "where it is one, begin it with <!doctype html>")
OUR_FAULT = Reason("a fault of ours", "the terminal has the traceback")
READ_ELSEWHERE = Reason("a script of another origin may read it")
NO_SOCKET = Reason("this server gives no way to its sockets", "with transport='auto' pages go another way", "transport")
NOT_LOADED = Reason(
    "it was saved, and no page has loaded it",
    "open a page that uses it, or correct where it is served in static",
    "static",
)
NO_URL = Reason(
    "it was saved, and no URL leads to it", "name its folder in static, or what pages are made of in watch", "static"
)


def host_not_allowed(host: str) -> Reason:
    """Return what to say of a *host* that another site could point at this machine."""
    return Reason(f"the Host {host[:100]!r} is not allowed", "list it in allowed_hosts", "allowed_hosts")


def origin_not_own(origin: str | None, host: str, *, has_token: bool) -> Reason:
    """Return what to say of a socket from another *origin* than *host*'s that has no token, or not ours."""
    token = "its token is not this server's" if has_token else "the token is missing"
    return Reason(
        f"the Origin {(origin or 'none')[:100]!r} is not this page's own, {host[:100]!r}, and {token}",
        "load the page again; behind a proxy, let it pass the browser's Host and Origin",
    )


def charset_unknown(charset: str) -> Reason:
    """Return what to say of a document in a *charset* of which nothing is known."""
    return Reason(f"its charset {charset!r} is unknown", "correct its Content-Type")


def charset_wrong(charset: str) -> Reason:
    """Return what to say of a document that is not in the *charset* that it claims."""
    return Reason(f"it is not {charset}, as its Content-Type says", "correct its Content-Type")


def undecodable(error: Exception) -> Reason:
    """Return what to say of a body that comes encoded in a way that *error* tells of."""
    return Reason(str(error), "let the app send it plain, as the request's Accept-Encoding asks")
