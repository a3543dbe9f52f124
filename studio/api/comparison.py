"""Two pinned tracks take the place of the picture, locked to one playhead."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from studio.api.compared_clip import compared_clip
from studio.commands.track import Track
from studio.core.clip import Clip
from studio.core.param import param_specs
from studio.core.recording import Recording
from studio.widgets.panel_frame import PanelFrame

if TYPE_CHECKING:
    from studio.api.deck import Deck
    from studio.widgets.compare.view import CompareView


class Comparison(QObject):
    """Makes the view when it is first needed: most panels never compare anything."""

    def __init__(self, deck: "Deck", widget: QWidget) -> None:
        super().__init__(deck)
        self._deck = deck
        self._widget = widget
        self._view: CompareView | None = None
        self._pair: tuple[Track, ...] = ()
        deck.tracks.on_change(self._on_tracks_changed)
        deck.recorder.grown.connect(self._on_track_grown)

    @property
    def is_on(self) -> bool:
        """Whether two tracks are compared now."""
        return len(self._pair) == 2

    @property
    def longest(self) -> Recording:
        """The recording that shows most of both on the timeline."""
        return max((track.recording for track in self._pair), key=len)

    @property
    def n_frames(self) -> int:
        """How many places the common playhead has."""
        return self._view.n_frames if self._view is not None else 0

    def clip(self, state: Mapping[str, Any]) -> Clip | None:
        """Both runs as they are laid out now, to be exported; None where there are no two, or no pictures."""
        if self._view is None or len(self._pair) != 2:
            return None
        divider = self._view.divider if self._view.mode == "wipe" else None
        return compared_clip((self._pair[0], self._pair[1]), self._view.lock, divider, state)

    def show_index(self, index: int) -> None:
        """Show what belongs to a place of the common playhead."""
        if self._view is not None:
            self._view.show_index(index, self._deck.playback.n_frames)

    def _on_tracks_changed(self) -> None:
        pair = self._deck.tracks.pinned
        if pair == self._pair:
            return
        was_on, self._pair = self.is_on, pair
        frame = self._widget.findChild(PanelFrame)
        if frame is None:
            return
        if not self.is_on:
            frame.show_instead(None)
            self._deck.show_present()
            return
        if self._view is None:
            from studio.widgets.compare.view import CompareView  # a panel must stand at once, and few compare anything

            self._view = CompareView()
            self._view.closed.connect(self._deck.tracks.unpin_all)
            self._view.length_changed.connect(self._deck.refresh_length)
        a, b = pair
        self._view.set_pair(a, b, param_specs(type(self._deck.params)))
        frame.show_instead(self._view)
        if not was_on:
            self._stay_at_the_step()

    def _stay_at_the_step(self) -> None:
        """The common playhead counts from where the earlier one begins, a branch's own from where it branches off."""
        deck, track = self._deck, self._deck.track
        if track is not None and track.id in [one.id for one in self._pair]:
            step = deck.playback.index + track.offset - min(one.offset for one in self._pair)
            deck.refresh_length()
            deck.playback.seek(step)

    def _on_track_grown(self, track_id: str) -> None:
        if self._view is not None and any(track.id == track_id for track in self._pair):
            self._view.refresh()
            self._deck.refresh_length()
