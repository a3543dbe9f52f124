"""A person's picture becomes noise on the timeline; let go at any frame, it comes back different."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from studio.api.panel import Button, SteadyLabel
from studio.api.run_source import GeneratedSource, RunSource
from studio.core.frame import Frame
from studio.core.path.position import Position
from studio.core.translation import N_, translate
from studio.core.view import State

from ...shared.caption import whole_percents
from ...shared.panel.step_presenter import DISSOLVING
from ...shared.state import NOISE_LEFT

if TYPE_CHECKING:
    from ...shared.engine import DiffusionEngine
    from ...shared.panel.panel import DiffusionPanel
    from ...shared.params import DiffusionParams

_TEXT = N_("Your picture with {percent} % noise, {n} steps back")


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
        self.setAccessibleName(translate(N_("Your picture dissolves")))
        self._k = 0
        self.words = SteadyLabel(translate(_TEXT).format(percent=100, n=1000))
        self.release = Button(N_("Release here"), kind="primary")
        self.release.setObjectName("release")
        self.release.setToolTip(
            translate(N_("Take the noise away again from here: the more there was, the freer the model is (img2img)"))
        )
        self.cancel = Button(kind="quiet", icon_name="close", hint=N_("Leave the picture as it was"))
        self.cancel.setToolTip(translate(N_("Leave the picture as it was (Escape)")))
        self.cancel.setObjectName("release_cancel")
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 8, 8, 8)
        row.setSpacing(12)
        for widget in (self.words, self.release, self.cancel):
            row.addWidget(widget)
        self.release.clicked.connect(lambda: self.released.emit(self._k))
        self.cancel.clicked.connect(self.cancelled)
        canvas.installEventFilter(self)
        self.hide()

    def set_step(self, k: int, n_steps_back: int, noise: float) -> None:
        """Show where it stands: frame `k`, so many steps from the end, noise of 0..1 of its variance. Emits nothing."""
        self._k = k
        self.words.set_text(translate(_TEXT).format(percent=whole_percents(noise), n=n_steps_back))
        self.release.setEnabled(n_steps_back > 0)
        self.setAccessibleDescription(self.words.text())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay in the middle at the bottom of the canvas."""
        if event.type() is QEvent.Type.Resize and isinstance(watched, QWidget):
            self._place(watched)
        return False

    def showEvent(self, event: object) -> None:
        """Stand in the right place from the beginning."""
        canvas = self.parentWidget()
        if canvas is not None:
            self._place(canvas)
        self.raise_()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape leaves the picture as it was."""
        if event.key() == Qt.Key.Key_Escape:
            self.cancelled.emit()
        else:
            super().keyPressEvent(event)

    def _place(self, canvas: QWidget) -> None:
        self.adjustSize()
        width = min(self.width(), canvas.width())
        self.setGeometry((canvas.width() - width) // 2, canvas.height() - self.height(), width, self.height())


@dataclass(frozen=True, eq=False)
class DissolveSource:
    """A run in which a picture becomes noise; its branches make pictures again."""

    params: "DiffusionParams"
    start: State

    @property
    def n_frames(self) -> int:
        """The picture itself and one frame for each step."""
        return self.params.steps + 1

    @property
    def moved(self) -> float:
        """It has no positions."""
        return 0.0

    def frames(self, engine: Any) -> Iterator[Frame]:
        """Yield the picture with more and more noise."""
        own: DiffusionEngine = engine
        return own.dissolve(self.params, self.start)

    def branched(self, index: int, frame: Frame) -> RunSource:
        """Come back from the frame's noise."""
        return GeneratedSource(self.params, frame.state)

    def changed(self, index: int, params: "DiffusionParams", position: Position) -> RunSource:
        """The same picture on another way to noise."""
        return replace(self, params=params)


class DissolvePresenter(QObject):
    """Starts the dissolving, and keeps the bar over the canvas with which one lets go."""

    def __init__(self, panel: "DiffusionPanel") -> None:
        super().__init__(panel)
        self._panel = panel
        self._is_on = False
        panel.controls.start.dissolve_requested.connect(self.begin)
        panel.release.released.connect(self._on_released)
        panel.release.cancelled.connect(self._on_cancelled)

    def begin(self) -> None:
        """Let the scene's picture dissolve, and play it."""
        scene, deck = self._panel.editor.scene, self._panel.deck
        if scene.source is None:
            return
        start = replace(scene, origin="picture").start()
        assert start is not None
        info = replace(deck.info("run", scene.params), state={DISSOLVING: True})
        track = deck.recorder.start(DissolveSource(scene.params, start), info)
        deck.show_track(track)
        deck.playback.seek(0)
        deck.playback.play()

    def follow(self, frame: Frame) -> None:
        """Offer to let go while such a run is on the timeline."""
        track = self._panel.deck.track
        is_on = track is not None and DISSOLVING in track.recording.info.state
        if is_on:
            n_steps_back = frame.step
            self._panel.release.set_step(frame.step, n_steps_back, frame.scalars.get(NOISE_LEFT, 0.0))
        if is_on != self._is_on:
            self._is_on = is_on
            self._panel.release.setVisible(is_on)
            self._panel.mask_desk.set_paused(is_on)

    def _on_released(self, _: int) -> None:
        if self._panel.deck.can_branch:
            self._panel.deck.branch()

    def _on_cancelled(self) -> None:
        track = self._panel.deck.track
        if track is not None and DISSOLVING in track.recording.info.state:
            self._panel.deck.tracks.delete(track)
