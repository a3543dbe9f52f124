"""The trainings of the window: those that run, those that rest, and those that the last time left unfinished."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from studio.compute.job import Job, Policy
from studio.core.error import UserError
from studio.core.learning import Learning
from studio.core.pausing import on_one_thread
from studio.core.translation import N_, _, translate
from studio.registry.model import ModelInfo
from studio.registry.training_run import TrainingRun
from studio.registry.training_store import StoredTraining, TrainingStore
from studio.shell.session.service import Services
from studio.widgets.plots.learning_card import LearningState, Phase
from studio.widgets.plots.spec import Curve
from studio.widgets.question import ask
from studio.widgets.task_scope import TaskScope

KEY = "train"
_GIVES_WAY: Final = N_("Waits while you move something")


@dataclass(frozen=True)
class TrainPlan:
    """What a person chose: a recipe with settings as text by name, and what the model shall be called.

    `n_steps` is the number of steps, 0 for the recipe's own.
    """

    recipe_id: str
    title: str
    settings: Mapping[str, str] = field(default_factory=dict)
    n_steps: int = 0


class LiveTraining(QObject):
    """A training that runs or rests in this window.

    Signals: changed() after every news; rested() when it has stopped and nothing of it computes; done(ModelInfo).

    Attributes:
        phase: what it does now.
        problem: why it failed, else None.
        was_stopped: whether the person wants it put away, and not only paused.
    """

    changed = Signal()
    rested = Signal()
    done = Signal(object)

    def __init__(self, services: Services, training: StoredTraining, parent: QObject) -> None:
        super().__init__(parent)
        self._services = services
        self._tasks = TaskScope(self, services.worker, services.dispatcher)
        self._ticket = 0
        self._is_finishing = self._is_kept_unmeasured = False
        self._is_done = False
        self.run = TrainingRun(services.catalog, training, services.device.choose)
        self.phase: Phase = "waiting"
        self.problem: UserError | None = None
        self.was_stopped = False
        services.hand.changed.connect(self._on_hand_changed)

    @property
    def id(self) -> str:
        """The id of the training."""
        return self.run.training.record.id

    @property
    def title(self) -> str:
        """What the model is called."""
        return self.run.training.record.title

    @property
    def family_id(self) -> str:
        """The family of its recipe."""
        return self.run.training.record.family_id

    @property
    def learning(self) -> Learning:
        """What was seen of it."""
        return self.run.learning

    @property
    def is_running(self) -> bool:
        """Whether it computes or waits for its turn."""
        return self.phase in ("waiting", "running", "stopping")

    def begin(self, keeps_best: bool = False, is_measured: bool = True, **changes: Any) -> None:
        """Start it, or go on where it was stopped; `changes` are for its record."""
        self.learning.close()
        services = self._services
        how = keeps_best, is_measured
        self.run = TrainingRun(services.catalog, self.run.training, services.device.choose, *how, **changes)
        self.problem = None
        self._set_phase("waiting")
        title = _("Training {title}").format(title=self.title)
        self._ticket = self._tasks.run(
            KEY,
            partial(on_one_thread, self.run.work),
            Policy.BACKGROUND,
            event=self._on_frame,
            done=self._on_done,
            failed=self._on_failed,
            ended=self._on_ended,
            title=title,
        )

    def pause(self) -> None:
        """Stop it within one micro-batch; all of it is kept."""
        if self.phase in ("waiting", "running"):
            self._set_phase("stopping")
            self._services.worker.cancel(self._is_mine)

    def stop(self) -> None:
        """Pause it for good in this window."""
        self.was_stopped = True
        self.pause()

    def finish(self) -> None:
        """End it where it is, and make the model of the best that was learnt; while it is measured, of all of it."""
        self._is_finishing = True
        self._is_kept_unmeasured = self.is_running and self.run.is_measuring
        if self.is_running:
            self.pause()
        else:
            self._finish()

    def state(self) -> LearningState:
        """Everything that its card says."""
        run, learning, record = self.run, self.learning, self.run.training.record
        is_measuring = self.is_running and run.is_measuring
        problem = self.problem
        return LearningState(
            record.title,
            self.phase,
            learning.step or record.step,
            learning.n_steps or record.n_steps,
            _GIVES_WAY if self._gives_way else learning.label,
            learning.seconds_left(),
            learning.figures or record.figures,
            f"{translate(problem.title)} {translate(problem.what_to_do)}".strip() if problem else "",
            can_finish=learning.step > 0 and not self._is_finishing and (not is_measuring or run.can_skip_measuring),
            is_measuring=is_measuring,
        )

    def curves(self) -> list[Curve]:
        """What was measured so far."""
        return [Curve(name, *self.learning.curve(name)) for name in self.learning.names()]

    @property
    def _gives_way(self) -> bool:
        return self.phase == "running" and self._services.hand.is_moving

    def _on_hand_changed(self) -> None:
        if self.is_running:
            self.changed.emit()

    def _is_mine(self, job: Job) -> bool:
        return job.ticket == self._ticket

    def _set_phase(self, phase: Phase) -> None:
        self.phase = phase
        self.changed.emit()

    def _finish(self) -> None:
        self._is_finishing = False
        if self._is_kept_unmeasured:
            self.begin(self.run.keeps_best, is_measured=False)
        else:
            self.begin(keeps_best=True, wanted_steps=self.learning.step)

    def _on_frame(self, _: object) -> None:
        if self.phase == "waiting":
            self.phase = "running"
        self.changed.emit()

    def _on_done(self, model: ModelInfo) -> None:
        self._is_done = True
        self.done.emit(model)

    def _on_failed(self, error: BaseException) -> None:
        if not isinstance(error, UserError):
            self._services.report(error)
        self.problem = error if isinstance(error, UserError) else UserError(N_("The recipe made a mistake."))
        self._is_finishing = False

    def _on_ended(self, _: str) -> None:
        """However it ended: told after `_on_done` or `_on_failed`, and alone after a stop."""
        if self._is_done:
            return
        if self._is_finishing and self.learning.step > 0:
            self._finish()
            return
        self._is_finishing = False
        self._set_phase("failed" if self.problem is not None else "paused")
        self.rested.emit()


class TrainingDesk(QObject):
    """Starts, continues and discards trainings; all of its disk work is done on the Worker.

    Signals:
        changed(): other trainings run, rest or wait to be continued.
        ready(ModelInfo, training_id): a model was made.
        discarded(training_id): what a training learnt goes from the disk.
        failed(UserError): something could not be done.

    Attributes:
        live: the trainings of this window.
        interrupted: those on the disk that can be continued; known after `look`.
        put_away: ids of those whose message the person does not want to see now.
    """

    changed = Signal()
    ready = Signal(object, str)
    discarded = Signal(str)
    failed = Signal(object)

    def __init__(self, services: Services, parent: QObject) -> None:
        super().__init__(parent)
        self._services = services
        self._tasks = TaskScope(self, services.worker, services.dispatcher)
        self._tasks.failed.connect(self._on_work_failed)
        self.store = TrainingStore()
        self.live: list[LiveTraining] = []
        self.interrupted: list[StoredTraining] = []
        self.put_away: set[str] = set()

    def put_away_message(self, training_id: str) -> None:
        """Say no more about a training that can be continued, until the next start."""
        self.put_away.add(training_id)
        self.changed.emit()

    def look(self) -> None:
        """Find the trainings that can be continued."""
        self._tasks.run("look", self.store.interrupted, Policy.QUEUE, done=self._on_looked)

    def start(self, plan: TrainPlan) -> LiveTraining:
        """Start a training."""
        return self._begin(self.store.planned(plan.recipe_id, plan.title, plan.settings, plan.n_steps))

    def go_on(self, training: StoredTraining, wanted_steps: int = 0) -> LiveTraining:
        """Continue a training where it stopped, to `wanted_steps` where that is not 0."""
        mine = next((live for live in self.live if live.id == training.record.id), None)
        changes: dict[str, Any] = {"wanted_steps": wanted_steps} if wanted_steps else {}
        if mine is None:
            self.interrupted = [one for one in self.interrupted if one.record.id != training.record.id]
            return self._begin(training, **changes)
        mine.was_stopped = False
        mine.begin(**changes)
        return mine

    def discard(self, training: StoredTraining) -> None:
        """Delete a training and all that it learnt."""
        self.interrupted = [one for one in self.interrupted if one.record.id != training.record.id]
        self._forget(training.record.id)
        self.discarded.emit(training.record.id)
        self._tasks.run("discard", lambda: self.store.discard(training), Policy.QUEUE)

    def ask_to_discard(self, training: StoredTraining, window: QWidget) -> None:
        """Discard a training once a person has agreed; one that has learnt nothing yet goes at once."""
        if not training.record.step:
            self.discard(training)
            return
        question = _("Discard the training “{title}”?").format(title=training.record.title)
        text = _("What it learnt in {n:,} steps will be deleted from the disk. This cannot be undone.")
        consequences = text.format(n=training.record.step)
        answers = _("Discard"), _("Keep")
        ask(window, "ask_discard", question, consequences, answers, lambda: self.discard(training))

    def of_family(self, family_id: str) -> list[LiveTraining]:
        """The trainings of a family that run or rest in this window."""
        return [live for live in self.live if live.family_id == family_id]

    def _begin(self, training: StoredTraining, **changes: Any) -> LiveTraining:
        live = LiveTraining(self._services, training, self)
        live.rested.connect(self._on_rested)
        live.done.connect(self._on_done)
        self.live.append(live)
        live.begin(**changes)
        self.changed.emit()
        return live

    def _forget(self, training_id: str) -> None:
        """Take a training out of the window; whoever shows it may read it for the last time."""
        gone = [live for live in self.live if live.id == training_id]
        self.live = [live for live in self.live if live.id != training_id]
        self.changed.emit()
        for live in gone:
            live.learning.close()
            live.deleteLater()

    def _on_looked(self, found: list[StoredTraining]) -> None:
        mine = {live.id for live in self.live}
        self.interrupted = [one for one in found if one.record.id not in mine]
        self.changed.emit()

    def _on_done(self, model: ModelInfo) -> None:
        live = self.sender()
        self._services.catalog.refresh()
        if isinstance(live, LiveTraining):
            self._forget(live.id)
        self.ready.emit(model, live.id if isinstance(live, LiveTraining) else "")

    def _on_rested(self) -> None:
        live = self.sender()
        if not isinstance(live, LiveTraining) or live not in self.live or not live.was_stopped:
            return
        training = live.run.training
        if training.record.pid:  # one that never began has left nothing on the disk
            self.interrupted.insert(0, training)
        self._forget(live.id)

    def _on_work_failed(self, error: BaseException) -> None:
        if isinstance(error, UserError):
            self.failed.emit(error)
        else:
            self._services.report(error)
