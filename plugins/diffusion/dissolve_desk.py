"""A person's picture becomes noise on the timeline; let go at any frame, it comes back different."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from studio.api.run_source import GeneratedSource, RunSource
from studio.core.frame import Frame
from studio.core.position import Position
from studio.core.view import State

from .caption_desk import DISSOLVING
from .view_name import NOISE_LEFT

if TYPE_CHECKING:
    from .engine import DiffusionEngine
    from .panel import DiffusionPanel
    from .params import SampleParams


@dataclass(frozen=True, eq=False)
class DissolveSource:
    """A run in which a picture becomes noise; its branches make pictures again."""

    params: "SampleParams"
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

    def changed(self, index: int, params: "SampleParams", position: Position) -> RunSource:
        """The same picture on another way to noise."""
        return replace(self, params=params)


class DissolveDesk(QObject):
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
