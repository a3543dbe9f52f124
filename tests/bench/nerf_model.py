"""The shipped scene, opened as the program opens it."""

from functools import cache
from typing import Any

from tests.bench.engine import opened

MODEL = "nerf/glossy"


@cache
def open_scene_engine() -> Any:
    """The engine of the shipped scene."""
    return opened(MODEL)
