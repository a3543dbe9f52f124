"""How large pictures are drawn that are sharp at any size; known without torch."""

from typing import Final

from studio.core.frame import Frame
from studio.core.view import Image, View

FULL_PX: Final = 512
SKETCH_PX: Final = 256
"""While a hand drags, so that the picture keeps up."""


def is_sharp(view: View | None) -> bool:
    """Whether a picture was drawn larger than the network that reads pictures sees them."""
    return isinstance(view, Image) and view.pixels.shape[0] >= SKETCH_PX


def is_sketch(frame: Frame) -> bool:
    """Whether what it shows can be drawn sharper."""
    view = frame.views.get("picture")
    return is_sharp(view) and isinstance(view, Image) and view.pixels.shape[0] < FULL_PX
