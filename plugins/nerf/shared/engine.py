"""An engine that draws one scene from any camera, whatever the scene is made of.

H W pixels.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, Final, Protocol, TypeAlias

import numpy as np

from studio.api.engine import AMOUNT_COLOURS, Engine, ModelSource
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.translation import N_
from studio.core.view import Image, State

from .band import PictureSteps
from .camera.camera import Camera, camera_from_position
from .camera.ray import RayGrid, Rendering
from .camera.viewpoint import UP, seed_camera
from .panorama import PanoramaSteps
from .shading import PictureLook, picture_look_of, shaded
from .state import SceneFacts, Stage, View

PASS: Final = "pass"
"""Where the state of a frame names how far its picture has come."""

RenderedStage: TypeAlias = tuple[Rendering, Stage, float]
"""A picture, how it was drawn, and how much of it is done."""


class Drawing(Protocol):
    """What draws a scene.

    Attributes:
        share: the part of the scene that its last picture was made from, 0..1.
    """

    share: float

    def moving(self, request: Any) -> tuple[Rendering, Stage]:
        """A picture within a few hundredths of a second."""

    def resting(self, request: Any) -> Iterator[RenderedStage | None]:
        """Finer and finer pictures; None between two parts of one."""

    def steps(self, params: Any, rays: RayGrid) -> PictureSteps:
        """How a picture for a file comes about, the same bits every time."""


@dataclass(frozen=True, eq=False)
class PicturePlan:
    """What one picture is drawn from.

    Attributes:
        measure: the name of the mean of what was counted.
        state: what its frames are drawn from again, but for how far they are.
    """

    camera: Camera
    look: PictureLook
    steps: PictureSteps
    measure: str
    state: State

    def frame(self, step: int, found: Rendering) -> Frame:
        """The picture after a step."""
        label = N_("Part {i} of {n}").format(i=step + 1, n=len(self.steps))
        views = {"picture": Image(shaded(found, self.look))}
        scalars = {self.measure: float(found.n_samples.mean())}
        return Frame(step, len(self.steps), label, views, scalars, {**self.state, PASS: np.array(step)})


class ViewEngine(Engine):
    """One scene on one device. A kind says what `facts` and `drawing` are, and what is counted in `measure`."""

    source: ModelSource
    drawing: Drawing
    measure: ClassVar[str]

    @property
    def facts(self) -> SceneFacts:
        """Where the scene lies."""
        raise NotImplementedError

    @property
    def known_facts(self) -> SceneFacts | None:
        """The same, None as long as nobody knows."""
        return self.facts

    def prepare(self, is_still: bool = False) -> None:
        """Be ready to draw on the calling thread; `is_still` where the model's own scene is to be seen."""

    def generate(self, params: Any, start: State | None = None) -> Iterator[Frame]:
        """Draw one picture, coarse at first, then row by row from the middle; `start` is a camera's position.

        Each frame has the camera as its state, and how far the picture has come.
        """
        first = 0 if start is None or PASS not in start else int(start[PASS])
        plan = self._plan(params, start)
        if not 0 <= first < len(plan.steps):
            raise UserError(N_("This saved view belongs to another scene."))
        for step, found in enumerate(plan.steps.from_step(first), first):
            yield plan.frame(step, found)

    def run_to_end(self, params: Any, start: State | None = None) -> Iterator[Frame | None]:
        """Draw the last of these frames alone, to the same bits."""
        plan = self._plan(params, start)
        for found in plan.steps.to_end():
            yield None if found is None else plan.frame(len(plan.steps) - 1, found)

    def _plan(self, params: Any, start: State | None) -> PicturePlan:
        self.prepare()
        facts = self.facts
        start_or_seed = seed_camera(facts.home, params.seed, facts.up).position() if start is None else start
        camera = camera_from_position(start_or_seed)  # rounded alike, so that a frame is drawn again to the bit
        look = picture_look_of(params, *facts.extent.depths(camera), AMOUNT_COLOURS)
        state = {**camera.position(), **self.own_state(start)}
        return PicturePlan(camera, look, self._steps(params, camera), self.measure, state)

    def _steps(self, params: Any, camera: Camera) -> PictureSteps:
        draw = partial(self.drawing.steps, params)
        if params.shape == "around":
            return PanoramaSteps(camera, UP[self.facts.up], params.width, params.near, draw)
        return draw(camera.ray_grid(params.width, params.height, params.near))

    def own_state(self, start: State | None) -> State:
        """Draw the scene as the state of a frame says, and return what that adds to the camera."""
        return {}

    def draft(self, request: Any) -> View:
        """Draw a camera that moves."""
        started = time.perf_counter()
        self.prepare(not request.is_learning)
        found, stage = self.drawing.moving(request)
        return self._view(request, found, stage, started)

    def refined(self, request: Any) -> Iterator[View | None]:
        """Draw a camera that rests: finer and finer pictures, with pauses of None between parts of one."""
        started = time.perf_counter()
        self.prepare(not request.is_learning)
        for drawn in self.drawing.resting(request):
            yield None if drawn is None else self._view(request, *drawn[:2], started, drawn[2])
            if drawn is not None and drawn[2] == 1:
                started = time.perf_counter()

    def _view(self, request: Any, found: Rendering, stage: Stage, started: float, fraction: float = 1.0) -> View:
        pixels, depth = shaded(found, request.look), found.depth.copy()
        n_samples, seconds = float(found.n_samples.mean()), time.perf_counter() - started
        return View(request, pixels, depth, stage, seconds, n_samples, fraction, self.known_facts, self.drawing.share)
