"""Content encodings: a response that comes encoded although it was asked not to."""

import gzip
import zlib
from collections.abc import Callable
from importlib import import_module


class UndecodableError(ValueError):
    """A body that is not what its Content-Encoding says, or an encoding that we have no library for."""


def decode(body: bytes, encoding: str) -> bytes:
    """Return *body* with its Content-Encoding undone. Raises UndecodableError."""
    for name in reversed([item.strip().lower() for item in encoding.split(",") if item.strip()]):
        decoder = _DECODERS.get(name)
        if decoder is None:
            raise UndecodableError(f"no way to decode Content-Encoding {name!r}")
        try:
            body = decoder(body)
        except Exception as error:  # each library raises its own
            raise UndecodableError(f"the body is not valid {name}: {error}") from None
    return body


def _inflate(body: bytes) -> bytes:
    try:
        return zlib.decompress(body)
    except zlib.error:
        return zlib.decompress(body, -zlib.MAX_WBITS)  # many servers send the raw format


def _from(*modules: str) -> Callable[[bytes], bytes]:
    def decode_with_library(body: bytes) -> bytes:
        for name in modules:
            try:
                library = import_module(name)
            except ImportError:
                continue
            return bytes(library.decompress(body))
        raise UndecodableError(f"none of {', '.join(modules)} is installed")

    return decode_with_library


_DECODERS: dict[str, Callable[[bytes], bytes]] = {
    "identity": bytes,
    "gzip": gzip.decompress,
    "x-gzip": gzip.decompress,
    "deflate": _inflate,
    "br": _from("brotli", "brotlicffi"),
    "zstd": _from("compression.zstd", "zstandard"),
}
