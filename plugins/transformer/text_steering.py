"""Where a person leads the text: to a token of it, to another word at a place, along a way of the tree."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from studio.core.text_token import named

if TYPE_CHECKING:
    from .panel import TransformerPanel


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
