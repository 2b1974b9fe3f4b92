"""Pictures that people send: small PNG files, made with the standard library alone."""

import struct
import zlib

Pixel = tuple[int, int, int]
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def png(width: int, height: int, rows: list[bytes]) -> bytes:
    """Encode rows of RGB bytes as a PNG."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(b"".join(b"\x00" + row for row in rows), 6)
    return PNG_SIGNATURE + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def photo(seed: int, side: int = 128) -> bytes:
    """Return a gradient whose colours depend on the seed, so that two photos differ."""
    red, green, blue = seed * 37 % 256, seed * 91 % 256, seed * 151 % 256
    rows = []
    for y in range(side):
        row = bytearray()
        for x in range(side):
            row += bytes(((red + x) % 256, (green + y) % 256, (blue + x + y) % 256))
        rows.append(bytes(row))
    return png(side, side, rows)


def mask(side: int = 128) -> bytes:
    """Return a mask whose upper left quarter is white."""
    black, white = b"\x00\x00\x00", b"\xff\xff\xff"
    half = side // 2
    upper, lower = white * half + black * (side - half), black * side
    return png(side, side, [upper] * half + [lower] * (side - half))


def size(data: bytes) -> tuple[int, int]:
    """Return width and height of a PNG; previews in other formats count as squares of 128 pixels."""
    if data.startswith(PNG_SIGNATURE) and len(data) >= 24:
        width, height = struct.unpack(">II", data[16:24])
        return width, height
    return 128, 128
