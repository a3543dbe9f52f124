"""The calls that the panel sends to its engine; what computes stays behind it, where only the Lane goes."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from studio.core.frame import Frame
from studio.core.near_picture import Nearest
from studio.core.path.position import Position
from studio.core.picture import fit_square, read_picture
from studio.core.view import Image, State

from ..params import DiffusionParams
from ..scene import ByteArray
from ..state import StudyProgress, StudyRequest

if TYPE_CHECKING:
    from ..engine import DiffusionEngine

WHITE: Final = (255, 255, 255)


def draw_draft(engine: "DiffusionEngine", params: DiffusionParams, start: State | None) -> Frame:
    """The last frame of a quick run."""
    return engine.draft(params, start)


def own_picture(engine: "DiffusionEngine", source: Path | ByteArray) -> ByteArray:
    """A person's picture, from a file or as pixels (H, W, 3), in the size of the model."""
    rgb = read_picture(source).rgb if isinstance(source, Path) else source
    return fitted(rgb, engine.size)


def predicted_x0(engine: "DiffusionEngine", params: DiffusionParams, state: State) -> Image | None:
    """What is believed in at a frame, decoded in full."""
    return engine.x0_prediction(params, state)


def nearest_picture(engine: "DiffusionEngine", pixels: ByteArray) -> Nearest | None:
    """The training pictures that come nearest to a finished picture; None where none are shipped."""
    return engine.nearest(pixels)


def position_at(engine: "DiffusionEngine", params: DiffusionParams) -> Position:
    """The words and the noise of a run, as a keyframe holds them."""
    return engine.place_of(params)


def run_study(
    engine: "DiffusionEngine", request: StudyRequest, params: DiffusionParams, start: State | None
) -> Iterator[StudyProgress]:
    """Where a study stands, after every step of the network."""
    return engine.study(request, params, start)


def positions_at(engine: "DiffusionEngine", of: Sequence[DiffusionParams]) -> list[Position]:
    """The words and the noise of several runs."""
    return [engine.place_of(params) for params in of]


def fitted(rgb: ByteArray, size: tuple[int, int]) -> ByteArray:
    """The middle of a picture (h, w, 3), as much of it as has the shape of `size` (H, W), in that size."""
    scale = min(rgb.shape[0] / size[0], rgb.shape[1] / size[1])
    kept = [max(1, round(side * scale)) for side in size]
    part = _middle(rgb, kept[0], kept[1])
    return _middle(fit_square(part, max(size), WHITE), *size)


def _middle(picture: ByteArray, height: int, width: int) -> ByteArray:
    top, left = (picture.shape[0] - height) // 2, (picture.shape[1] - width) // 2
    return np.ascontiguousarray(picture[top : top + height, left : left + width])
