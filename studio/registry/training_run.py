"""Runs a training on the Worker, from its start or where it was stopped: all of it is kept, a model is made of it."""

import logging
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from studio.api.engine import Recipe, TrainOptions
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.learning import Learning
from studio.core.param import param_specs
from studio.core.recording.file import load_recording, saving
from studio.core.recording.recording import RunInfo
from studio.core.translation import N_
from studio.registry.catalog import Catalog
from studio.registry.model import ModelInfo, adopt_model, delete_own_model, free_name
from studio.registry.training_store import MAX_TABLE, State, StoredTraining, TrainingStore

if TYPE_CHECKING:
    from studio.compute.device import Device

log = logging.getLogger(__name__)

KEEP_INTERVAL_S: Final = 60.0
KEEP_BEST: Final = "keep_best"
"""The setting of a recipe that can end with the best of what was learnt."""

TRAINING_KEY: Final = "training"
"""Where the state of a recording of a training names the training: the folder in which its recipe works."""

_MISTAKE: Final = N_("The recipe made a mistake.")


class TrainingRun:
    """One stretch of a training, up to its end or the next stop.

    Attributes:
        training: as it is on the disk now; changed on the Worker only.
        learning: what was seen so far.
        can_skip_measuring: whether the model can be kept without being measured; known once it runs.
    """

    def __init__(
        self,
        catalog: Catalog,
        training: StoredTraining,
        choose_device: "Callable[[], Device]",
        keeps_best: bool = False,
        is_measured: bool = True,
        **changes: Any,
    ) -> None:
        """Prepare it; nothing happens before `work`.

        Args:
            choose_device: called on the Worker.
            keeps_best: make the model of the best that was learnt, where the recipe can tell what that is.
            is_measured: whether the model shall be measured, where the recipe can do without.
            changes: for the record, such as `wanted_steps`.
        """
        self.keeps_best = keeps_best
        self.can_skip_measuring = False
        self._is_measured = is_measured
        self._catalog = catalog
        self._choose_device = choose_device
        self._changes = changes
        self.training = training
        self.learning = Learning(run_info(training))
        self._kept_s = 0.0
        self._n_kept = 0

    @property
    def is_measuring(self) -> bool:
        """Whether all steps are done, and what was learnt is written and measured."""
        learning = self.learning
        return bool(learning.label) and learning.step >= learning.n_steps > 0

    def work(self) -> Generator[Frame, None, ModelInfo]:
        """Train; returns the model that was made. Closing the generator stops the training and keeps it."""
        self.training = self.training.claimed(**self._changes)
        state: State = "stopped"
        problem = ""
        try:
            self._recall()
            yield from self._frames()
            model = self._adopt()
            state = "done"
            return model
        except UserError as error:
            state, problem = "failed", f"{error.title} {error.what_to_do}".strip()
            raise
        except Exception:  # a mistake of the recipe: the program reports it, and the record says so
            state, problem = "failed", _MISTAKE
            raise
        finally:
            self._end(state, problem)

    def _frames(self) -> Iterator[Frame]:
        record = self.training.record
        recipe: Recipe = self._catalog.find_recipe(record.recipe_id)
        self.can_skip_measuring = getattr(recipe, "can_skip_measuring", False)
        options = TrainOptions(
            self.training.weights_path,
            self._choose_device(),
            record.wanted_steps or None,
            self.training.can_go_on(),
            self._settings(recipe),
            self._is_measured,
        )
        frames = recipe.train(options)
        self._kept_s = time.monotonic()
        try:
            for frame in frames:
                self.learning.take(frame, time.monotonic())
                yield frame
                if time.monotonic() - self._kept_s > KEEP_INTERVAL_S:
                    for _ in self._keeping("running", ""):
                        yield frame
        finally:
            close = getattr(frames, "close", None)
            if close is not None:
                close()  # a recipe saves its checkpoint when it is closed

    def _settings(self, recipe: Recipe) -> Mapping[str, str]:
        settings = self.training.record.settings
        can_keep_best = KEEP_BEST in param_specs(type(recipe.settings))
        return {**settings, KEEP_BEST: "true"} if self.keeps_best and can_keep_best else settings

    def _recall(self) -> None:
        """Begin with the pictures from before the stop; what cannot be read is only missing on the timeline."""
        path = self.training.learning_path
        if not path.exists():
            return
        try:
            recording = load_recording(path)
        except UserError as error:
            log.info("the pictures of an earlier training are left out: %s", error)
            return
        self.learning.recall(recording)
        recording.close()
        self._n_kept = len(self.learning.recording)

    def _adopt(self) -> ModelInfo:
        record, folder = self.training.record, self._catalog.models_folder
        name = record.model_id.partition("/")[2]
        if not name:
            taken = {model.id.partition("/")[2] for model in self._catalog.list_models(record.family_id)}
            own = folder / record.family_id
            taken |= {path.stem for path in own.iterdir()} if own.is_dir() else set()
            name = free_name(record.title, taken)
        model = adopt_model(self.training.weights_path, folder, record.family_id, record.title, name)
        self.training = self.training.changed(model_id=model.id)
        return model

    def _keeping(self, state: State, problem: str) -> Iterator[float]:
        """Write the record, and piece by piece the pictures where there are new ones."""
        learning = self.learning
        figures = dict(islice(learning.figures.items(), MAX_TABLE))
        # Where nothing was learnt any more, as at an early end, there are only the frames from before.
        step = max(learning.step, self.training.record.step)
        n_steps = step if state == "done" else max(learning.n_steps, self.training.record.n_steps)
        self.training = self.training.changed(
            state=state, problem=problem, step=step, n_steps=n_steps, figures=figures or self.training.record.figures
        )
        n_pictures = len(learning.recording)
        if n_pictures > self._n_kept:
            yield from saving(learning.recording, self.training.learning_path)
            self._n_kept = n_pictures
        self._kept_s = time.monotonic()

    def _end(self, state: State, problem: str) -> None:
        self.learning.recording.finish()
        try:
            for _ in self._keeping(state, problem):
                pass
        except UserError as error:  # the disk is full: the checkpoint is as it was saved last
            log.info("the record of a training was not saved: %s", error)


def run_info(training: StoredTraining) -> RunInfo:
    """What a timeline says about a training."""
    record = training.record
    return RunInfo(
        record.recipe_id,
        dict(record.settings),
        seed=0,
        kind="training",
        title=record.title,
        id=f"training{record.id}",
        state={TRAINING_KEY: record.id},
    )


def own_sizes(models: Sequence[ModelInfo], store: TrainingStore) -> dict[str, int]:
    """The room in bytes that each own model takes on the disk, with the training that made it, by id."""
    sizes = {model.id: model.size_bytes for model in models if model.is_own}
    for training in store.trainings()[0]:
        if training.record.model_id in sizes:
            sizes[training.record.model_id] += training.size_bytes
    return sizes


def delete_model(model: ModelInfo, store: TrainingStore) -> None:
    """Delete an own model, and the training that made it; raises UserError where the disk refuses."""
    training = store.of_model(model.id)
    if training is not None:
        store.discard(training)
    delete_own_model(model)
