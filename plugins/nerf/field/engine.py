"""A scene ready to be drawn: the network itself, what is baked from it, and what still learns.

H W pixels.
"""

from collections.abc import Generator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final, Self

import numpy as np

from studio.api.engine import Device, ModelSource
from studio.api.kernel import use_threads
from studio.core.error import UserError
from studio.core.translation import N_
from studio.core.view import State

from ..shared.camera.viewpoint import TIME
from ..shared.engine import PicturePlan, ViewEngine
from ..shared.marks import Marks
from ..shared.state import TRAINING, SceneFacts, View
from ..splats.model.page import page_of, write_page
from .bake.bricks import BrickVolume
from .box import BOX, Box, box_of_state, box_state
from .model.field import RadianceField
from .params import FieldParams
from .photos.photos import Photos
from .photos.reader import PhotoReading
from .photos.views import (
    ByteArray,
    PhotoPair,
    PhotoViews,
    photo_pair,
    photos_of,
    shown_photos,
    views_of,
    views_of_cameras,
)
from .render.coarse_fine import coarse_and_fine
from .render.crop import box_round, cropped_grid
from .render.ray_samples import RaySamples, inspect_ray
from .render.renderer import OpenScene, SceneRenderer, open_scene, scene_of_parts
from .state import LIGHT, BakeProgress, FieldRequest, Taking
from .take.plan import FloorPlan, floor_plan
from .take.taking import as_splats, take_home
from .training_registry import TRAININGS

MAX_LIT: Final = 3
"""Lights of a scene that are kept baked, some ten to ninety MB each; others wait on the disk."""


