"""The tree of a text's branches, in step with the tracks."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject

from studio.api.timeline.controller import TimelineController
from studio.commands.track import Track
from studio.core.text.token import goes_on, named
from studio.core.text.vocabulary import TextVocabulary
from studio.core.translation import _
from studio.core.view import State
from studio.widgets.text.branch_tree import BranchRun
from studio.widgets.text.branch_view import BranchView


class TextBranches(QObject):
    """One panel's tree."""

    def __init__(
        self, timeline: TimelineController, view: BranchView, bits_of: Callable[[State], float | None], parent: QObject
    ) -> None:
        """`bits_of` gives the surprise of all that was written after a text's prompt; None where a state is no text."""
        super().__init__(parent)
        self._timeline, self._view, self._bits_of = timeline, view, bits_of
        self._known: dict[str, tuple[int, BranchRun]] = {}
        view.chosen.connect(self._on_chosen)
        view.delete_requested.connect(self._on_delete_requested)

    def show(self, vocabulary: TextVocabulary, place: int) -> None:
        """Show all texts on the tracks; the playhead is at a token of the current one."""
        runs = [run for track in self._timeline.tracks if (run := self._run(track, vocabulary)) is not None]
        current = self._timeline.track
        self._view.show_runs(runs, "" if current is None else current.id, place)

    def _run(self, track: Track, vocabulary: TextVocabulary) -> BranchRun | None:
        n_frames = len(track.recording)
        known = self._known.get(track.id)
        if known is not None and known[0] == n_frames:
            return known[1]
        state = track.recording[n_frames - 1].state if n_frames else None  # it may have grown meanwhile
        bits = None if state is None else self._bits_of(state)
        if state is None or bits is None:
            return None
        run = self._read(track, _ids_in(state), n_frames, bits, vocabulary)
        self._known[track.id] = n_frames, run
        return run

    def _read(self, track: Track, ids: list[int], n_frames: int, bits: float, vocabulary: TextVocabulary) -> BranchRun:
        branch, pieces = track.recording.info.branch, vocabulary.texts(ids)
        parent = None if branch is None else self._timeline.tracks.find(branch.parent_id)
        other, place = vocabulary.texts(ids_of(parent)), len(pieces) - n_frames
        return BranchRun(
            track.id,
            "" if branch is None else branch.parent_id,
            place,
            len(pieces),
            named(_word_at(pieces, place)) if branch is not None else _("first text"),
            named(_word_at(other, place)) if place < len(other) else "",
            "".join(pieces),
            bits,
        )

    def _on_chosen(self, track_id: str) -> None:
        track = self._timeline.tracks.find(track_id)
        if track is not None:
            self._timeline.show_track(track)
            self._timeline.playback.to_end()
            self._timeline.show_present()

    def _on_delete_requested(self, track_id: str) -> None:
        track = self._timeline.tracks.find(track_id)
        if track is not None and len(self._timeline.tracks) > 1:
            self._timeline.recorder.stop(track_id)
            self._timeline.tracks.delete(track)
            self._timeline.show_present()


def _word_at(pieces: Sequence[str], place: int) -> str:
    """The word that begins with a token of a text."""
    end = place + 1
    while end < len(pieces) and goes_on(pieces[end - 1], pieces[end]):
        end += 1
    return "".join(pieces[place:end])


def ids_of(track: Track | None) -> list[int]:
    """The tokens of a track's text; none where there is no text."""
    state = None if track is None or not len(track.recording) else track.recording[-1].state
    return [] if state is None else _ids_in(state)


def _ids_in(state: State) -> list[int]:
    return [int(one) for one in state.get("ids", ())]
