"""A person's picture becomes noise on the timeline; let go at any frame, it comes back different."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from studio.api.panel import Button, SteadyLabel, named_button, set_tip
from studio.api.timeline.controller import TimelineController
from studio.api.timeline.run_source import GeneratedSource, PlacelessSource, RunSource
from studio.core.frame import Frame
from studio.core.translation import N_, _, translate
from studio.core.view import State

from ...shared.caption import whole_percents
from ...shared.panel.editor import DiffusionEditor
from ...shared.panel.step_presenter import DISSOLVING
from ...shared.params import DiffusionParams
from ...shared.scene import DiffusionScene
from ...shared.state import NOISE_LEFT
from .mask_section import MaskPresenter
from .start_section import StartSection

_TEXT = N_("Your picture with {percent} % noise, {n} steps to go back")


class ReleaseBar(QFrame):
    """Stands at the bottom of the canvas, in the middle. Begins hidden.

    Signals:
        released(k): denoise from frame `k` of the dissolving on.
        cancelled(): leave the picture as it was (Escape).
    """

    released = Signal(int)
    cancelled = Signal()

    def __init__(self, canvas: QWidget) -> None:
        super().__init__(canvas)
        self.setObjectName("release_bar")
        self.setProperty("role", "caption")
        self.setAccessibleName(_("Your picture dissolves"))
        self._k = 0
        self.words = SteadyLabel(translate(_TEXT).format(percent=100, n=1000))
        self.release = named_button("release", N_("Restore from here"), kind="primary")
        set_tip(
            self.release, _("Remove the noise again from here: the more there was, the freer the model is (img2img)")
        )
        self.cancel = Button(kind="quiet", icon_name="close", hint=N_("Leave the picture as it was"))
        set_tip(self.cancel, _("Leave the picture as it was (Escape)"))
        self.cancel.setObjectName("release_cancel")
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 8, 8, 8)
        row.setSpacing(12)
        for widget in (self.words, self.release, self.cancel):
            row.addWidget(widget)
        self.release.clicked.connect(lambda: self.released.emit(self._k))
        self.cancel.clicked.connect(self.cancelled)
        self._canvas = canvas
        self.hide()

    def set_step(self, k: int, n_steps_back: int, noise: float) -> None:
        """Show where it stands: frame `k`, so many steps from the end, noise of 0..1 of its variance. Emits nothing."""
        self._k = k
        self.words.set_text(translate(_TEXT).format(percent=whole_percents(noise), n=n_steps_back))
        self.release.setEnabled(n_steps_back > 0)
        self.setAccessibleDescription(self.words.text())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay in the middle at the bottom of the canvas."""
        if event.type() is QEvent.Type.Resize:
            self._place()
        return False

    def showEvent(self, event: object) -> None:
        """Stand in the right place from the beginning."""
        self._place()
        self.raise_()
        self._canvas.installEventFilter(self)

    def hideEvent(self, event: object) -> None:
        """The canvas may do as it likes."""
        self._canvas.removeEventFilter(self)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape leaves the picture as it was."""
        if event.key() == Qt.Key.Key_Escape:
            self.cancelled.emit()
        else:
            super().keyPressEvent(event)

    def _place(self) -> None:
        canvas = self._canvas
        self.adjustSize()
        width = min(self.width(), canvas.width())
        self.setGeometry((canvas.width() - width) // 2, canvas.height() - self.height(), width, self.height())


@dataclass(frozen=True, eq=False)
class DissolveSource(PlacelessSource):
    """A run in which a picture becomes noise; its branches make pictures again."""

    params: DiffusionParams
    start: State

    @property
    def n_frames(self) -> int:
        """The picture itself and one frame for each step."""
        return self.params.steps + 1

    def frames(self, engine: Any) -> Iterator[Frame]:
        """Yield the picture with more and more noise."""
        dissolving: Iterator[Frame] = engine.dissolve(self.params, self.start)
        return dissolving

    def branched(self, index: int, frame: Frame) -> RunSource:
        """Come back from the frame's noise."""
        return GeneratedSource(self.params, frame.state)


class DissolvePresenter(QObject):
    """Starts the dissolving, and keeps the bar over the canvas with which one lets go."""

    def __init__(
        self,
        bar: ReleaseBar,
        section: StartSection,
        masks: MaskPresenter,
        editor: DiffusionEditor,
        timeline: TimelineController,
    ) -> None:
        super().__init__(bar)
        self._bar, self._masks, self._editor, self._timeline = bar, masks, editor, timeline
        self._is_on = False
        section.dissolve_requested.connect(self.begin)
        bar.released.connect(self._on_released)
        bar.cancelled.connect(self._on_cancelled)

    def begin(self) -> None:
        """Let the scene's picture dissolve, and play it."""
        scene, timeline = self._editor.scene, self._timeline
        if scene.source is None:
            return
        start = replace(scene, origin="picture").start()
        assert start is not None
        info = replace(timeline.info("run", scene.params), state={DISSOLVING: True})
        track = timeline.recorder.start(DissolveSource(scene.params, start), info)
        timeline.show_track(track)
        timeline.playback.seek(0)
        timeline.playback.play()

    def show_frame(self, frame: Frame, scene: DiffusionScene) -> None:
        """Offer to let go while such a run is on the timeline."""
        track = self._timeline.track
        is_on = track is not None and DISSOLVING in track.recording.info.state
        if is_on:
            self._bar.set_step(frame.step, frame.step, frame.scalars.get(NOISE_LEFT, 0.0))
        if is_on != self._is_on:
            self._is_on = is_on
            self._bar.setVisible(is_on)
            self._masks.set_paused(is_on)

    def _on_released(self, _: int) -> None:
        if self._timeline.branching.can_branch:
            self._timeline.branch()

    def _on_cancelled(self) -> None:
        track = self._timeline.track
        if track is not None and DISSOLVING in track.recording.info.state:
            self._timeline.tracks.delete(track)
