"""The calls that the panel sends to its engine; what computes stays behind it, where only the Lane goes."""

from pathlib import Path
from typing import TYPE_CHECKING

from studio.core.frame import Frame
from studio.core.near_picture import Nearest
from studio.core.picture import read_picture
from studio.core.position import Position
from studio.core.view import Image, State

from .own_picture import fitted
from .params import SampleParams
from .scene import ByteArray

if TYPE_CHECKING:
    from .engine import DiffusionEngine


def draw_draft(engine: "DiffusionEngine", params: SampleParams, start: State | None) -> Frame:
    """The last frame of a quick run."""
    return engine.draft(params, start)


def own_picture(engine: "DiffusionEngine", source: Path | ByteArray) -> ByteArray:
    """A person's picture, from a file or as pixels (H, W, 3), in the size of the model."""
    rgb = read_picture(source).rgb if isinstance(source, Path) else source
    return fitted(rgb, engine.size)


def believed(engine: "DiffusionEngine", params: SampleParams, state: State) -> Image | None:
    """What is believed in at a frame, decoded in full."""
    return engine.believed(params, state)


def nearest_picture(engine: "DiffusionEngine", pixels: ByteArray) -> Nearest | None:
    """The training pictures that come nearest to a finished picture; None where none are shipped."""
    return engine.nearest(pixels)


def place_of(engine: "DiffusionEngine", params: SampleParams) -> Position:
    """The words and the noise of a run, as a keyframe holds them."""
    return engine.place_of(params)
