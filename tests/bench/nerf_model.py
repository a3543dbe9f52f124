"""The shipped scene, opened as the program opens it."""

from functools import cache
from typing import Any

from studio.compute.device import choose_device
from studio.registry.catalog import Catalog

MODEL = "nerf/glossy"


@cache
def open_scene_engine() -> Any:
    """The engine of the shipped scene."""
    catalog = Catalog()
    return catalog.open_engine(catalog.find_model(MODEL).source, choose_device())
