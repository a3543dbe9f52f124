"""A diffusion model ready to run: from noise, from a picture, from any frame of a run.

H W pixels.
"""

from collections.abc import Generator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final, Self

from studio.api.engine import Device, ModelSource, PausingEngine
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.path.position import Position
from studio.core.pausing import result_of
from studio.core.translation import N_
from studio.core.view import Image, Nearest, State, Tokens, View
from studio.nn.pausing_layers import pause_between_layers

from ..pictures.frames import PictureDrawing, draw_dissolving, draw_x0_prediction
from ..pictures.model.few_step_model import FewStepModel
from ..sound.frames import draw_sound
from .adapters import adapters_of
from .few_step_file import open_few_step
from .few_steps import can_jump, drafted, jumping
from .model.batch_run import BatchStep, CascadeModels, batch_steps
from .model.denoiser import Adaptable, DiffusionModel, DiffusionStep
from .model.position import position_of
from .model.run import forward_frames, grid_of, state_of
from .model.steering import direction
from .params import MANY, DiffusionParams
from .scene import ByteArray
from .state import NOISE_LEFT, WORDS, X0_CHANGE, StudyProgress, StudyRequest
from .studies import study_progress
from .weights import open_model

BEYOND: Final = N_("Few steps have learnt guidance from 1 to 4, without words to avoid, from noise alone.")
LIVE_PX: Final = 256
"""How large a picture of one step is drawn, where it has no size of its own: 512 would take half of its time."""


class DiffusionEngine(PausingEngine):
    """One model on one device."""

    def __init__(
        self, source: ModelSource, model: DiffusionModel | CascadeModels, few_step: FewStepModel | None = None
    ) -> None:
        self.source = source
        self.model = model
        self.few_step = few_step
        stages = model.stages if isinstance(model, CascadeModels) else (model,)
        jumps = () if few_step is None else few_step.networks
        self.pauses = pause_between_layers(*(network for stage in stages for network in stage.networks), *jumps)

    @classmethod
    def open(cls, source: ModelSource, device: Device) -> Self:
        """Load the model; raises UserError where the file is no good."""
        model = open_model(source, device)
        return cls(source, model, open_few_step(source, model, device.torch_device))

    def close(self) -> None:
        """Free the weights."""
        del self.model, self.few_step

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of a finished picture in pixels, or (1, samples) of a sound."""
        model = self.model.stages[1] if isinstance(self.model, CascadeModels) else self.model
        return model.size

    def generate_with_pauses(self, params: DiffusionParams, start: State | None = None) -> Iterator[Frame | None]:
        """Yield a frame for every step, pure noise first and the finished one last.

        `start` is the state of a frame to go on from; or words and noise of a place of a path; or a person's picture
        with a strength or a mask (see `run`); or None.
        """
        drawing = PictureDrawing()
        for moment in self.moments(params, start):
            yield None if moment is None else _frame(moment, drawing)

    def moments(self, params: DiffusionParams, start: State | None = None) -> Iterator[BatchStep | None]:
        """The run itself, of which nothing is drawn.

        Raises:
            UserError: few steps are asked for that no network here has learnt.
        """
        start = start or {}
        if params.drawn_in == MANY:
            return batch_steps(self._adapted(params), params, start)
        if self.few_step is None:
            raise UserError(N_("This model only draws in many steps."), N_("Set “Draw in” to many steps."))
        if not can_jump(params, start):
            raise UserError(BEYOND, N_("Set “Draw in” to many steps."))
        asked = jumping(params)
        return batch_steps(self.few_step.along(grid_of(self.few_step, asked, start)), asked, start)

    def _adapted(self, params: DiffusionParams) -> DiffusionModel | CascadeModels:
        """The model with the adapters that are asked for."""
        adapters = adapters_of(params.adapters)
        if isinstance(self.model, Adaptable):
            return self.model.wearing(adapters)
        if adapters:
            raise _no_adapters()
        return self.model

    def check_direction(self, toward: str, away: str) -> None:
        """Raise UserError where no direction leads from one text to the other."""
        direction(self.first_stage.embed, toward, away)

    def check_adapter(self, path: Path) -> None:
        """Raise UserError where a file is no adapter that fits the model."""
        if not isinstance(self.model, Adaptable):
            raise _no_adapters()
        self.model.check_adapter(path)

    def dissolve(self, params: DiffusionParams, start: State) -> Iterator[Frame]:
        """Yield a person's picture as it becomes noise; from the state of each frame a run goes on."""
        for index, step in enumerate(forward_frames(self.first_stage, params, start)):
            views = draw_dissolving(self.first_stage, step)
            scalars = figures(step, self.first_stage)
            label = N_("Dissolving")
            yield Frame(index, step.n_steps + 1, label, views=views, scalars=scalars, state=state_of(step))

    def x0_prediction(self, params: DiffusionParams, state: State) -> Image | None:
        """What a frame's network believes in, decoded in full where the frame itself only has a quick look at it."""
        moment = next((one for one in self.moments(params, state) if one is not None), None)
        return None if moment is None else draw_x0_prediction(moment.model, moment.steps)

    def study(self, request: StudyRequest, params: DiffusionParams, start: State | None) -> Iterator[StudyProgress]:
        """Yield where a study stands, after every step of the network."""
        return study_progress(self._adapted(params), request, replace(params, drawn_in=MANY), start)

    def nearest(self, pixels: ByteArray) -> Nearest | None:
        """The training pictures that come nearest to a finished picture (H, W, 3); None where none are shipped."""
        from ..pictures.frames import nearest_to  # with the data sets, which a run does not need

        data_set = self.source.card.get("data_set", {})
        return nearest_to(pixels, str(data_set.get("name", "")))

    def place_of(self, params: DiffusionParams) -> Position:
        """What a keyframe holds: the words and the noise of a run."""
        return position_of(first_stage_of(self._adapted(params)), params)

    @property
    def first_stage(self) -> DiffusionModel:
        """The model itself, or of two the first one."""
        return first_stage_of(self.model)

    def draft(self, params: DiffusionParams, start: State | None = None) -> Frame:
        """The last frame of a run of a few steps and one item: what is shown while a hand moves."""
        return result_of(self.drafting(params, start))

    def drafting(self, params: DiffusionParams, start: State | None = None) -> Generator[None, None, Frame]:
        """The same as a generator that pauses in the midst of it, and returns that frame.

        Where the model has weights for few steps and they know what is asked for, they draw it, in one step where many
        are asked for.
        """
        quick = drafted(params, start, self.few_step is not None)
        is_live = quick.drawn_in != MANY
        drawing, last = PictureDrawing(LIVE_PX) if is_live else PictureDrawing(), None
        for moment in self.moments(quick, start):
            if moment is not None and (not is_live or moment.index == moment.n_frames - 1):
                last = _frame(moment, drawing)
            yield
        assert last is not None  # a run has a frame at least
        return last


