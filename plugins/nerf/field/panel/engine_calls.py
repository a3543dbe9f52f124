"""The calls that the panel sends to its engine; what computes stays behind it, where only the Lane goes."""

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING

from studio.core.frame import Frame
from studio.core.view import State

from ..camera.camera import Camera
from ..params import FieldParams
from ..state import BakeProgress, View, ViewRequest

if TYPE_CHECKING:
    from ..bake.bricks import BrickVolume
    from ..engine import FieldEngine
    from ..photos.reader import PhotoReading
    from ..photos.views import PhotoPair, PhotoViews
    from ..render.ray_samples import RaySamples
    from ..state import SceneFacts


def scene_facts(engine: "FieldEngine") -> "SceneFacts":
    """What is known about the scene once its file has been read."""
    return engine.facts


def draw_view(engine: "FieldEngine", request: ViewRequest) -> View:
    """Draw a picture of a camera that moves."""
    return engine.draft(request)


def draw_rest(engine: "FieldEngine", request: ViewRequest) -> Iterator[View | None]:
    """Draw finer and finer pictures of a camera that rests."""
    return engine.refined(request)


def draw_run(engine: "FieldEngine", params: FieldParams, camera: Camera | None) -> Iterator[Frame]:
    """Draw the picture that the parameters ask for, at the seed's viewpoint or another one."""
    start: State | None = None if camera is None else dict(camera.position())
    return engine.generate(params, start)


def bake_scene(engine: "FieldEngine") -> Generator[BakeProgress, None, BakeProgress]:
    """Bake the scene, coarse to fine; yields how far it has come, and returns where it ended."""
    return engine.bake()


def baked_volume(engine: "FieldEngine") -> "BrickVolume | None":
    """What is baked so far; None before there is anything."""
    return engine.drawing.volume


def read_views(engine: "FieldEngine") -> "Generator[PhotoReading, None, PhotoViews | None]":
    """Read the photos from which the scene was learnt; returns None where there are none."""
    return engine.read_views()


def compare_photo(engine: "FieldEngine", index: int) -> "PhotoPair":
    """Draw the view of a photo, and measure how near it comes."""
    return engine.photo_pair(index)


def inspect_pixel(engine: "FieldEngine", request: ViewRequest, x: float, y: float) -> "RaySamples":
    """What lies along the ray through a place of the picture, x and y in 0..1."""
    return engine.inspect(request, x, y)
