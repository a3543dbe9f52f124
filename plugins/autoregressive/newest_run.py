"""The newest run of a panel on the timeline, which the next change makes anew where nothing hangs on it."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from studio.api.deck import Deck

from .paced_source import PacedSource
from .params import SampleParams

if TYPE_CHECKING:
    from studio.api.run_source import RunSource


class NewestRun(QObject):
    """Signals:
        changed(): a run has begun or ended.
    """

    changed = Signal()

    def __init__(self, deck: Deck, parent: QObject) -> None:
        super().__init__(parent)
        self._deck = deck
        self._attempt = ""  # the track that the next change may make anew
        self._waits_for_end = False
        deck.recorder.ended.connect(self._on_ended)
        deck.recorder.grown.connect(self._on_grown)

    @property
    def is_running(self) -> bool:
        """Whether the newest run goes on."""
        return self._deck.recorder.is_running(self._attempt)

    @property
    def is_shown(self) -> bool:
        """Whether the newest run is the one on the timeline."""
        track = self._deck.track
        return track is not None and track.id == self._attempt

    def shown_params(self, otherwise: SampleParams) -> SampleParams:
        """The settings of the run that is on the timeline; others where that is none of a model."""
        source = self._source
        params = None if source is None else source.params
        return params if isinstance(params, SampleParams) else otherwise

    def shows(self, params: SampleParams) -> bool:
        """Whether the run on the timeline has these settings."""
        source = self._source
        return source is not None and bool(source.params == params)

    @property
    def _source(self) -> "RunSource | None":
        """What the run on the timeline is made from; None where it is none of ours."""
        track = self._deck.track
        return None if track is None else self._deck.recorder.source_of(track)

    def keep(self) -> None:
        """The next change begins a run of its own."""
        self._attempt = ""

    def _begin(self, source: PacedSource) -> None:
        """Put a run on the timeline, in place of the newest one where nothing hangs on that."""
        track = self._deck.recorder.renew(self._attempt, source, self._deck.info("run", source.params))
        self._deck.show_track(track)
        self._attempt = track.id

    def _on_grown(self, track_id: str) -> None:
        if track_id == self._attempt and self._waits_for_end:
            self._deck.playback.to_end()

    def _on_ended(self, track_id: str) -> None:
        if track_id == self._attempt:
            if self._waits_for_end:
                self._waits_for_end = False
                self._deck.playback.to_end()
            self.changed.emit()
