"""The tree of branches in step with the tracks, and where a person leads the text: a token, another word, a way."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from studio.api.deck import Deck
from studio.api.panel import BranchRun, BranchView, Track
from studio.core.text.token import named
from studio.core.text.vocabulary import TextVocabulary
from studio.core.translation import N_, translate

from ..trace import TextTrace
from .interactive_run import InteractiveWriting

if TYPE_CHECKING:
    from .panel import TransformerPanel


class BranchPresenter(QObject):
    """One panel's tree."""

    def __init__(self, deck: Deck, view: BranchView, parent: QObject) -> None:
        super().__init__(parent)
        self._deck = deck
        self._view = view
        self._vocabulary: TextVocabulary | None = None
        self._place = 0
        self._known: dict[str, tuple[int, BranchRun]] = {}
        view.chosen.connect(self._on_chosen)
        view.delete_requested.connect(self._on_delete_requested)

    def show(self, vocabulary: TextVocabulary, place: int) -> None:
        """Show all texts on the tracks; the playhead is at a token of the current one."""
        self._vocabulary, self._place = vocabulary, place
        runs = [run for track in self._deck.tracks if (run := self._run(track)) is not None]
        current = self._deck.track
        self._view.show_runs(runs, "" if current is None else current.id, place)

    def force(self, writing: InteractiveWriting, place: int, token: int, word: str) -> None:
        """Let the text have this token at a place: an earlier branch that has it is shown again."""
        current = self._deck.track
        before = () if current is None else self._ids(current)[:place]
        for track in self._deck.tracks:
            if track is not current and self._ids(track)[: place + 1] == [*before, token]:
                self._deck.show_track(track)
                self._seek(track, place)
                return
        writing.force(place, token, word)

    def show_before(self, token: int) -> None:
        """Go to a token that stands before the branch: in the run that the branch left."""
        track = self._deck.track
        branch = None if track is None else track.recording.info.branch
        parent = None if branch is None else self._deck.tracks.find(branch.parent_id)
        while parent is not None:
            first = len(self._ids(parent)) - len(parent.recording)
            if token >= first:
                self._deck.show_track(parent)
                self._seek(parent, token)
                return
            branch = parent.recording.info.branch
            parent = None if branch is None else self._deck.tracks.find(branch.parent_id)
        self._deck.playback.to_start()

    def _seek(self, track: Track, place: int) -> None:
        first = len(self._ids(track)) - len(track.recording)
        self._deck.playback.seek(max(place - first, 0))
        self._deck.show_present()

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
        parent = None if branch is None else self._deck.tracks.find(branch.parent_id)
        other = []
        if parent is not None:
            other = vocabulary.texts(self._ids(parent))
        bits = float(trace.surprise[max(n_prompt, 1) :].sum())
        return BranchRun(
            track.id,
            "" if branch is None else branch.parent_id,
            place,
            len(trace),
            named(pieces[place]) if branch is not None else translate(N_("first text")),
            named(other[place]) if place < len(other) else "",
            "".join(pieces),
            bits,
        )

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


class TextSteering(QObject):
    """One panel's steering."""

    def __init__(self, panel: "TransformerPanel") -> None:
        super().__init__(panel)
        self._panel = panel
        panel.stage.canvas.page.token_pressed.connect(self.go_to_token)
        panel.controls.surprises.chosen.connect(self.go_to_token)
        panel.controls.bars.word_forced.connect(self.force_word)
        panel.bars.forced.connect(self.force)
        panel.inside.token_chosen.connect(self.go_to_token)
        panel.inside.way_taken.connect(self.take_way)

    def go_to_token(self, token: int) -> None:
        """Put the playhead on a token of the text, or on the first one that this branch has."""
        panel, recording = self._panel, self._panel.deck.recording
        panel.writing.stop()
        n_frames = 0 if recording is None else len(recording)
        state = recording[n_frames - 1].state if recording is not None and n_frames else None
        if state is not None and "ids" in state:
            first = len(state["ids"]) - n_frames
            if token >= first:
                panel.deck.playback.seek(token - first)
            else:
                panel.branches.show_before(token)

    def force(self, place: int, token: int) -> None:
        """Let the text go on with this token at a place; what was there stays as a branch."""
        vocabulary = self._panel.text.vocabulary
        if vocabulary is not None:
            self._panel.branches.force(self._panel.writing, place, token, named(vocabulary.name(token)))

    def take_way(self, place: int, path: list[int]) -> None:
        """Let the text go on with several tokens from a place on, as a branch."""
        vocabulary = self._panel.text.vocabulary
        if vocabulary is not None:
            self._panel.writing.take(place, path, "".join(vocabulary.texts(path)).strip())

    def force_word(self, word: str) -> None:
        """Force a word that was typed; where it is no token of its own it is typed into the text instead."""
        text, place = self._panel.text, self._panel.bars.place
        if text.vocabulary is None or not text.tokens:
            return
        token = text.vocabulary.find(word)
        if token is not None:
            self.force(place, token)
        else:
            before = "".join(one.piece for one in text.tokens[:place])
            self._panel.editor.type(f"{before} {word.strip()}")
