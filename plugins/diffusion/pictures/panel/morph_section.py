"""A morph from one prompt to another, all from the same noise: its controls, and the path on the timeline."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from studio.api.engine import Policy
from studio.api.panel import Button, EngineTasks, Label, SliderRow, SteadyLabel, ValueRange, named_button, set_tip
from studio.api.timeline.controller import TimelineController
from studio.core.path.keyframe import MIN_DURATION_S, Keyframe, KeyframePath
from studio.core.path.position import Position
from studio.core.translation import N_, _

from ...shared.panel.editor import DiffusionEditor
from ...shared.panel.prompt_edit import PromptEdit
from ...shared.panel.runs import SceneRuns
from ...shared.scene import DiffusionScene
from ...shared.vocabulary import Vocabulary

PICTURES: Final = ValueRange(2.0, 60.0, step=1.0, default=12.0, is_whole=True)
_SIDES: Final = ("A", "B")
_STARTS: Final = ("origin", "source", "strength", "feather_px", "is_live")
KEY: Final = "morph"


class MorphSection(QWidget):
    """Two prompts and how many pictures lie between them; changes nothing itself.

    Signals:
        morph_requested(a, b, n_pictures): put it on the timeline.
    """

    morph_requested = Signal(str, str, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._present = ""
        self.edits = {side: _edit(side) for side in _SIDES}
        self.takes = {side: _take(side) for side in _SIDES}
        self.n_pictures = SliderRow(
            "morph_pictures", N_("Pictures"), PICTURES, N_("How many pictures the transition has, including both ends.")
        )
        self.n_pictures.set_value(PICTURES.default)
        self.go = named_button("morph_go", N_("Put on the timeline"))
        set_tip(
            self.go, _("Blends what the model reads in the two prompts (their embeddings), using the noise of one seed")
        )
        self.status = SteadyLabel(role="small")
        self._lay_out()
        self.edits["A"].edited.connect(self._follow)
        self.edits["B"].edited.connect(self._follow)
        self.edits["A"].generate_requested.connect(self._request)
        self.edits["B"].generate_requested.connect(self._request)
        self.takes["A"].clicked.connect(lambda: self._take_present("A"))
        self.takes["B"].clicked.connect(lambda: self._take_present("B"))
        self.go.clicked.connect(self._request)
        self._follow()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        for side in _SIDES:
            head = QHBoxLayout()
            name = Label(side)
            name.setProperty("role", "strong")
            head.addWidget(name)
            head.addStretch(1)
            head.addWidget(self.takes[side])
            column.addLayout(head)
            column.addWidget(self.edits[side])
        column.addWidget(self.n_pictures)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.go)
        row.addWidget(self.status, 1)
        column.addLayout(row)

    def set_vocabulary(self, vocabulary: Vocabulary) -> None:
        """Complete these words. Emits nothing."""
        for edit in self.edits.values():
            edit.set_vocabulary(vocabulary)

    def set_present(self, prompt: str) -> None:
        """Know the prompt of the panel, which the buttons take over; A begins with the first one. Emits nothing."""
        if not self._present and not self.edits["A"].text():
            self.edits["A"].set_text(prompt)
        self._present = prompt
        self._follow()

    def set_busy(self, is_busy: bool) -> None:
        """Say that the prompts are being read. Emits nothing."""
        self.status.set_text(_("Reading both prompts") if is_busy else "")

    def prompts(self) -> tuple[str, str]:
        """Both ends."""
        return self.edits["A"].text().strip(), self.edits["B"].text().strip()

    def _take_present(self, side: str) -> None:
        self.edits[side].set_text(self._present)
        self._follow()

    def _follow(self) -> None:
        a, b = self.prompts()
        self.go.setEnabled(bool(a and b) and a != b)
        for side, own in zip(_SIDES, (a, b), strict=True):
            self.takes[side].setEnabled(bool(self._present.strip()) and self._present.strip() != own)

    def _request(self) -> None:
        if self.go.isEnabled():
            self.morph_requested.emit(*self.prompts(), round(self.n_pictures.value()))


def _edit(side: str) -> PromptEdit:
    title = _("Prompt {side} of the morph").format(side=side)
    return PromptEdit(f"morph_{side.lower()}", title, N_("Say what to make"), (1, 3))


def _take(side: str) -> Button:
    button = named_button(f"morph_take_{side.lower()}", N_("Use the current prompt"), kind="link")
    button.setAccessibleName(_("Use the current prompt as {side}").format(side=side))
    return button


class MorphControl(QObject):
    """Asks the engine for both places, then makes them the two keyframes of the path: one step of undo.

    While a path is on the timeline, other settings of a live scene leave it there, drawn with them. Other words or
    noise are a run in its place; taking that back brings the path back.
    """

    def __init__(
        self,
        section: MorphSection,
        editor: DiffusionEditor,
        timeline: TimelineController,
        runs: SceneRuns,
        tasks: EngineTasks,
    ) -> None:
        super().__init__(section)
        self._section, self._editor, self._timeline, self._runs = section, editor, timeline, runs
        self._tasks = tasks
        self._left: DiffusionScene | None = None  # the scene in which a run took the place of the path
        self._is_followed = False
        section.morph_requested.connect(self._begin)

    def _begin(self, a: str, b: str, n_pictures: int) -> None:
        params = replace(self._editor.scene.params, batch=1)
        ends = [replace(params, prompt=prompt) for prompt in (a, b)]
        self._section.set_busy(True)
        self._tasks.ask(
            KEY,
            lambda engine: [engine.place_of(end) for end in ends],
            Policy.RESTART,
            done=partial(self._on_places, n_pictures=n_pictures),
            ended=self._on_ended,
        )

    def _on_places(self, places: Sequence[Position], n_pictures: int) -> None:
        timeline = self._timeline
        path = morph_path(places, timeline.paths.path, n_pictures, timeline.playback.fps)
        timeline.pause()
        timeline.paths.edit(N_("Morph"), path)
        timeline.show_path()
        timeline.playback.seek(0)

    def _on_ended(self, _: str) -> None:
        self._section.set_busy(False)

    def follow(self, before: DiffusionScene) -> bool:
        """Keep or bring back the path, where a changed scene is no reason for a run; returns whether it is none."""
        scene, timeline = self._editor.scene, self._timeline
        is_shown = timeline.track is None and len(timeline.paths.path) > 0
        is_back = scene is self._left and len(timeline.paths.path) > 0
        self._is_followed = is_back or (is_shown and scene.is_live and is_settings_change(before, scene))
        if is_back:
            self._runs.stop()
            timeline.show_path()
        elif is_shown and not self._is_followed and not self._runs.is_running:
            self._left = before
        return self._is_followed

    def show_followed(self) -> None:
        """Show the path where `follow` kept it; called once the timeline knows the scene."""
        if self._is_followed:
            self._is_followed = False
            self._timeline.show_present()


def is_settings_change(before: DiffusionScene, after: DiffusionScene) -> bool:
    """Whether words, noise and start are the same, so that only the way from one to the other is another."""
    places = [(one.params.prompt, one.params.negative, one.params.seed, one.params.batch) for one in (before, after)]
    same_fields = all(getattr(before, name) is getattr(after, name) for name in _STARTS)
    return places[0] == places[1] and same_fields and before.params != after.params


def morph_path(places: Sequence[Position], before: KeyframePath, n_pictures: int, fps: float) -> KeyframePath:
    """A straight way through the places that takes `n_pictures` at `fps`, by the rules of the path before."""
    duration_s = max((n_pictures - 1) / fps / (len(places) - 1), MIN_DURATION_S)
    return KeyframePath(tuple(Keyframe(place, duration_s) for place in places), before.rules, "linear")
