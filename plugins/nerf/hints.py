"""What the line under the canvas says a hand can do."""

from typing import Final

from studio.core.text import N_

HINTS: Final = {
    "orbit": N_(
        "Drag to orbit · right-drag to pan · wheel to come closer · double-click to set the centre · F to fly"
    ),
    "fly": N_("W A S D to move · Q and E for down and up · drag to look about · wheel for the speed · F to orbit"),
    "photos": N_("Click a pyramid to look through its photo · [ and ] for the one before and after · drag to leave"),
}
"""By the camera's mode."""
