"""What a hand does over a picture, in plain numbers, so that those who steer by it need no Qt."""

from dataclasses import dataclass
from typing import Literal

ButtonName = Literal["left", "middle", "right", "none"]
Modifier = Literal["shift", "ctrl", "alt"]


@dataclass(frozen=True)
class Pointer:
    """A press, a move or a release of the pointer.

    Attributes:
        x_px, y_px: from the view's upper left corner, in device-independent pixels.
        button: which one went down or up; "none" for a move.
        buttons: those that are down now.
        time_s: of the event, from `time.perf_counter`.
    """

    x_px: float
    y_px: float
    button: ButtonName
    buttons: frozenset[ButtonName]
    modifiers: frozenset[Modifier]
    time_s: float


@dataclass(frozen=True)
class Wheel:
    """A turn of the wheel at a place of the view; notches are positive away from the person, parts on touch pads."""

    x_px: float
    y_px: float
    notches: float
    modifiers: frozenset[Modifier]
    time_s: float


@dataclass(frozen=True)
class Key:
    """A key went down or up: "w", "left", "space", "[" …; those that only repeat are not told."""

    name: str
    modifiers: frozenset[Modifier]
    time_s: float
