"""The calls that the panel sends to its engine; what computes stays behind it, where only the Lane goes."""

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING

from studio.core.frame import Frame
from studio.core.view import State

from .bake_news import BakeNews
from .camera import Camera
from .params import SampleParams
from .view_request import View, ViewRequest

if TYPE_CHECKING:
    from .bricks import BrickVolume
    from .engine import NerfEngine
    from .photo_reader import Reading
    from .ray_inspection import RaySamples
    from .scene_facts import SceneFacts
    from .scene_photos import PhotoPair, PhotoViews


def scene_facts(engine: "NerfEngine") -> "SceneFacts":
    """What is known about the scene once its file has been read."""
    return engine.facts


def draw_view(engine: "NerfEngine", request: ViewRequest) -> View:
    """Draw a picture of a camera that moves."""
    return engine.draft(request)


def draw_rest(engine: "NerfEngine", request: ViewRequest) -> Iterator[View | None]:
    """Draw finer and finer pictures of a camera that rests."""
    return engine.refined(request)


def draw_run(engine: "NerfEngine", params: SampleParams, camera: Camera | None) -> Iterator[Frame]:
    """Draw the picture that the parameters ask for, at the seed's viewpoint or another one."""
    start: State | None = None if camera is None else dict(camera.position())
    return engine.generate(params, start)


def bake_scene(engine: "NerfEngine") -> Generator[BakeNews, None, BakeNews]:
    """Bake the scene, coarse to fine; yields how far it has come, and returns where it ended."""
    return engine.bake()


def baked_volume(engine: "NerfEngine") -> "BrickVolume | None":
    """What is baked so far; None before there is anything."""
    return engine.drawing.volume


def read_views(engine: "NerfEngine") -> "Generator[Reading, None, PhotoViews | None]":
    """Read the photos from which the scene was learnt; returns None where there are none."""
    return engine.read_views()


def compare_photo(engine: "NerfEngine", index: int) -> "PhotoPair":
    """Draw the view of a photo, and measure how near it comes."""
    return engine.photo_pair(index)


def inspect_pixel(engine: "NerfEngine", request: ViewRequest, x: float, y: float) -> "RaySamples":
    """What lies along the ray through a place of the picture, x and y in 0..1."""
    return engine.inspect(request, x, y)
