"""Keeps the tree of branches in step with the tracks, and turns what is clicked there into calls."""

from PySide6.QtCore import QObject

from studio.api.deck import Deck
from studio.api.panel import BranchRun, BranchView, Track
from studio.core.text import N_, translate
from studio.core.text_token import named
from studio.core.text_vocabulary import TextVocabulary

from .text_state import Trace


class TextBranches(QObject):
    """One panel's tree."""

    def __init__(self, deck: Deck, view: BranchView, parent: QObject) -> None:
        super().__init__(parent)
        self._deck = deck
        self._view = view
        self._known: dict[str, tuple[int, BranchRun]] = {}
        view.chosen.connect(self._on_chosen)
        view.delete_requested.connect(self._on_delete_requested)

    def show(self, vocabulary: TextVocabulary, place: int) -> None:
        """Show all texts on the tracks; the playhead is at a token of the current one."""
        runs = [run for track in self._deck.tracks if (run := self._run(track, vocabulary)) is not None]
        current = self._deck.track
        self._view.show_runs(runs, "" if current is None else current.id, place)

    def _run(self, track: Track, vocabulary: TextVocabulary) -> BranchRun | None:
        n_frames = len(track.recording)
        known = self._known.get(track.id)
        if known is not None and known[0] == n_frames:
            return known[1]
        state = track.recording[-1].state if n_frames else None
        if state is None or "next_raw" not in state:
            return None
        run = self._read(track, Trace(state), n_frames, vocabulary)
        self._known[track.id] = n_frames, run
        return run

    def _read(self, track: Track, trace: Trace, n_frames: int, vocabulary: TextVocabulary) -> BranchRun:
        branch, pieces = track.recording.info.branch, vocabulary.texts(trace.ids.tolist())
        place = len(trace) - n_frames
        other = [] if branch is None else vocabulary.texts(self._ids(branch.parent_id))
        return BranchRun(
            track.id,
            "" if branch is None else branch.parent_id,
            place,
            len(trace),
            named(pieces[place]) if branch is not None else translate(N_("first text")),
            named(other[place]) if place < len(other) else "",
            "".join(pieces),
            float(trace.surprise[max(trace.n_prompt, 1) :].sum()),
        )

    def _ids(self, track_id: str) -> list[int]:
        track = self._deck.tracks.find(track_id)
        state = None if track is None or not len(track.recording) else track.recording[-1].state
        return [] if state is None or "ids" not in state else [int(one) for one in state["ids"]]

    def _on_chosen(self, track_id: str) -> None:
        track = self._deck.tracks.find(track_id)
        if track is not None:
            self._deck.show_track(track)
            self._deck.playback.to_end()
            self._deck.show_present()

    def _on_delete_requested(self, track_id: str) -> None:
        track = self._deck.tracks.find(track_id)
        if track is not None and len(self._deck.tracks) > 1:
            self._deck.stop(track_id)
            self._deck.tracks.delete(track)
            self._deck.show_present()
