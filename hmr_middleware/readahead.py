"""EDGE: what a WSGI server has read ahead of a request: it would take that for the next one on the connection."""

import socket
from collections.abc import Mapping
from typing import Any


def has_read_ahead(environ: Mapping[str, Any], start_response: object, theirs: socket.socket) -> bool:
    """Return whether the server holds bytes that came behind the request; *theirs* is the connection."""
    stream = environ.get("wsgi.input")
    handler = getattr(getattr(start_response, "__self__", None), "request_handler", None)  # wsgiref, Django's runserver
    unreader = getattr(getattr(stream, "reader", None), "unreader", None)  # gunicorn
    readers = (getattr(handler, "rfile", None), getattr(stream, "rfile", None), stream)
    return _holds_any(getattr(unreader, "buf", None)) or any(_peek(reader, theirs) for reader in readers)


def _holds_any(buffer: Any) -> bool:
    return bool(buffer is not None and buffer.getvalue())


def _peek(reader: Any, theirs: socket.socket) -> bool:
    """Return whether *reader*, a buffered one on *theirs*, has bytes at hand; others are not asked: they might wait."""
    if getattr(getattr(reader, "raw", None), "_sock", None) is not theirs:
        return False
    timeout = theirs.gettimeout()
    theirs.settimeout(0)  # with an empty buffer it would wait for more
    try:
        return bool(reader.peek(1))
    except OSError:
        return False
    finally:
        theirs.settimeout(timeout)
