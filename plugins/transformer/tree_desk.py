"""Grows the tree of ways on behind the marked token, and lets the text take one."""

from collections.abc import Sequence
from functools import partial
from typing import Final

from PySide6.QtCore import QObject, Signal

from studio.api.engine import EngineHandle
from studio.api.panel import TaskScope
from studio.core.text import N_, translate
from studio.core.text_token import named
from studio.core.text_vocabulary import TextVocabulary

from .text_call import tree_of
from .tree_block import TreeBlock
from .tree_section import TreeSection
from .tree_view import TreeView

KEY: Final = "tree"


class TreeDesk(QObject):
    """Signals: taken(place, path): the text shall go on with these tokens from a place on."""

    taken = Signal(int, object)

    def __init__(
        self, section: TreeSection, view: TreeView, tasks: TaskScope, handle: EngineHandle, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._section, self._view, self._tasks, self._handle = section, view, tasks, handle
        self._vocabulary: TextVocabulary | None = None
        self._ids: tuple[int, ...] = ()
        self._grown: tuple[int, ...] = ()
        self._muted = ""
        section.grow_requested.connect(self._on_grow_requested)
        section.take_requested.connect(view.take)
        view.taken.connect(self._on_taken)

    def set_vocabulary(self, vocabulary: TextVocabulary) -> None:
        """The model is open."""
        self._vocabulary = vocabulary

    def show(self, ids: Sequence[int], place: int, muted: str) -> None:
        """The text on screen: the tree grows behind the token at `place`. One of another place goes."""
        self._ids, self._muted = tuple(ids[: place + 1]), muted
        if self._vocabulary is None or not self._ids:
            return
        word = named(self._vocabulary.name(self._ids[-1]))
        self._section.place.setText(translate(N_("What could come after “{word}”")).format(word=word))
        if self._grown and self._grown != self._ids:
            self._grown = ()
            self._view.show_blocks((), self._vocabulary)

    def _on_grow_requested(self, width: int, depth: int) -> None:
        if self._ids:
            self._grown = self._ids
            work = partial(tree_of, ids=self._ids, width=width, depth=depth, muted=self._muted)
            self._tasks.run(KEY, self._handle.work(work), done=self._on_grown)

    def _on_grown(self, blocks: Sequence[TreeBlock]) -> None:
        self._view.show_blocks(blocks, self._vocabulary)

    def _on_taken(self, path: Sequence[int]) -> None:
        self.taken.emit(len(self._grown), list(path))