def first_stage_of(model: DiffusionModel | CascadeModels) -> DiffusionModel:
    """A model itself, or of two the first one."""
    return model.stages[0] if isinstance(model, CascadeModels) else model


def _no_adapters() -> UserError:
    return UserError(N_("This model takes no adapters."), N_("Adapters change pipelines of Stable Diffusion."))


def _frame(moment: BatchStep, drawing: PictureDrawing) -> Frame:
    draw = drawing.views if moment.model.kind == "pictures" else draw_sound
    views: dict[str, View] = dict(draw(moment.model, moment.steps))
    if moment.condition.pieces:
        views[WORDS] = Tokens(moment.condition.pieces)
    return Frame(
        moment.index,
        moment.n_frames,
        label(moment.steps[0]),
        views=views,
        scalars=figures(moment.steps[0], moment.model),
        state=moment.state,
    )


def figures(step: DiffusionStep, model: DiffusionModel) -> dict[str, float]:
    """The figures of a step, by their names."""
    if step.k == step.n_steps:
        return {NOISE_LEFT: 0.0}
    _, sigma = model.schedule.alpha_sigma(step.time)
    found = {NOISE_LEFT: sigma**2}
    if step.before is not None and step.prediction is not None:
        found[X0_CHANGE] = float((step.prediction.x0 - step.before).float().square().mean().sqrt())
    return found


def label(step: DiffusionStep) -> str:
    """A few plain words for the timeline."""
    if step.k == 0:
        return N_("Pure noise")
    if step.k == step.n_steps:
        return N_("Finished")
    return N_("Step {k} of {n}").format(k=step.k, n=step.n_steps)
