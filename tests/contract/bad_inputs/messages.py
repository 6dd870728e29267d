"""Messages that mean nothing, or too much: each is dropped with a line that says why, and the socket lives."""

from json import dumps

from hmr_middleware.core.messages import MAX_MODULES

TAKEN = ""  # nothing is wrong with it: it just comes to nothing


def hello(**fields: object) -> str:
    """Return a hello with these fields."""
    return dumps({"type": "hello", **fields})


def accept(**fields: object) -> str:
    """Return what a stock client says of a module."""
    return dumps({"type": "hotAccept", **fields})


# The text -> what the log says of it.
MESSAGES: dict[str, tuple[str, str]] = {
    "empty": ("", "not JSON"),
    "blank": (" ", "not JSON"),
    "cut": ("{", "not JSON"),
    "two": ("{}{}", "not JSON"),
    "list": ("[]", "not an object"),
    "null": ("null", "not an object"),
    "text": ('"hello"', "not an object"),
    "nan": ("NaN", "not JSON"),
    "infinity": ('{"type":"custom","event":"x","data":-Infinity}', "not JSON"),
    "number-too-large": ('{"type":"custom","event":"x","data":1e999}', "not JSON"),
    "digits": ("1" * 100_000, "not JSON"),
    "digits-in-a-version": (f'{{"type":"hello","modules":{{"/a.js":{"9" * 4_000}}}}}', "microseconds"),
    "brackets": ("[" * 100_000, "not JSON"),
    "braces": ('{"a":' * 40_000, "not JSON"),
    "nested": ('{"type":"custom","event":"x","data":' + "[" * 500 + "]" * 500 + "}", "deep"),
    "keys-twice": ('{"type":"hello","type":"nothing"}', "unknown type 'nothing'"),
    "type-missing": ('{"id":"/a.js"}', "not an object with a type"),
    "type-object": ('{"type":{}}', "not an object with a type"),
    "type-unknown": ('{"type":"vite:invoke"}', "unknown type 'vite:invoke'"),
    "type-of-objects": ('{"type":"__proto__"}', "unknown type"),
    "type-with-lines": (dumps({"type": "a\n[hmr] forged\x1b[31m"}), r"'a\n[hmr] forged\x1b[31m'"),
    "type-surrogate": (r'{"type":"\ud800"}', "unknown type"),
    "id-missing": (accept(), "id must be a text"),
    "id-list": (accept(id=[]), "id must be a text"),
    "id-long": (accept(id="/" * 60_000), "id must be a text"),
    "id-of-a-file": (accept(id="../../etc/passwd"), TAKEN),
    "id-of-another-host": (accept(id="//evil/x.js"), TAKEN),
    "id-script": (accept(id="javascript:1"), TAKEN),
    "id-surrogate": (r'{"type":"hotAccept","id":"\ud800"}', TAKEN),
    "id-of-objects": (accept(id="__proto__"), TAKEN),
    "deps-text": (accept(id="/a.js", deps="/b.js"), "deps must be a list"),
    "deps-many": (accept(id="/a.js", deps=["/b.js"] * (MAX_MODULES + 1)), "deps must be a list"),
    "modules-list": (hello(modules=[]), "modules must be an object"),
    "modules-many": (hello(modules=dict.fromkeys(map(str, range(MAX_MODULES + 1)), 0)), "modules must be an object"),
    "modules-outside": (hello(modules={"/static/../secret.js": 0, "/static/linked.js": 0, "/etc/passwd": 0}), TAKEN),
    "modules-that-are-none": (hello(modules={"": 0, "\0": 0, "/static/pipe.js": 0, "/static/folder.js": 0}), TAKEN),
    "modules-surrogate": (r'{"type":"hello","modules":{"/static/\ud800.js":0}}', TAKEN),
    "version-negative": (hello(modules={"/a.js": -1}), "microseconds"),
    "version-fraction": (hello(modules={"/a.js": 0.5}), "microseconds"),
    "version-true": (hello(modules={"/a.js": True}), "microseconds"),
    "version-from-the-future": (hello(modules={"/static/plain.js": 9_999_999_999_999_999}), TAKEN),
    "since-text": (hello(since="now"), "microseconds"),
    "since-before-all": (hello(since=1), TAKEN),
    "visible-text": (hello(visible="yes"), "true or false"),
    "entries-of-numbers": (hello(entries=[1, 2]), "entries must be a text"),
    "failed-list": (hello(failed=["/a.js"]), "failed must be an object"),
    "failed-outside": (
        hello(failed={"/static/../secret.js": 0, "/static/folder.js": 0, "/etc/passwd": 0, "": 0, "\0": 0}),
        TAKEN,
    ),
    "failed-from-the-future": (
        hello(failed={"/static/plain.js": 9_999_999_999_999_999}, repeatable=["/static/plain.js", "", "/nowhere.js"]),
        TAKEN,
    ),
    "repeatable-object": (hello(repeatable={"/a.js": 1}), "repeatable must be a list"),
    "more-for-ever": (hello(more=True), TAKEN),
    "invalidate-unknown": (dumps({"type": "invalidate", "id": "/nowhere.js", "message": "\x1b[2J\n" * 50}), TAKEN),
    "refused-unknown": (dumps({"type": "refused", "ids": ["/nowhere.js"] * 100}), TAKEN),
    "linked-unknown": (dumps({"type": "linked", "ids": ["/nowhere.js"]}), TAKEN),
    "log-with-lines": (
        dumps({"type": "log", "text": "a\n[hmr] forged\x1b[31m\u202e"}),
        "browser: a [hmr] forged [31m ",
    ),
    "log-long": (dumps({"type": "log", "text": "x" * 5_000}), "text must be a text"),
    "custom-without-an-event": ('{"type":"custom"}', "event must be a text"),
    "custom-unheard": ('{"type":"custom","event":"\\u0000","data":{"a":[1]}}', TAKEN),
    "server-s-own": ('{"type":"reload","reason":"x"}', "unknown type 'reload'"),
}
