"""A diffusion model ready to run: from noise, from a picture, from any frame of a run.

H W pixels.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final, Self

from studio.api.engine import Device, Engine, ModelSource
from studio.core.frame import Frame
from studio.core.near_picture import Nearest
from studio.core.position import Position
from studio.core.text import N_
from studio.core.view import Image, State, Tokens, View

from .blend import position_of
from .denoiser import DiffusionModel
from .figure import figures, label
from .params import SampleParams
from .picture_drawing import PictureDrawing, draw_belief, draw_dissolving
from .process import Cascade, Moment, moments
from .run import forward_frames, state_of
from .scene import ByteArray
from .sound_drawing import draw_sound
from .study_news import StudyNews, StudyRequest
from .study_run import study_news
from .view_name import WORDS
from .weights import open_model

DRAFT_STEPS: Final = 10


class DiffusionEngine(Engine):
    """One model on one device."""

    def __init__(self, source: ModelSource, model: DiffusionModel | Cascade) -> None:
        self.source = source
        self.model = model

    @classmethod
    def open(cls, source: ModelSource, device: Device) -> Self:
        """Load the model; raises UserError where the file is no good."""
        return cls(source, open_model(source, device))

    def close(self) -> None:
        """Free the weights."""
        del self.model

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of a finished picture in pixels, or (1, samples) of a sound."""
        model = self.model.stages[1] if isinstance(self.model, Cascade) else self.model
        return model.size

    def generate(self, params: SampleParams, start: State | None = None) -> Iterator[Frame]:
        """Yield a frame for every step, pure noise first and the finished one last.

        `start` is the state of a frame to go on from; or words and noise of a place of a path; or a person's picture
        with a strength or a mask (see `run`); or None.
        """
        return (frame for frame in self.generate_with_pauses(params, start) if frame is not None)

    def generate_with_pauses(self, params: SampleParams, start: State | None = None) -> Iterator[Frame | None]:
        """The same with None between the items of a batch, so that others get a turn."""
        drawing = PictureDrawing()
        for moment in self.moments(params, start):
            yield None if moment is None else _frame(moment, drawing)

    def moments(self, params: SampleParams, start: State | None = None) -> Iterator[Moment | None]:
        """The run itself, of which nothing is drawn."""
        return moments(self.model, params, start or {})

    def dissolve(self, params: SampleParams, start: State) -> Iterator[Frame]:
        """Yield a person's picture as it becomes noise; from the state of each frame a run goes on."""
        for index, step in enumerate(forward_frames(self.first_stage, params, start)):
            views = draw_dissolving(self.first_stage, step)
            scalars = figures(step, self.first_stage)
            label = N_("Dissolving")
            yield Frame(index, step.n_steps + 1, label, views=views, scalars=scalars, state=state_of(step))

    def believed(self, params: SampleParams, state: State) -> Image | None:
        """What a frame's network believes in, decoded in full where the frame itself only has a quick look at it."""
        moment = next((one for one in self.moments(params, state) if one is not None), None)
        return None if moment is None else draw_belief(moment.model, moment.steps)

    def study(self, request: StudyRequest, params: SampleParams, start: State | None) -> Iterator[StudyNews]:
        """Yield where a study stands, after every step of the network."""
        return study_news(self.model, request, params, start)

    def nearest(self, pixels: ByteArray) -> Nearest | None:
        """The training pictures that come nearest to a finished picture (H, W, 3); None where none are shipped."""
        from .nearest import nearest_to  # with the data sets, which a run does not need

        data_set = self.source.card.get("data_set", {})
        return nearest_to(pixels, str(data_set.get("name", "")))

    def place_of(self, params: SampleParams) -> Position:
        """What a keyframe holds: the words and the noise of a run."""
        return position_of(self.first_stage, params)

    @property
    def first_stage(self) -> DiffusionModel:
        """The model itself, or of two the first one."""
        return self.model.stages[0] if isinstance(self.model, Cascade) else self.model

    def draft(self, params: SampleParams, start: State | None = None) -> Frame:
        """The last frame of a run of a few steps and one item: what is shown while a hand moves."""
        quick = replace(params, steps=min(params.steps, DRAFT_STEPS), sampler="dpmpp_2m", batch=1)
        return list(self.generate(quick, start))[-1]


def _frame(moment: Moment, drawing: PictureDrawing) -> Frame:
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
