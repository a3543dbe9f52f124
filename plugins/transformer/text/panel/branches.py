"""The tree of branches in step with the tracks, and where a person leads the text: to a token, to another word."""

from PySide6.QtCore import QObject

from studio.api.panel import BranchRun, BranchView, Track
from studio.api.timeline import TimelineController
from studio.core.text.token import named
from studio.core.text.vocabulary import TextVocabulary
from studio.core.translation import _

from ..trace import TextTrace
from .interactive_run import InteractiveWriting


class BranchPresenter(QObject):
    """One panel's tree."""

    def __init__(
        self, timeline: TimelineController, writing: InteractiveWriting, view: BranchView, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._timeline = timeline
        self._writing = writing
        self._view = view
        self._vocabulary: TextVocabulary | None = None
        self._known: dict[str, tuple[int, BranchRun]] = {}
        view.chosen.connect(self._on_chosen)
        view.delete_requested.connect(self._on_delete_requested)

    def set_vocabulary(self, vocabulary: TextVocabulary) -> None:
        """The model is open."""
        self._vocabulary = vocabulary

    def show(self, place: int) -> None:
        """Show all texts on the tracks; the playhead is at a token of the current one."""
        runs = [run for track in self._timeline.tracks if (run := self._run(track)) is not None]
        current = self._timeline.track
        self._view.show_runs(runs, "" if current is None else current.id, place)

    def force(self, place: int, token: int) -> None:
        """Let the text have this token at a place, as a branch: an earlier one that has it is shown again."""
        current = self._timeline.track
        before = () if current is None else self._ids(current)[:place]
        for track in self._timeline.tracks:
            if track is not current and self._ids(track)[: place + 1] == [*before, token]:
                self._timeline.show_track(track)
                self._seek(track, place)
                return
        if self._vocabulary is not None:
            self._writing.force(place, token, named(self._vocabulary.name(token)))

    def go_to_token(self, token: int) -> None:
        """Put the playhead on a token of the text, or on the first one that this branch has."""
        self._writing.stop()
        track = self._timeline.track
        if track is None or not (ids := self._ids(track)):
            return
        first = len(ids) - len(track.recording)
        if token >= first:
            self._timeline.playback.seek(token - first)
        else:
            self._show_before(token)

    def _show_before(self, token: int) -> None:
        """Go to a token that stands before the branch: in the run that the branch left."""
        track = self._timeline.track
        branch = None if track is None else track.recording.info.branch
        parent = None if branch is None else self._timeline.tracks.find(branch.parent_id)
        while parent is not None:
            first = len(self._ids(parent)) - len(parent.recording)
            if token >= first:
                self._timeline.show_track(parent)
                self._seek(parent, token)
                return
            branch = parent.recording.info.branch
            parent = None if branch is None else self._timeline.tracks.find(branch.parent_id)
        self._timeline.playback.to_start()

    def _seek(self, track: Track, place: int) -> None:
        first = len(self._ids(track)) - len(track.recording)
        self._timeline.playback.seek(max(place - first, 0))
        self._timeline.show_present()

    def _ids(self, track: Track) -> list[int]:
        if not len(track.recording):
            return []
        state = track.recording[-1].state or {}
        return [int(one) for one in state.get("ids", ())]

    def _run(self, track: Track) -> BranchRun | None:
        n_frames = len(track.recording)
        known = self._known.get(track.id)
        if known is not None and known[0] == n_frames:
            return known[1]
        state = track.recording[-1].state if n_frames else None
        if self._vocabulary is None or state is None or "facts" not in state:
            return None
        run = self._read(track, TextTrace(state), n_frames, self._vocabulary)
        self._known[track.id] = n_frames, run
        return run

    def _read(self, track: Track, trace: TextTrace, n_frames: int, vocabulary: TextVocabulary) -> BranchRun:
        branch, pieces = track.recording.info.branch, vocabulary.texts(trace.ids.tolist())
        place, n_prompt = len(trace) - n_frames, len(trace.prompt)
        parent = None if branch is None else self._timeline.tracks.find(branch.parent_id)
        other = []
        if parent is not None:
            other = vocabulary.texts(self._ids(parent))
        bits = float(trace.surprise[max(n_prompt, 1) :].sum())
        return BranchRun(
            track.id,
            "" if branch is None else branch.parent_id,
            place,
            len(trace),
            named(pieces[place]) if branch is not None else _("first text"),
            named(other[place]) if place < len(other) else "",
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
            self._timeline.stop(track_id)
            self._timeline.tracks.delete(track)
            self._timeline.show_present()
