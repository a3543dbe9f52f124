"""The tree of branches in step with the tracks, and where a person leads the text: to a token, to another word."""

from PySide6.QtCore import QObject

from studio.api.panel import BranchView, Track
from studio.api.text_branches import TextBranches, ids_of
from studio.api.timeline.controller import TimelineController
from studio.core.text.token import named
from studio.core.text.vocabulary import TextVocabulary
from studio.core.view import State

from ...server.spelling import learn_spelling
from ..state import OpenTransformer
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
        self._tree = TextBranches(timeline, view, _bits_of, self)
        self._vocabulary: TextVocabulary | None = None
        self._spelt: set[str] = set()  # tracks of which a server's vocabulary knows the tokens; new ones it hears

    def opened(self, found: OpenTransformer) -> None:
        """The model is open."""
        self._vocabulary = found.vocabulary

    def show(self, place: int) -> None:
        """Show all texts on the tracks; the playhead is at a token of the current one."""
        if self._vocabulary is None:
            return
        for track in self._timeline.tracks:
            if track.id not in self._spelt and len(track.recording) and (state := track.recording[-1].state):
                self._spelt.add(track.id)
                learn_spelling(self._vocabulary, state)
        self._tree.show(self._vocabulary, place)

    def force(self, place: int, *tokens: int) -> None:
        """Let the text have this word at a place, as a branch: an earlier one that has it is shown again."""
        current = self._timeline.track
        before = ids_of(current)[:place]
        for track in self._timeline.tracks:
            if track is not current and ids_of(track)[: place + len(tokens)] == [*before, *tokens]:
                self._timeline.show_track(track)
                self._seek(track, place)
                return
        if self._vocabulary is not None:
            self._writing.force(place, tokens, named("".join(self._vocabulary.texts(tokens))))

    def go_to_token(self, token: int) -> None:
        """Put the playhead on a token of the text, or on the first one that this branch has."""
        self._writing.stop()
        track = self._timeline.track
        if track is None or not (ids := ids_of(track)):
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
            first = len(ids_of(parent)) - len(parent.recording)
            if token >= first:
                self._timeline.show_track(parent)
                self._seek(parent, token)
                return
            branch = parent.recording.info.branch
            parent = None if branch is None else self._timeline.tracks.find(branch.parent_id)
        self._timeline.playback.to_start()

    def _seek(self, track: Track, place: int) -> None:
        first = len(ids_of(track)) - len(track.recording)
        self._timeline.playback.seek(max(place - first, 0))
        self._timeline.show_present()


def _bits_of(state: State) -> float | None:
    """The surprise of all that was written after the prompt; None where a state is no text."""
    if "facts" not in state:
        return None
    trace = TextTrace(state)
    return float(trace.surprise[max(len(trace.prompt), 1) :].sum())
