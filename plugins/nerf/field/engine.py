"""A scene ready to be drawn: the network itself, what is baked from it, and what still learns.

H W pixels.
"""

import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace
from typing import Final, Self

import numpy as np

from studio.api.engine import AMOUNT_COLOURS, Device, Engine, ModelSource
from studio.api.kernel import use_threads
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.translation import N_
from studio.core.view import Image, State

from .camera.camera import Camera, camera_from_position
from .camera.ray import Rendering
from .camera.viewpoint import seed_camera
from .params import FieldParams
from .photos.photos import Photos
from .photos.reader import PhotoReading
from .photos.views import PhotoPair, PhotoViews, photo_pair, photos_of, shown_photos, views_of, views_of_cameras
from .render.band import Steps
from .render.ray_samples import RaySamples, inspect_ray
from .render.renderer import OpenScene, SceneRenderer, open_scene, scene_of_parts
from .render.shading import PictureLook, picture_look_of, shaded
from .state import TRAINING, BakeProgress, SceneFacts, Stage, View, ViewRequest
from .training_registry import learnt_by_now, live_lesson, take_rested

PASS: Final = "pass"
"""Where the state of a frame names how far its picture has come."""


@dataclass(frozen=True, eq=False)
class PicturePlan:
    """What one picture is drawn from."""

    camera: Camera
    look: PictureLook
    steps: Steps

    def frame(self, step: int, found: Rendering) -> Frame:
        """The picture after a step."""
        label = N_("Part {i} of {n}").format(i=step + 1, n=len(self.steps))
        views = {"picture": Image(shaded(found, self.look))}
        scalars = {"samples a ray": float(found.n_samples.mean())}
        return Frame(step, len(self.steps), label, views, scalars, {**self.camera.position(), PASS: np.array(step)})


class FieldEngine(Engine):
    """One scene on one device."""

    def __init__(self, source: ModelSource, scene: OpenScene, n_threads: int) -> None:
        self.source = source
        self._n_threads = n_threads
        self.scene = scene
        self.drawing = SceneRenderer(source, scene)
        self._photos: Photos | None = None
        self._training_id = str(source.card.get(TRAINING, ""))
        self._is_placed = not self._training_id  # whether it is known where the scene is

    @classmethod
    def open(cls, source: ModelSource, device: Device) -> Self:
        """Load the scene; raises UserError where the file is no good."""
        return cls(source, open_scene(source), device.n_threads)

    def close(self) -> None:
        """Free what it holds."""
        del self.scene, self.drawing

    @property
    def facts(self) -> SceneFacts:
        """Where the scene lies and from where it was photographed."""
        return self.scene.facts

    # The command line, paths and exports

    def generate(self, params: FieldParams, start: State | None = None) -> Iterator[Frame]:
        """Draw one picture, coarse at first, then row by row from the middle; `start` is a camera's position.

        Each frame has the camera as its state, and how far the picture has come.
        """
        first = 0 if start is None or PASS not in start else int(start[PASS])
        plan = self._plan(params, start)
        if not 0 <= first < len(plan.steps):
            raise UserError(N_("This saved view belongs to another scene."))
        for step, found in enumerate(plan.steps.from_step(first), first):
            yield plan.frame(step, found)

    def run_to_end(self, params: FieldParams, start: State | None = None) -> Iterator[Frame | None]:
        """Draw the last of these frames alone, to the same bits."""
        plan = self._plan(params, start)
        for found in plan.steps.to_end():
            yield None if found is None else plan.frame(len(plan.steps) - 1, found)

    def _plan(self, params: FieldParams, start: State | None) -> "PicturePlan":
        self._follow_training()
        camera = self._camera_of(params) if start is None else camera_from_position(start)
        rays = camera.ray_grid(params.width, params.height, params.near)
        look = picture_look_of(params, *self.facts.extent.depths(camera), AMOUNT_COLOURS)
        return PicturePlan(camera, look, self.drawing.steps(params.quality, rays, params.view == "normals"))

    def _camera_of(self, params: FieldParams) -> Camera:
        return seed_camera(self.facts.home, params.seed, self.facts.up)

    # The viewport

    def draft(self, request: ViewRequest) -> View:
        """Draw a camera that moves."""
        started = time.perf_counter()
        self._follow_training(is_still=not request.is_learning)
        found, stage = self.drawing.moving(request)
        return self._view(request, found, stage, started)

    def refined(self, request: ViewRequest) -> Iterator[View | None]:
        """Draw a camera that rests: finer and finer pictures, with pauses of None between parts of one."""
        started = time.perf_counter()
        self._follow_training(is_still=not request.is_learning)
        for drawn in self.drawing.resting(request):
            yield None if drawn is None else self._view(request, *drawn[:2], started, drawn[2])
            if drawn is not None and drawn[2] == 1:
                started = time.perf_counter()

    def bake(self) -> Generator[BakeProgress, None, BakeProgress]:
        """Bake the scene or take it from the cache; yields how far it has come, and returns where it ended."""
        for _ in self.drawing.bake():
            yield self.drawing.news
        return self.drawing.news

    def read_views(self) -> Generator[PhotoReading, None, PhotoViews | None]:
        """Read the photos from which the scene was learnt; returns None where there are none."""
        live = live_lesson(self._training_id)
        self._photos = shown_photos(live.lesson.photos) if live else (yield from photos_of(self.source))
        if self._photos is not None:
            return views_of(self._photos, self.facts.extent)
        return views_of_cameras(self.source.card.get("cameras", ()), self.facts.extent)

    def photo_pair(self, index: int) -> PhotoPair:
        """The photo with this number beside our picture of the same view."""
        if self._photos is None:
            raise UserError(N_("The photos of this scene are not on this computer."))
        live = live_lesson(self._training_id)
        return photo_pair(self._photos, index, live.learner.field() if live else self.scene.field)

    def inspect(self, request: ViewRequest, x: float, y: float) -> RaySamples:
        """What lies along the ray through a place of the picture, x and y in 0..1."""
        rays = request.camera.ray_grid(request.width, request.height, request.near)
        direction = rays.to_direction @ np.array([x * rays.width, y * rays.height, 1], np.float32)
        unit = np.asarray(direction / np.linalg.norm(direction), np.float32)
        return inspect_ray(self.drawing.field_of(request), rays.origin, unit, request.near)

    def _follow_training(self, is_still: bool = False) -> None:
        """In the tab of a training, know where its scene is, and take over what it came to whenever it rests.

        Where it `is_still` to be seen while it does not rest yet, as between its last step and the measuring, that is
        what it has learnt by now.
        """
        use_threads(self._n_threads)  # here, since each thread counts its own and a model is opened on another one
        live, rested = live_lesson(self._training_id), take_rested(self._training_id)
        self._is_placed |= live is not None or rested is not None
        if rested is None and live is not None and is_still:
            rested = learnt_by_now(live)
        if rested is not None:
            self.scene = scene_of_parts(*rested, is_unfinished=True)
            self.drawing = SceneRenderer(self.source, self.scene)
        elif live is not None:
            self.scene = replace(self.scene, facts=live.facts)

    def _view(
        self, request: ViewRequest, found: Rendering, stage: Stage, started: float, fraction: float = 1.0
    ) -> View:
        pixels, depth = shaded(found, request.look), found.depth.copy()
        n_samples, seconds = float(found.n_samples.mean()), time.perf_counter() - started
        return View(
            request, pixels, depth, stage, seconds, n_samples, fraction, self.facts if self._is_placed else None
        )
