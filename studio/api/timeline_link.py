"""Keeps the timeline bar in step with its deck, and turns its wishes into calls."""

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject

from studio.commands.track import Track
from studio.core.recording import RunKind
from studio.core.text import N_, plural, translate
from studio.widgets.timeline.mark import KeyframeMark
from studio.widgets.timeline.timeline import Timeline
from studio.widgets.timeline.track_row import TrackRow

if TYPE_CHECKING:
    from studio.api.deck import Deck

_KINDS: Final[dict[RunKind, str]] = {
    "run": N_("A run of the model"),
    "path": N_("A path that was kept"),
    "training": N_("How the model learnt"),
}
PATH_ID: Final = "path"


class TimelineLink(QObject):
    """One deck's timeline."""

    def __init__(self, deck: "Deck", timeline: Timeline) -> None:
        super().__init__(deck)
        self._deck = deck
        self._timeline = timeline
        self._connect_keyframes()
        deck.recorder.grown.connect(self._on_track_grown)
        deck.recorder.ended.connect(self._on_track_grown)
        timeline.branch_requested.connect(deck.branch)
        timeline.stop_requested.connect(deck.stop_current)
        timeline.track_selected.connect(self._on_track_selected)
        timeline.track_renamed.connect(self._on_track_renamed)
        timeline.track_hidden.connect(self._on_track_hidden)
        timeline.track_pinned.connect(self._on_track_pinned)
        timeline.track_deleted.connect(self._on_track_deleted)
        timeline.set_keyframable(deck.has_positions)

    def _connect_keyframes(self) -> None:
        timeline, deck, paths = self._timeline, self._deck, self._deck.paths
        timeline.keyframe_add_requested.connect(deck.add_keyframe)
        timeline.keyframe_selected.connect(deck.go_to_keyframe)
        timeline.keyframe_moved.connect(paths.retime)
        timeline.keyframe_move_finished.connect(paths.end_gesture)
        timeline.keyframe_removed.connect(paths.remove)
        timeline.keyframe_replaced.connect(deck.place_keyframe_here)
        timeline.keyframe_reordered.connect(paths.reorder)
        timeline.keyframe_easing_chosen.connect(paths.ease)

    def show(self) -> None:
        """Show what is on the timeline now, and all tracks beside it."""
        self._timeline.show_recording(self._deck.shown_recording, self._title(), self._detail())
        self._show_tracks()
        self.show_keyframes()
        self.refresh()

    def refresh(self) -> None:
        """The run has grown."""
        self._timeline.refresh()
        self._timeline.set_running(self._deck.is_growing)
        self._timeline.set_keyframable(self._deck.has_positions)
        self.show_index()

    def show_index(self) -> None:
        """The playhead has moved."""
        self._timeline.set_branchable(self._deck.can_branch)

    def show_keyframes(self) -> None:
        """Mark the keyframes of the path while it is there."""
        deck, path = self._deck, self._deck.paths.path
        if deck.track is not None:
            self._timeline.show_keyframes([], None)
            return
        n_steps = max(1, deck.n_frames - 1)
        frames = [deck.paths.frame_of(index, deck.playback.fps) for index in range(len(path))]
        marks = [
            KeyframeMark(frame / n_steps, keyframe.easing)
            for frame, keyframe in zip(frames, path.keyframes, strict=True)
        ]
        index = deck.playback.index
        self._timeline.show_keyframes(marks, frames.index(index) if index in frames else None)

    def _title(self) -> str:
        track = self._deck.track
        if track is not None:
            return track.name
        return translate(N_("Path")) if self._deck.paths.path.keyframes else ""

    def _detail(self) -> str:
        track = self._deck.track
        return self._path_detail() if track is None else translate(_KINDS[track.recording.info.kind])

    def _path_detail(self) -> str:
        path = self._deck.paths.path
        if not path.keyframes:
            return ""
        n = len(path.keyframes)
        parts = [plural(N_("{n} keyframe"), N_("{n} keyframes"), n)]
        if n > 1:
            parts.append(translate(N_("{s:.1f} s")).format(s=path.duration_s))
        if path.is_paced:
            parts.append(translate(N_("constant perceived speed")))
        return " · ".join(parts)

    def _show_tracks(self) -> None:
        deck = self._deck
        rows = [self._row(track) for track in deck.tracks]
        n_path_frames = deck.paths.path.n_frames(deck.playback.fps)
        if rows and n_path_frames:
            rows.insert(0, TrackRow(PATH_ID, translate(N_("Path")), -1, n_frames=n_path_frames))
        current = PATH_ID if deck.track is None else deck.track.id
        self._timeline.show_tracks(rows, current)

    def _row(self, track: Track) -> TrackRow:
        deck, branch = self._deck, track.recording.info.branch
        return TrackRow(
            track.id,
            track.name,
            track.colour,
            track.is_hidden,
            track.is_pinned,
            len(track.recording),
            (branch.parent_id, branch.step) if branch is not None else None,
            deck.recorder.is_running(track.id),
        )

    def _on_track_grown(self, _: str) -> None:
        self._show_tracks()

    def _on_track_selected(self, track_id: str) -> None:
        if track_id == PATH_ID:
            self._deck.show_path()
        else:
            self._deck.show_track(self._track(track_id))
        self._deck.show_present()

    def _on_track_renamed(self, track_id: str, name: str) -> None:
        self._deck.tracks.rename(self._track(track_id), name)

    def _on_track_hidden(self, track_id: str, is_hidden: bool) -> None:
        self._deck.tracks.hide(self._track(track_id), is_hidden)

    def _on_track_pinned(self, track_id: str, is_pinned: bool) -> None:
        self._deck.tracks.pin(self._track(track_id), is_pinned)

    def _on_track_deleted(self, track_id: str) -> None:
        self._deck.stop(track_id)
        self._deck.tracks.delete(self._track(track_id))

    def _track(self, track_id: str) -> Track:
        track = self._deck.tracks.find(track_id)
        assert track is not None, track_id
        return track
