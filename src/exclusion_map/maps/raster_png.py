"""Write PNG files with a palette: small ones, quickly.

Pillow takes more than five times as long for a tile (1.1 ms against 0.2 ms for 256 pixels of London
at zoom 10, same size): it filters rows, which does not help flat colours, and has no fast deflate.
Format: W3C PNG, third edition.
"""

import struct

import numpy as np
import numpy.typing as npt
from isal import isal_zlib

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PALETTE = 3
_LEVEL = 2
"""Of 0 to 3: level 3 takes twice as long for two percent."""
_FEW = 16
"""So many colours fit into four bits."""


def palette_png(pixels: npt.NDArray[np.uint8], colours: tuple[str, ...]) -> bytes:
    """Return a picture as PNG in which colour 0 is transparent.

    Args:
        pixels: shape (height, width), each the position of a colour.
        colours: at most 256 as ``#rrggbb``; what stands first is not seen.
    """
    height, width = pixels.shape
    bits = 4 if len(colours) <= _FEW else 8
    rows = _packed(pixels) if bits == 4 else pixels
    # Each row starts with a byte that names its filter; 0 = none.
    filtered = np.zeros((height, rows.shape[1] + 1), dtype=np.uint8)
    filtered[:, 1:] = rows
    palette = b"".join(bytes.fromhex(colour[1:]) for colour in colours)
    return b"".join(
        (
            _SIGNATURE,
            _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, _PALETTE, 0, 0, 0)),
            _chunk(b"PLTE", palette),
            _chunk(b"tRNS", b"\0"),
            _chunk(b"IDAT", isal_zlib.compress(filtered, _LEVEL)),
            _chunk(b"IEND", b""),
        )
    )


def _packed(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Return two pixels a byte, the left one in the high bits."""
    if pixels.shape[1] % 2:
        pixels = np.pad(pixels, ((0, 0), (0, 1)))
    packed: npt.NDArray[np.uint8] = (pixels[:, ::2] << np.uint8(4)) | pixels[:, 1::2]
    return packed


def _chunk(kind: bytes, data: bytes) -> bytes:
    return (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", isal_zlib.crc32(kind + data))
    )
