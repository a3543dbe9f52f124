"""Shows a training as frames: losses, pictures of the averaged weights, held-out figures; saves and resumes it."""

import time
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol, TypeAlias

import torch
from torch import Tensor, nn

from studio.compute.checkpoint import check_room, checkpoint_bytes, parse_checkpoint, save_checkpoint
from studio.compute.curve import Curve
from studio.compute.distributed import current_ranks
from studio.compute.training import DivergedError, TrainStep
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.learning import HELD_OUT, LogThinning
from studio.core.translation import N_
from studio.core.view import State, View

SAVE_INTERVAL_S: Final = 60.0
N_VALIDATIONS: Final = 20
PREVIEWS: Final = LogThinning(dense=16, growth=1.04)

Preview: TypeAlias = Callable[[Any], Mapping[str, View]]
Measure: TypeAlias = Callable[[Any], Generator[Any, None, Mapping[str, float]]]


class Schedule(Protocol):
    """What a training loop reads of a training's settings."""

    @property
    def n_steps(self) -> int:
        """How many steps are wanted."""

    @property
    def keep_best(self) -> bool:
        """Whether to end with the best averaged weights."""


class Followed(Protocol):
    """What can be followed: `studio.compute.training.Training`, or what learns without torch.

    Attributes:
        is_whole: False where it was torn away while the weights changed.
    """

    is_whole: bool

    @property
    def step(self) -> int:
        """How many are done."""

    @property
    def settings(self) -> Schedule:
        """How many steps it has."""

    @property
    def average(self) -> Any:
        """What previews and measures are given."""

    @property
    def n_bytes(self) -> int:
        """About how much room its saved state takes."""

    def run(self) -> Iterator[TrainStep]:
        """Train to the last step; may be left at any time and entered again."""

    def average_copy(self) -> dict[str, Tensor]:
        """The averaged weights as they are now."""

    def set_average(self, weights: Mapping[str, Tensor]) -> None:
        """Take what `average_copy` gave once."""

    def state(self) -> dict[str, Any]:
        """Everything that decides the following steps: tensors, numbers, texts, lists and dicts of them."""

    def load(self, state: Mapping[str, Any]) -> None:
        """Go on from a saved state; raises UserError where it does not fit."""


@dataclass(frozen=True)
class Moment:
    """What a frame shows of the averaged weights.

    Attributes:
        state: to come back to them, where there is one.
        held_out: figures on data that is not learnt from, by name.
    """

    views: Mapping[str, View] = field(default_factory=dict)
    state: State | None = None
    held_out: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class SlowPreview:
    """Pictures that take longer than a frame may.

    Attributes:
        draw: (average, number of the step) to what its frame shows; a generator that yields at least every 100 ms.
        thinning: at which steps; the last one is always shown.
    """

    draw: Callable[[Any, int], Generator[Any, None, Moment]]
    thinning: LogThinning = PREVIEWS


@dataclass(frozen=True)
class Validation:
    """Figures on data that is not learnt from.

    Attributes:
        measure: (averaged network) to its figures by name; a generator that yields at least every 100 ms.
        figure: the one of them that says which weights are the best.
        is_higher_better: whether the best has the highest rather than the lowest figure.
    """

    measure: Measure
    figure: str
    is_higher_better: bool = False


def follow_training(
    training: Followed,
    checkpoint: Path,
    is_resumed: bool,
    *,
    preview: Preview | SlowPreview | None = None,
    validation: Validation | None = None,
) -> Generator[Frame, None, None]:
    """Run a training as frames, one for every micro-batch, with its losses.

    At steps that lie further and further apart the frame shows what `preview` draws with the averaged weights. About
    20 times, and at the end, frames follow with the held-out figures of `validation`; with `keep_best`, the average
    is in the end the best one by these. The state is saved to `checkpoint` every minute, at the end, and when the
    generator is closed; in all these cases the last good one stays. Where several processes train together
    (studio.compute.distributed), the first one alone gets further than this.

    Raises:
        UserError: the training has diverged, there is too little memory or room on the disk, or `is_resumed` is set
            and the checkpoint is missing or does not fit.
    """
    return _Follower(training, checkpoint, preview, validation).frames(is_resumed)


