"""Runs of the scene: one made anew as the controls change, those that Generate keeps, and the buttons for them."""

from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QWidget

from studio.api.panel import (
    PICTURE_KEY,
    EngineTasks,
    Label,
    at_the_left,
    named_button,
    param_field,
    put_in_a_column,
    set_tip,
)
from studio.api.timeline.controller import TimelineController
from studio.api.timeline.panel_runs import PanelRuns
from studio.api.timeline.run_source import GeneratedSource
from studio.core.translation import N_, _, translate
from studio.core.view import State

from ..few_steps import drawable, few_step_path
from ..params import DiffusionParams
from ..scene import DiffusionScene

SETTLE_MS: Final = 450
"""So long must all controls rest before a run in full begins."""
RUN: Final = "run "
"""What the key of a run's work begins with; its id follows."""


class SceneRuns(PanelRuns):
    """Attributes:
        is_due: whether the scene is another one than that of the newest run.
    has_few_steps: whether the model comes with weights that draw in few steps.

    Signals:
        drafted(Frame): the last frame of a quick run of the scene as it is now.
        changed(): a run has begun or ended, or is due.
        timed(ms): how long a step of the run that has just ended took.
    """

    branches_at_first = True  # from the noise on that it begins with
    drafted = Signal(object)
    timed = Signal(float)

    def __init__(self, timeline: TimelineController, tasks: EngineTasks, parent: QObject) -> None:
        super().__init__(timeline, parent)
        self._tasks = tasks
        self._scene = DiffusionScene()
        self.has_few_steps = few_step_path(tasks.handle.source.path).is_file()
        self.is_due = False
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settle.timeout.connect(self._run)
        tasks.timed.connect(self._on_timed)

    @property
    def is_running(self) -> bool:
        """Whether the newest run goes on, or is about to."""
        return self._settle.isActive() or self._timeline.recorder.is_running(self._attempt)

    @property
    def is_busy(self) -> bool:
        """The same."""
        return self.is_running

    def renew(self, scene: DiffusionScene, is_instant: bool) -> None:
        """Run what is asked for now at once, in place of the newest run where nothing hangs on that."""
        self._scene = scene
        self._run()

    def follow(self, scene: DiffusionScene) -> None:
        """The person has changed the scene: draw a draft, and the whole run once the hand rests."""
        self._scene = scene
        self._mark(is_due=True)
        if scene.is_live and not self.is_followed:
            self.stop()
            self._settle.start()
            if not self.is_earlier_shown:  # a branch from there, which no draft tells
                self.draft(scene.start())

    def draft(self, start: State | None) -> None:
        """Run the scene's settings quickly from a start."""
        params = self._scene.params
        self._tasks.ask(PICTURE_KEY, lambda engine: engine.drafting(params, start), done=self.drafted.emit)

    def generate(self) -> None:
        """Run the scene, and keep what was made before."""
        self.keep()
        self._run()

    def _run(self) -> None:
        self._settle.stop()
        self._put(GeneratedSource(self.asked(self._scene), self._scene.start()))
        self._mark(is_due=False)

    def asked(self, scene: DiffusionScene) -> DiffusionParams:
        """The settings of a run of a scene, which say in how many steps it really is drawn."""
        return drawable(scene.params, scene.start(), self.has_few_steps)

    def stop(self) -> None:
        """End what runs within one step."""
        self._settle.stop()
        if self._timeline.recorder.is_running(self._attempt):
            self._timeline.recorder.stop(self._attempt)
        self.changed.emit()

    def _on_ended(self, track_id: str) -> None:
        if track_id == self._attempt:
            self.changed.emit()

    def _on_timed(self, key: str, ms: float) -> None:
        track = self._timeline.tracks.find(key.removeprefix(RUN))
        if key.startswith(RUN) and track is not None and len(track.recording) > 1:
            self.timed.emit(ms / (len(track.recording) - 1))

    def _mark(self, is_due: bool) -> None:
        self.is_due = is_due
        self.changed.emit()


class RunRow(QWidget):
    """Starts and stops nothing itself.

    Signals: generate_requested(), stop_requested(), new_seed_requested(), seed_changed(seed), live_changed(is_live).
    """

    generate_requested = Signal()
    stop_requested = Signal()
    new_seed_requested = Signal()
    seed_changed = Signal(int)
    live_changed = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._is_running = False
        self.generate = named_button("generate", N_("Generate"), kind="primary", pressed=self._on_generate_clicked)
        self.new_seed = named_button(
            "new_seed",
            N_("New seed"),
            N_("Start from different noise and keep everything else (R)"),
            "dice",
            pressed=self.new_seed_requested,
        )
        self.live = QCheckBox(_("Live"))
        self.live.setObjectName("live")
        set_tip(self.live, _("Draw after every change: a quick draft while you change it, in full when you pause"))
        self.live.clicked.connect(self.live_changed)
        self.seed = param_field(DiffusionParams(), "seed", "seed")
        self.seed.value_typed.connect(lambda value: self.seed_changed.emit(int(value)))
        self._lay_out()
        self._keep_width()

    def _lay_out(self) -> None:
        buttons = at_the_left(self.generate, self.new_seed)
        buttons.addWidget(self.live)
        label = Label(self.seed.accessibleName())
        line = QHBoxLayout()
        line.addWidget(label, 1)
        line.addWidget(self.seed)
        put_in_a_column(self, (buttons, line), 4)

    def _keep_width(self) -> None:
        """What stands beside the button stays where it is, whichever of its two words it shows."""
        widths = []
        for is_running in (True, False):
            self.set_running(is_running)
            widths.append(self.generate.sizeHint().width())
        self.generate.setMinimumWidth(max(widths))

    def set_running(self, is_running: bool) -> None:
        """Offer to stop a run, or to start one; emits nothing."""
        self._is_running = is_running
        text = N_("Stop") if is_running else N_("Generate")
        hint = N_("End this run; what is made so far stays") if is_running else N_("Make it (Ctrl Enter)")
        self.generate.setText(translate(text))
        self.generate.setAccessibleName(translate(text))
        set_tip(self.generate, translate(hint))

    def set_seed(self, seed: int) -> None:
        """Show the seed; emits nothing."""
        self.seed.set_value(seed)

    def set_live(self, is_live: bool) -> None:
        """Show whether every change is drawn; emits nothing."""
        self.live.setChecked(is_live)

    def _on_generate_clicked(self) -> None:
        if self._is_running:
            self.stop_requested.emit()
        else:
            self.generate_requested.emit()
