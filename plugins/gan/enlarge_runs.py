"""The run that draws the picture on screen: begun anew for another picture, drawn again for another vividness."""

from dataclasses import replace
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from studio.api.deck import Deck
from studio.api.panel import Track
from studio.api.run_source import GeneratedSource

from .enlarge_scene import EnlargeScene

SETTLE_MS: Final = 350
"""So long must the slider rest before the run is made again."""


class EnlargeRuns(QObject):
    """Keeps one track in step with the scene; what a person has pinned, named or branched from stays.

    Signals: ended() when the newest run is over.
    """

    ended = Signal()

    def __init__(self, deck: Deck, parent: QObject) -> None:
        super().__init__(parent)
        self._deck = deck
        self._scene = EnlargeScene()
        self._track_id = ""
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settle.timeout.connect(self.renew)
        deck.recorder.ended.connect(self._on_run_ended)

    @property
    def is_running(self) -> bool:
        """Whether the newest run goes on, or is about to."""
        return self._settle.isActive() or self._deck.recorder.is_running(self._track_id)

    @property
    def is_own_shown(self) -> bool:
        """Whether the newest run is on the timeline."""
        track = self._deck.track
        return track is not None and track.id == self._track_id

    def take(self, scene: EnlargeScene) -> None:
        """Draw a scene at once."""
        self._scene = scene
        self.renew()

    def follow(self, scene: EnlargeScene) -> None:
        """Draw a scene when the hand rests; a branch follows the controls by itself."""
        self._scene = scene
        track = self._deck.track
        if track is None or track.recording.info.branch is None:
            self._settle.start()

    def stop(self) -> None:
        """End what runs within one part."""
        self._settle.stop()
        if self._deck.recorder.is_running(self._track_id):
            self._deck.stop(self._track_id)

    def renew(self) -> None:
        """Draw the scene, in place of the newest run where nothing hangs on that."""
        self._settle.stop()
        scene, deck, track = self._scene, self._deck, self._replaceable()
        if track is None:
            track = deck.record_run(scene.params, scene.start())
            self._track_id = track.id
            if not deck.recorder.is_running(track.id):  # it was over before its track was known
                self.ended.emit()
            return
        source = GeneratedSource(scene.params, scene.start())
        deck.recorder.restart(track, source, replace(deck.info("run", scene.params), id=track.id))
        deck.show_track(track)

    def _replaceable(self) -> Track | None:
        tracks = self._deck.tracks
        track = tracks.find(self._track_id)
        if track is None or track.is_pinned or track.is_named:
            return None
        parents = {other.recording.info.branch.parent_id for other in tracks if other.recording.info.branch}
        return None if track.id in parents else track

    def _on_run_ended(self, track_id: str) -> None:
        if track_id == self._track_id:
            self.ended.emit()
