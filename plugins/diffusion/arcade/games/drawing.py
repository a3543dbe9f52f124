"""Flat shapes with soft edges, and digits, drawn into many small pictures at once.

Shape letters: N pictures, H W pixels; lengths in pixels, the corner of the first pixel is (0, 0).
"""

from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float32]
Pictures: TypeAlias = npt.NDArray[np.uint8]
Colour: TypeAlias = tuple[int, int, int]
SIDE_PX: Final = 64
DIGIT_WIDTH: Final = 5
DIGIT_HEIGHT: Final = 7
_ROWS: Final = (
    "01110 00100 01110 11110 00010 11111 01110 11111 01110 01110",
    "10001 01100 10001 00001 00110 10000 10000 00001 10001 10001",
    "10001 00100 00001 00001 01010 11110 10000 00010 10001 10001",
    "10001 00100 00010 01110 10010 00001 11110 00100 01110 01111",
    "10001 00100 00100 00001 11111 00001 10001 00100 10001 00001",
    "10001 00100 01000 00001 00010 10001 10001 01000 10001 00001",
    "01110 01110 11111 11110 00010 01110 01110 01000 01110 01110",
)
DIGITS: Final[Floats] = np.array(
    [[[float(dot) for dot in row.split()[digit]] for row in _ROWS] for digit in range(10)], np.float32
)
"""(10, 7, 5) how much of each dot is ink."""
_CENTRES: Final = np.arange(SIDE_PX, dtype=np.float32) + 0.5


def disc(x: Floats, y: Floats, radius: float) -> Floats:
    """How much of each pixel discs with these centres (N,) cover, (N, H, W) of 0..1."""
    across, down = _CENTRES - x[:, None], _CENTRES - y[:, None]  # (N, W), (N, H)
    distance = np.sqrt(across[:, None, :] ** 2 + down[:, :, None] ** 2)
    return np.clip(radius - distance + 0.5, 0, 1).astype(np.float32)


def box(left: Floats, top: Floats, right: Floats, bottom: Floats) -> Floats:
    """How much of each pixel boxes with these edges (N,) cover, (N, H, W) of 0..1."""
    return _span(top, bottom)[:, :, None] * _span(left, right)[:, None, :]


def _span(first: Floats, last: Floats) -> Floats:
    covered = np.minimum(_CENTRES + 0.5, last[:, None]) - np.maximum(_CENTRES - 0.5, first[:, None])
    return np.clip(covered, 0, 1).astype(np.float32)


def paint(canvas: Floats, covered: Floats, colour: Colour) -> None:
    """Lay a colour over pictures (N, H, W, 3) as far as each pixel is covered (N, H, W)."""
    at = np.nonzero(covered)
    canvas[at] += covered[at][:, None] * (np.array(colour, np.float32) - canvas[at])


def write_number(canvas: Floats, numbers: npt.NDArray[np.int64], places: tuple[tuple[int, int], ...], colour: Colour):
    """Write numbers (N,) into pictures (N, H, W, 3), their last digit at the last (left, top) of `places`."""
    for power, (left, top) in enumerate(reversed(places)):
        ink = DIGITS[numbers // 10**power % 10]
        paint(canvas[:, top : top + DIGIT_HEIGHT, left : left + DIGIT_WIDTH], ink, colour)


def blank(n: int, colour: Colour) -> Floats:
    """Pictures (N, H, W, 3) of one colour."""
    return np.tile(np.array(colour, np.float32), (n, SIDE_PX, SIDE_PX, 1))


def as_bytes(canvas: Floats) -> Pictures:
    """Pictures (N, H, W, 3) of 0..255 as whole numbers."""
    return np.clip(np.rint(canvas), 0, 255).astype(np.uint8)
