"""Bodies that come encoded although they were asked not to be."""

import gzip
import zlib
from importlib.util import find_spec

import pytest

from hmr_middleware.encodings import UndecodableError, decode

BODY = b"let a = 1\n" * 50
GZIP = gzip.compress(BODY)
RAW = zlib.compressobj(wbits=-zlib.MAX_WBITS)
RAW_DEFLATE = RAW.compress(BODY) + RAW.flush()


@pytest.mark.parametrize(
    ("encoding", "encoded"),
    [
        pytest.param("", BODY, id="none"),
        pytest.param("identity", BODY, id="identity"),
        pytest.param("gzip", GZIP, id="gzip"),
        pytest.param("x-gzip", GZIP, id="gzip's-old-name"),
        pytest.param(" GZip ", GZIP, id="upper-case-and-blanks"),
        pytest.param("gzip", GZIP + GZIP[:0], id="gzip-one-member"),
        pytest.param("deflate", zlib.compress(BODY), id="deflate"),
        pytest.param("deflate", RAW_DEFLATE, id="deflate-without-its-wrapper"),
        pytest.param("deflate, gzip", gzip.compress(zlib.compress(BODY)), id="the-last-one-is-undone-first"),
        pytest.param("gzip,,identity", GZIP, id="empty-items"),
    ],
)
def test_decode(encoding: str, encoded: bytes) -> None:
    assert decode(encoded, encoding) == BODY


def test_members_of_a_gzip_body_follow_each_other() -> None:
    assert decode(GZIP + GZIP, "gzip") == BODY + BODY


@pytest.mark.parametrize("encoding", ["", "identity", "gzip", "deflate"])
def test_an_empty_body(encoding: str) -> None:
    encoded = {"gzip": gzip.compress(b""), "deflate": zlib.compress(b"")}.get(encoding, b"")
    assert decode(encoded, encoding) == b""


@pytest.mark.parametrize(
    ("encoding", "encoded", "names"),
    [
        pytest.param("gzip", BODY, "gzip", id="not-gzip"),
        pytest.param("gzip", GZIP[:-5], "gzip", id="gzip-cut-short"),
        pytest.param("gzip", GZIP[:20] + b"\0\0\0" + GZIP[23:], "gzip", id="gzip-damaged"),
        pytest.param("gzip", GZIP + b"junk", "gzip", id="something-behind-gzip"),
        pytest.param("deflate", BODY, "deflate", id="not-deflate"),
        pytest.param("deflate", RAW_DEFLATE[:-3], "deflate", id="deflate-cut-short"),
        pytest.param("compress", BODY, "'compress'", id="unknown"),
        pytest.param("gzip, aws-chunked", GZIP, "'aws-chunked'", id="one-unknown-of-two"),
    ],
)
def test_undecodable(encoding: str, encoded: bytes, names: str) -> None:
    with pytest.raises(UndecodableError, match=names):
        decode(encoded, encoding)


@pytest.mark.skipif(bool(find_spec("brotli") or find_spec("brotlicffi")), reason="a library for br is installed")
def test_the_library_that_is_missing_is_named() -> None:
    with pytest.raises(UndecodableError, match="brotli"):
        decode(BODY, "br")
