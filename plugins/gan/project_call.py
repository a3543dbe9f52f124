"""The calls that bring a person's own picture to the engine of people; torch stays behind them."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from studio.core.frame import Frame
from studio.core.picture import read_picture

from .people_scene import PeopleScene

if TYPE_CHECKING:
    from .people_engine import PeopleEngine

ByteArray = npt.NDArray[np.uint8]


def read_path(engine: "PeopleEngine", path: Path) -> ByteArray:
    """The picture in a file, square and of the model's size (H, W, 3); raises UserError where it cannot be read."""
    return read_pixels(engine, read_picture(path).rgb)


def read_pixels(engine: "PeopleEngine", rgb: ByteArray) -> ByteArray:
    """A picture (H, W, 3), square and of the model's size."""
    from .project_run import squared

    return squared(rgb, engine.generator.size_px)


def search(engine: "PeopleEngine", target: ByteArray, scene: PeopleScene) -> Iterator[Frame]:
    """Look for a picture (H, W, 3) of the model's size, with the noise of a scene."""
    from .project_run import project

    return project(engine, target, scene.params.seed, scene.params.noise, scene.noise_seed)