class FieldEngine(ViewEngine):
    """One scene on one device."""

    measure = "samples a ray"
    drawing: SceneRenderer

    def __init__(self, source: ModelSource, scene: OpenScene, n_threads: int) -> None:
        self.source = source
        self._n_threads = n_threads
        self.scene = scene
        self._in_lights: dict[float, SceneRenderer] = {}
        self.light = 1.0
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
        del self.scene, self.drawing, self._in_lights

    @property
    def facts(self) -> SceneFacts:
        """Where the scene lies and from where it was photographed."""
        return self.scene.facts

    @property
    def known_facts(self) -> SceneFacts | None:
        """The same, None in the tab of a training that has not begun."""
        return self.facts if self._is_placed else None

    # Lights

    def light_up(self, light: float) -> SceneRenderer:
        """Draw the scene in a light from now on, where it has several; of the last ones that were baked a few are kept.

        Returns what draws it.
        """
        self.light = light
        if self.scene.lights is not None and not self.scene.is_unfinished:
            kept = {one: drawing for one, drawing in self._in_lights.items() if one != light and drawing.volume}
            while len(kept) >= MAX_LIT:
                kept.pop(next(iter(kept)))
            drawing = self._in_lights.get(light) or SceneRenderer(self.source, self.scene.lit(light), light)
            drawing.crop(self.drawing.box)
            self._in_lights = {**kept, light: drawing}
            self.drawing = drawing
        return self.drawing

    def _plan(self, params: FieldParams, start: State | None) -> PicturePlan:
        """A frame of a scene that has lights, or moves, has its light and its time beside its camera."""
        self.prepare()
        light, time = (_of_frame(name, start, getattr(params, name)) for name in (LIGHT, TIME))
        self.light_up(light)
        if self.scene.lights is not None and not light.is_integer():
            params = replace(params, quality="network")  # a film through the lights would bake each of its pictures
        plan = super()._plan(replace(params, time=time) if self.scene.is_moving else params, start)
        more = {LIGHT: light} if self.scene.lights is not None and not self.scene.is_unfinished else {}
        more |= {TIME: time} if self.scene.is_moving else {}
        return replace(plan, state={**plan.state, **{name: np.array([one], np.float32) for name, one in more.items()}})

    def draft(self, request: FieldRequest) -> View:
        """Draw a camera that moves."""
        self.light_up(request.light)
        return super().draft(request)

    def refined(self, request: FieldRequest) -> Iterator[View | None]:
        """Draw a camera that rests, finer and finer."""
        self.light_up(request.light)
        yield from super().refined(request)

    def box(self) -> Box:
        """The box round all of the scene."""
        return box_round(self.scene.field.occupancy)

    def plan(self, box: Box, up: str) -> FloorPlan:
        """What stands where, seen from above along the axis that points up."""
        occupancy = self.scene.field.occupancy
        return floor_plan(cropped_grid(occupancy, box) if box else occupancy, up)

    def own_state(self, start: State | None) -> State:
        """Draw what the box leaves that the state of a frame has, else the present one."""
        if start is not None and BOX in start:
            self.drawing.crop(box_of_state(start))
        return box_state(self.drawing.box)

    # The viewport

    def bake(self, light: float = 1.0) -> Generator[BakeProgress, None, BakeProgress]:
        """Bake the scene or take it from the cache; yields how far it has come, and returns where it ended."""
        drawing = self.light_up(light)
        for _ in drawing.bake():
            yield replace(drawing.news, light=light)
        return replace(drawing.news, light=light)

    def volume(self, light: float) -> BrickVolume | None:
        """What is baked in a light, as far as it has come."""
        return self.light_up(light).volume

    def read_views(self) -> Generator[PhotoReading, None, PhotoViews | None]:
        """Read the photos from which the scene was learnt; returns None where there are none."""
        live = TRAININGS.live(self._training_id)
        self._photos = shown_photos(live.lesson.photos) if live else (yield from photos_of(self.source))
        if self._photos is not None:
            return views_of(self._photos, self.facts.extent)
        return views_of_cameras(self.source.card.get("cameras", ()), self.facts.extent)

    def photo_pair(self, index: int) -> PhotoPair:
        """The photo with this number beside our picture of the same view."""
        if self._photos is None:
            raise UserError(N_("The photos of this scene are not on this computer."))
        live, time = TRAININGS.live(self._training_id), float(self._photos.time[index])
        pair = photo_pair(self._photos, index, live.learner.field().at(time) if live else self._field_of_photo(index))
        return replace(pair, left_out=self._left_out(index))

    def _field_of_photo(self, index: int) -> RadianceField:
        """The scene at the time and in the light of a photo; in the present light where that is not known."""
        scene, photos = self.scene, self._photos
        if photos is None:
            return scene.field
        if scene.lights is not None:
            light = scene.lights.number_of(photos.lighting[index] if photos.lighting else photos.names[index])
            scene = scene.lit(self.light if light is None else light)
        return scene.field_at(float(photos.time[index]))

    def _left_out(self, index: int) -> ByteArray | None:
        """How much less than in full a photo counted, where the scene was learnt from it."""
        parts, photos = self.scene.parts, self._photos
        if parts is None or parts.left_out is None or photos is None or photos.split[index] != "train":
            return None
        number = int((photos.split[:index] == "train").sum())
        return parts.left_out[number] if number < len(parts.left_out) else None

    def inspect(self, request: FieldRequest, x: float, y: float, is_original: bool = False) -> RaySamples:
        """What lies along the ray through a place of the picture, x and y in 0..1.

        Where it `is_original`, at the places at which the original NeRF looks.
        """
        self.light_up(request.light)
        rays = request.camera.ray_grid(request.width, request.height, request.near)
        direction = rays.to_direction @ np.array([x * rays.width, y * rays.height, 1], np.float32)
        unit = np.asarray(direction / np.linalg.norm(direction), np.float32)
        look = coarse_and_fine if is_original else inspect_ray
        return look(self.drawing.field_of(request), rays.origin, unit, request.near)

    def take_home(self, path: Path, request: FieldRequest, taking: Taking) -> int:
        """Write the field that a request shows, or its depths, with pauses; returns how many parts that has."""
        self.prepare(not request.is_learning)
        self.light_up(request.light)
        return take_home(path, self.drawing.field_of(request), self.facts, request, taking)

    def write_page(self, path: Path, request: FieldRequest, marks: Marks) -> int:
        """Write the field that a request shows as splats in a web page, with pauses; returns how many there are."""
        self.prepare(not request.is_learning)
        self.light_up(request.light)
        splats = as_splats(self.drawing.field_of(request), self.facts)
        return write_page(path, splats, page_of(self.source, self.facts, request, marks))

    def prepare(self, is_still: bool = False) -> None:
        """In the tab of a training, know where its scene is, and take over what it came to whenever it rests.

        Where it `is_still` to be seen while it does not rest yet, as between its last step and the measuring, that is
        what it has learnt by now.
        """
        use_threads(self._n_threads)  # here, since each thread counts its own and a model is opened on another one
        live, rested = TRAININGS.live(self._training_id), TRAININGS.take_rested(self._training_id)
        self._is_placed |= live is not None or rested is not None
        if rested is None and live is not None and is_still:
            rested = TRAININGS.by_now(live)
        if rested is not None:
            self.scene = scene_of_parts(*rested, is_unfinished=True)
            self.drawing, self._in_lights = SceneRenderer(self.source, self.scene), {}
        elif live is not None:
            self.scene = replace(self.scene, facts=live.facts)


def _of_frame(name: str, state: State | None, otherwise: float) -> float:
    return otherwise if state is None or name not in state else float(state[name][0])
