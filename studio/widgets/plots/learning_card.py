"""Shows a training: losses as they fall, how far it is, how long it will take, and the buttons that steer it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QSizePolicy, QVBoxLayout, QWidget

from studio.core.learning import HELD_OUT
from studio.core.translation import N_, _, plural, translate
from studio.widgets.controls.button import Button
from studio.widgets.controls.chip import Chip, ChipFlow
from studio.widgets.controls.flow import FlowLayout
from studio.widgets.controls.label import ElidedLabel, Label, set_tip
from studio.widgets.controls.steady_label import SteadyLabel
from studio.widgets.plots.scale import number_text
from studio.widgets.plots.spec import Axis, Curve, PlotSpec
from studio.widgets.plots.view import PlotView
from studio.widgets.theme import theme

Phase = Literal["waiting", "running", "stopping", "paused", "failed"]
_STEERABLE: Final = ("waiting", "running")
_TITLES: Final = {"loss": N_("Loss"), "kl": N_("Divergence"), "log_likelihood": N_("Likelihood")}
_FINISH: Final = {
    False: (
        N_("Keep the best"),
        N_("Ends the training here and makes the model from the best it has learnt so far."),
    ),
    True: (N_("Keep it now"), N_("Makes the model now. Its card will not say how good it is.")),
}
"""What the button that ends it says, by whether it is being measured."""
_WAITING: Final = N_("Getting ready…")
_STOPPING: Final = N_("Stopping at the next step…")
_PAUSED: Final = N_("Paused at step {step:,} of {n:,}")
_RUNNING: Final = N_("Step {step:,} of {n:,}")


@dataclass(frozen=True)
class LearningState:
    """What is known of a training at one moment.

    Attributes:
        label: what it is doing besides learning, else empty.
        seconds_left: None while it cannot be told.
        figures: newest value of each figure, by name.
        problem: why it failed.
        is_measuring: whether all is learnt, so that only its figures are still missing.
        can_finish: whether there is something that a model can be made of.
    """

    title: str
    phase: Phase = "waiting"
    step: int = 0
    n_steps: int = 0
    label: str = ""
    seconds_left: float | None = None
    figures: Mapping[str, float] = field(default_factory=dict)
    problem: str = ""
    can_finish: bool = False
    is_measuring: bool = False


class LearningCard(QWidget):
    """Signals: pause_requested(), continue_requested(), stop_requested(), finish_requested(), discard_requested(),
    timeline_requested() to show its pictures there, step_chosen(step) on the plot.
    """

    pause_requested = Signal()
    continue_requested = Signal()
    stop_requested = Signal()
    finish_requested = Signal()
    discard_requested = Signal()
    timeline_requested = Signal()
    step_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("learning_card")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self._names: dict[str, str] = {}
        self._state = LearningState("")
        self.title = ElidedLabel(role="strong")
        self.plot = PlotView(N_("What the training measures"))
        self.plot.x_chosen.connect(self._on_x_chosen)
        self.chips = ChipFlow("learning_figures", title=_("Figure on the plot"))
        self.chips.chosen.connect(self._on_chip_chosen)
        self._progress = QProgressBar()
        self._progress.setTextVisible(False)
        self._progress.setAccessibleName(_("Progress of the training"))
        self._where = SteadyLabel()
        self._figures = SteadyLabel()
        self._problem = Label()
        self._problem.setWordWrap(True)
        self._problem.setProperty("role", "small")
        self._make_buttons()
        self._lay_out()
        self._curves: dict[str, Curve] = {}
        self.show_state(self._state)

    def _make_buttons(self) -> None:
        self.log_button = Chip(_("Log"))
        set_tip(self.log_button, _("Logarithmic axis: shows small changes of small values"))
        self.log_button.toggled.connect(self.plot.set_log)
        self.timeline_button = Button(
            kind="quiet", icon_name="picture", hint=N_("Show on the timeline how the model learns")
        )
        self.timeline_button.clicked.connect(self.timeline_requested)
        self.pause_button = Button(N_("Pause"), icon_name="pause", hint=N_("Keep everything and continue later"))
        self.pause_button.clicked.connect(self.pause_requested)
        self.continue_button = Button(N_("Continue"), kind="primary", icon_name="play")
        self.continue_button.clicked.connect(self.continue_requested)
        self.finish_button = Button(_FINISH[False][0])
        self.finish_button.clicked.connect(self.finish_requested)
        self.stop_button = Button(N_("Stop"), icon_name="stop")
        set_tip(self.stop_button, _("Ends it here. What it has learnt is kept, and training can continue later."))
        self.stop_button.clicked.connect(self.stop_requested)
        self.discard_button = Button(N_("Discard"), icon_name="trash")
        set_tip(self.discard_button, _("Deletes what it has learnt."))
        self.discard_button.clicked.connect(self.discard_requested)
        for name in ("log", "timeline", "pause", "continue", "finish", "stop", "discard"):
            getattr(self, f"{name}_button").setObjectName(f"learning_{name}")

    def _lay_out(self) -> None:
        grid = theme().size.grid
        heading = QHBoxLayout()
        heading.addWidget(self.title, 1)
        heading.addWidget(self.timeline_button)
        below = QHBoxLayout()
        below.setSpacing(2 * grid)
        below.addWidget(self.chips, 1)
        below.addWidget(self.log_button, 0, Qt.AlignmentFlag.AlignTop)
        buttons = FlowLayout(gap_px=2 * grid)
        for button in (
            self.continue_button,
            self.pause_button,
            self.finish_button,
            self.stop_button,
            self.discard_button,
        ):
            buttons.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2 * grid)
        column.addLayout(heading)
        column.addWidget(self.plot)
        column.addLayout(below)
        column.addWidget(self._progress)
        column.addWidget(self._where)
        column.addWidget(self._figures)
        column.addWidget(self._problem)
        column.addLayout(buttons)

    def show_state(self, state: LearningState) -> None:
        """Say how far it is."""
        before, self._state = self._state, state
        if self.title.text() != state.title:
            self.title.setText(state.title)
        self._progress.setRange(0, max(state.n_steps, 1))
        self._progress.setValue(state.step)
        self._where.set_text(where_text(state))
        self._figures.set_text(figures_text(state.figures))
        self._problem.setText(state.problem)
        self._problem.setVisible(bool(state.problem))
        if _buttons_of(before) != _buttons_of(state) or not before.title:
            self._show_buttons(state)

    def _show_buttons(self, state: LearningState) -> None:
        is_steerable = state.phase in _STEERABLE
        is_resting = state.phase in ("paused", "failed")
        is_going = is_steerable or state.phase == "stopping"
        self.pause_button.setVisible(is_going)
        self.stop_button.setVisible(is_going)
        self.continue_button.setVisible(is_resting)
        self.discard_button.setVisible(is_resting)
        for button in (self.pause_button, self.stop_button):
            button.setEnabled(is_steerable)
        self.finish_button.setEnabled(state.can_finish and state.phase != "stopping")
        text, tip = _FINISH[state.is_measuring]
        self.finish_button.setText(translate(text))
        set_tip(self.finish_button, translate(tip))

    def show_curves(self, curves: Sequence[Curve], n_steps: int) -> None:
        """Plot the chosen one of the figures; a held-out figure is drawn with the one it belongs to."""
        self._curves = {curve.name: curve for curve in curves}
        pairs = {HELD_OUT + name for name in self._curves}
        titles = {figure_title(name): name for name in self._curves if name not in pairs}
        if list(titles) != list(self._names):
            self._names = titles
            self.chips.set_texts(list(titles))
            self.chips.setVisible(len(titles) > 1)
            if not self.chips.current():
                self.chips.set_current(next(iter(titles), ""))
        self._plot(n_steps)

    def show_playhead(self, step: float | None) -> None:
        """Mark the step of the picture on the canvas."""
        self.plot.set_marker(step)

    def _plot(self, n_steps: int) -> None:
        name = self._names.get(self.chips.current(), "")
        shown = [self._curves[one] for one in (name, HELD_OUT + name) if one in self._curves]
        named = [Curve(figure_title(curve.name), curve.x, curve.values) for curve in shown]
        self.plot.show_plot(PlotSpec(named, Axis(N_("step"), *((0, n_steps) if n_steps > 0 else ()))))

    def _on_chip_chosen(self) -> None:
        self._plot(self._state.n_steps)

    def _on_x_chosen(self, x: float) -> None:
        self.step_chosen.emit(round(x))


def _buttons_of(state: LearningState) -> tuple[object, ...]:
    """What decides which buttons there are, and what they say."""
    return state.phase, state.can_finish, state.is_measuring


def is_held_out(name: str) -> bool:
    """Whether a figure was measured on data that is not learnt from."""
    return name.startswith(HELD_OUT)


def figure_title(name: str) -> str:
    """What people read for the name of a figure."""
    if is_held_out(name):
        return _("{figure}, not seen in training").format(figure=figure_title(name.removeprefix(HELD_OUT)))
    known = _TITLES.get(name)
    plain = name.replace("_", " ")
    return translate(known) if known else plain[:1].upper() + plain[1:]


def figures_text(figures: Mapping[str, float]) -> str:
    """The figures in one line, the held-out ones first: they say how good the model is."""
    names = sorted(figures, key=lambda name: not is_held_out(name))
    return "  ·  ".join(f"{figure_title(name)} {number_text(figures[name])}" for name in names)


def where_text(state: LearningState) -> str:
    """How far it is, and how long it will take."""
    where = {"step": state.step, "n": state.n_steps}
    if state.phase == "stopping":
        return translate(_STOPPING)
    if state.phase in ("paused", "failed"):
        return translate(_PAUSED).format(**where)
    if state.phase == "waiting" or state.n_steps == 0:
        return translate(state.label or _WAITING)
    if state.label:
        return translate(state.label)
    left = time_text(state.seconds_left)
    return translate(_RUNNING).format(**where) + (f"  ·  {left}" if left else "")


def time_text(seconds: float | None) -> str:
    """About how long it will take: "12 seconds left", "about 4 minutes left"."""
    if seconds is None:
        return ""
    if seconds < 90:
        return plural(N_("{n} second left"), N_("{n} seconds left"), max(round(seconds), 1))
    if seconds < 5400:
        return plural(N_("about {n} minute left"), N_("about {n} minutes left"), round(seconds / 60))
    return plural(N_("about {n} hour left"), N_("about {n} hours left"), round(seconds / 3600))