class _Follower:
    def __init__(
        self,
        training: Followed,
        checkpoint: Path,
        preview: Preview | SlowPreview | None,
        validation: Validation | None,
    ) -> None:
        self._training = training
        self._checkpoint = checkpoint
        self._preview = preview if preview is None or isinstance(preview, SlowPreview) else _slow(preview)
        self._validation = validation
        self._curve = Curve()
        self._measured_step = 0
        self._best_figure: float | None = None
        self._best_weights: dict[str, Tensor] = {}
        self._ranks = current_ranks()
        self._is_saved = False
        self._is_good = True

    def frames(self, is_resumed: bool) -> Generator[Frame, None, None]:
        # A new state is written beside the old one; the result is smaller than either.
        check_room(self._checkpoint, 3 * self._training.n_bytes)
        if is_resumed:
            self._resume()
            yield from self._curve.frames(self._training.settings.n_steps)
        try:
            yield from self._measured()  # where the training was stopped while it was measured
            yield from self._learning()
        except DivergedError:
            self._is_good = False
            raise
        finally:
            self._save_at_end()
        self._ranks.part()
        self._take_best()

    def _learning(self) -> Iterator[Frame]:
        saved = time.monotonic()
        for done in self._training.run():
            yield from self._shown(done)
            if not done.is_whole:
                continue
            yield from self._measured()
            if time.monotonic() - saved > SAVE_INTERVAL_S:
                self._save()
                saved = time.monotonic()

    def _shown(self, done: TrainStep) -> Iterator[Frame]:
        scalars = {"loss": done.loss, **done.scalars}
        moment = Moment()
        if done.is_whole:
            moment = yield from self._moment(done)
            scalars |= {HELD_OUT + name: value for name, value in moment.held_out.items()}
            self._curve.add(done.step, scalars)
        yield Frame(done.step, done.n_steps, views=moment.views, scalars=scalars, state=moment.state)

    def _moment(self, done: TrainStep) -> Generator[Frame, None, Moment]:
        preview = self._preview
        if preview is None or not (preview.thinning.keeps(done.step) or done.step == done.n_steps - 1):
            return Moment()
        drawing = preview.draw(self._training.average, done.step)
        while True:
            try:
                next(drawing)
            except StopIteration as end:
                moment: Moment = end.value
                return moment
            yield Frame(done.step, done.n_steps, N_("Drawing what has been learnt"))

    def _measured(self) -> Iterator[Frame]:
        """Measure the averaged weights where it is time to."""
        step, n_steps = self._training.step, self._training.settings.n_steps
        if self._validation is None or step == self._measured_step or not is_measured_at(step, n_steps):
            return
        measuring = self._validation.measure(self._training.average)
        while True:
            try:
                next(measuring)
            except StopIteration as end:
                figures: Mapping[str, float] = end.value
                break
            yield Frame(step - 1, n_steps, N_("Measuring on held-out data"))
        self._note(figures, step)
        scalars = {HELD_OUT + name: value for name, value in figures.items()}
        self._curve.add(step - 1, scalars)
        yield Frame(step - 1, n_steps, N_("Measured on held-out data"), scalars=scalars)

    def _note(self, figures: Mapping[str, float], step: int) -> None:
        assert self._validation is not None
        self._measured_step = step
        figure, best = figures[self._validation.figure], self._best_figure
        if best is None or (figure > best if self._validation.is_higher_better else figure < best):
            self._best_figure = figure
            self._best_weights = self._training.average_copy()

    def _take_best(self) -> None:
        if self._training.settings.keep_best and self._best_weights:
            self._training.set_average(self._best_weights)

    def _save_at_end(self) -> None:
        """Save unless what is on the disk is better: before it diverges, a training goes wrong for a while."""
        has_good_one = self._is_saved and not self._is_good
        if self._training.is_whole and not has_good_one:
            self._save()

    def _save(self) -> None:
        if not self._ranks.is_first:
            return
        more = {
            "curve": self._curve.state(),
            "measured_step": self._measured_step,
            "best_figure": self._best_figure,
            "best_weights": self._best_weights,
        }
        save_checkpoint(self._checkpoint, {**self._training.state(), **more})
        self._is_saved = True

    def _resume(self) -> None:
        data = checkpoint_bytes(self._checkpoint) if self._ranks.is_first else b""
        state = parse_checkpoint(self._ranks.from_first(data))
        self._is_saved = True
        self._training.load(state)
        try:
            self._curve.load(state["curve"])
            self._measured_step = int(state["measured_step"])
            self._best_figure, self._best_weights = state["best_figure"], state["best_weights"]
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise UserError(
                N_("The state of the training is from another version."), N_("Start the training again.")
            ) from error


def _slow(preview: Preview) -> SlowPreview:
    """A preview that is drawn at once, as one that need not be."""

    @torch.no_grad()
    def draw(average: nn.Module, _: int) -> Generator[Any, None, Moment]:
        yield from ()
        return Moment(preview(average))

    return SlowPreview(draw)


def is_measured_at(step: int, n_steps: int) -> bool:
    """Whether held-out figures are due after so many steps: about 20 times, and at the end."""
    return step > 0 and step * N_VALIDATIONS // n_steps != (step - 1) * N_VALIDATIONS // n_steps
