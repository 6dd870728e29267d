"""The smallest font that browsers take: whatever is set in it is as wide as one says."""

from struct import pack

_EM = 1000


def make_font(advance: int) -> bytes:
    """Return a TrueType font in which "a" is *advance* thousandths of an em wide."""
    tables = {
        b"OS/2": _os2(advance),
        b"cmap": pack(">4H", 0, 1, 3, 1) + pack(">I", 12) + _cmap(),
        b"glyf": _glyph(),
        b"head": pack(">IIIIHHQQ4hHHhhh", 0x10000, 0, 0, 0x5F0F3CF5, 0, _EM, 0, 0, 0, 0, 500, 500, 0, 8, 2, 0, 0),
        b"hhea": pack(">I3hH3h3h4hhH", 0x10000, 800, -200, 0, advance, 0, 0, 500, 1, 0, 0, 0, 0, 0, 0, 0, 2),
        b"hmtx": pack(">HhHh", advance, 0, advance, 0),
        b"loca": pack(">3H", 0, 0, len(_glyph()) // 2),
        b"maxp": pack(">I14H", 0x10000, 2, 4, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0),
        b"name": pack(">3H", 0, 0, 6),
        b"post": pack(">IIhhIIIII", 0x30000, 0, 0, 0, 0, 0, 0, 0, 0),
    }
    directory, data = b"", b""
    start = 12 + 16 * len(tables)
    for tag, table in tables.items():
        directory += tag + pack(">III", _sum(table), start + len(data), len(table))
        data += table + b"\0" * (-len(table) % 4)
    return pack(">IHHHH", 0x10000, len(tables), 128, 3, len(tables) * 16 - 128) + directory + data


def _cmap() -> bytes:
    segments = pack(">2HH2H2h2H", 97, 0xFFFF, 0, 97, 0xFFFF, 1 - 97, 1, 0, 0)
    return pack(">7H", 4, 14 + len(segments), 0, 4, 4, 1, 0) + segments


def _glyph() -> bytes:
    """Return a square."""
    xs, ys = (0, 0, 500, 0), (0, 500, 0, -500)
    points = b"".join(pack(">h", value) for value in (*xs, *ys))
    return pack(">h4hHH", 1, 0, 0, 500, 500, 3, 0) + b"\x01" * 4 + points


def _os2(advance: int) -> bytes:
    numbers = pack(">Hh3H11h", 4, advance, 400, 5, 0, *(0,) * 11)
    ranges = pack(">10BIIII4s", *(0,) * 10, 1, 0, 0, 0, b"TEST")
    metrics = pack(">3H3hHH", 0x40, 97, 97, 800, -200, 0, 800, 200)
    return numbers + ranges + metrics + pack(">IIhhHHH", 1, 0, 500, 700, 0, 32, 0)


def _sum(table: bytes) -> int:
    padded = table + b"\0" * (-len(table) % 4)
    return sum(int.from_bytes(padded[at : at + 4]) for at in range(0, len(padded), 4)) & 0xFFFFFFFF
