"""Where the pictures of a step lie: a large one, and beside it one or two small ones that stand on the same line."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QRectF

ROOM_SHARE: Final = 0.96  # pictures need air around them
SMALL_SHARE: Final = 0.62  # of the height of the large one
GAP_PX: Final = 32.0


def arrange(aspects: Sequence[float], width_px: float, height_px: float, label_px: float) -> list[QRectF]:
    """As large as they fit, in the middle; the first is the large one.

    Args:
        aspects: width over height of each picture, one to three of them.
        label_px: the room that each of them needs for the words under it.
    """
    room_x, room_y = width_px * ROOM_SHARE, height_px * ROOM_SHARE - label_px
    small = _small_heights(len(aspects))
    widest = max((share * aspect for share, aspect in zip(small, aspects[1:], strict=True)), default=0.0)
    gap = GAP_PX if small else 0.0
    height = max(min(room_y, (room_x - gap) / (aspects[0] + widest)), 1.0)
    stack_gap = label_px + GAP_PX / 2
    heights = [_fitted(share, height, stack_gap, len(small)) for share in small]
    small_widths = [own * aspect for own, aspect in zip(heights, aspects[1:], strict=True)]
    column = max(small_widths, default=0.0)
    left = (width_px - height * aspects[0] - gap - column) / 2
    top = (height_px - height - label_px) / 2
    places = [QRectF(round(left), round(top), round(height * aspects[0]), round(height))]
    bottom = places[0].bottom()
    for own, own_width in zip(reversed(heights), reversed(small_widths), strict=True):
        x = left + height * aspects[0] + gap + (column - own_width) / 2
        places.insert(1, QRectF(round(x), round(bottom - own), round(own_width), round(own)))
        bottom -= own + stack_gap
    return places


def _small_heights(n_pictures: int) -> list[float]:
    """The heights of the small pictures as shares of the large one's."""
    return {1: [], 2: [SMALL_SHARE], 3: [0.5, 0.5]}[n_pictures]


def _fitted(share: float, height: float, stack_gap: float, n_small: int) -> float:
    """Two small pictures give up the room of the words between them."""
    return max(share * height - (stack_gap / 2 if n_small > 1 else 0.0), 1.0)
