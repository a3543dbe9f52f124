"""Several trainings as one run: stages one after the other, each with a checkpoint of its own."""

from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from studio.compute.train_options import TrainOptions
from studio.compute.training import Training
from studio.compute.training_loop import Preview, SlowPreview, Validation, follow_training
from studio.core.frame import Frame
from studio.core.translation import N_

Result = TypeVar("Result")


@dataclass(frozen=True)
class Stages:
    """The stages of a recipe as one run.

    Attributes:
        options: of the whole run; the last stage's checkpoint is the run's, those before lie beside it.
        names: of the stages, in order, as their checkpoints are called.
        n_steps: of each.
    """

    options: TrainOptions
    names: tuple[str, ...]
    n_steps: tuple[int, ...]

    def checkpoint(self, name: str) -> Path:
        """Where a stage keeps its state."""
        is_last = name == self.names[-1]
        return self.options.out.with_suffix(".checkpoint" if is_last else f".{name}.checkpoint")

    def follow(
        self,
        name: str,
        training: Training,
        title: str,
        preview: Preview | SlowPreview | None = None,
        validation: Validation | None = None,
    ) -> Iterator[Frame]:
        """Run a stage, or what remains of it, as frames of the whole run; `title` says what it makes."""
        path, first, n_all = self.checkpoint(name), sum(self.n_steps[: self.names.index(name)]), sum(self.n_steps)
        has_begun = any(self.checkpoint(one).is_file() for one in self.names)
        is_resumed = self.options.is_resumed and (path.is_file() or not has_begun)
        for frame in follow_training(training, path, is_resumed, preview=preview, validation=validation):
            label = frame.label or N_("{what}, step {step:,} of {n:,}").format(
                what=title, step=frame.step + 1, n=frame.n_steps
            )
            yield replace(frame, step=first + frame.step, n_steps=n_all, label=label)

    def work(self, name: str, work: Generator[Any, None, Result], label: str) -> Generator[Frame, None, Result]:
        """What follows a stage, as more frames of its last step; returns what the work returns."""
        step, n_all = sum(self.n_steps[: self.names.index(name) + 1]) - 1, sum(self.n_steps)
        while True:
            try:
                next(work)
            except StopIteration as end:
                result: Result = end.value
                return result
            yield Frame(step, n_all, label)
