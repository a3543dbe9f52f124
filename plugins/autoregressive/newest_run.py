"""The newest run of a panel, which is watched as it appears or shown when it is whole."""

from typing import TypeVar

from PySide6.QtCore import QObject

from studio.api.deck import Deck

from .panel_runs import PanelRuns

P = TypeVar("P")


class NewestRun(PanelRuns):
    """Signals: see PanelRuns; growing is no change."""

    def __init__(self, deck: Deck, parent: QObject) -> None:
        super().__init__(deck, parent)
        self._waits_for_end = False

    @property
    def is_running(self) -> bool:
        """Whether the newest run goes on."""
        return self._deck.recorder.is_running(self._attempt)

    @property
    def is_shown(self) -> bool:
        """Whether the newest run is the one on the timeline."""
        track = self._deck.track
        return track is not None and track.id == self._attempt

    def shown_params(self, otherwise: P) -> P:
        """The settings of the run that is on the timeline; others where that is none of a model."""
        source = self.source
        params = None if source is None else source.params
        return params if isinstance(params, type(otherwise)) else otherwise

    def _on_grown(self, track_id: str) -> None:
        if track_id == self._attempt and self._waits_for_end:
            self._deck.playback.to_end()

    def _on_ended(self, track_id: str) -> None:
        if track_id == self._attempt:
            if self._waits_for_end:
                self._waits_for_end = False
                self._deck.playback.to_end()
            self.changed.emit()
