"""The inspector's part for the tree: how wide and how deep it grows, and the growing behind the marked token."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from studio.api.panel import EngineTasks, Label, SliderRow, ValueRange, named_button, put_in_a_column, small_label
from studio.core.text.token import named
from studio.core.text.vocabulary import TextVocabulary
from studio.core.translation import N_, _, translate

from ..interpret.continuation_tree import TreeBlock
from .tree_view import ContinuationTreeView

NOTE: Final = N_(
    "The likelier a word is compared with the others shown, the taller its block. Click one to look closer; "
    "double-click it to continue the text that way."
)
KEY: Final = "tree"


class ContinuationTreeSection(QWidget):
    """Signals: grow_requested(width, depth); take_requested()."""

    grow_requested = Signal(int, int)
    take_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        widths, depths = ValueRange(1, 6, 1, 3, is_whole=True), ValueRange(1, 8, 1, 4, is_whole=True)
        self.width_row = SliderRow("tree_width", N_("Width"), widths, N_("How many words are followed after each word"))
        self.depth_row = SliderRow("tree_depth", N_("Depth"), depths, N_("How many tokens deep the tree goes"))
        self.width_row.set_value(3)
        self.depth_row.set_value(4)
        self.grow = named_button("grow", N_("Grow the tree"), kind="primary", pressed=self._on_grow_clicked)
        self.take = named_button("take_way", N_("Continue with the marked path"), pressed=self.take_requested)
        self.place = Label()
        self.place.setWordWrap(True)
        note = small_label(translate(NOTE))
        put_in_a_column(self, (self.place, self.width_row, self.depth_row, self.grow, self.take, note))

    def _on_grow_clicked(self) -> None:
        self.grow_requested.emit(round(self.width_row.value()), round(self.depth_row.value()))


class ContinuationTreePresenter(QObject):
    """Signals: taken(place, path, title): the text shall go on with these tokens from a place on, as a branch."""

    taken = Signal(int, object, str)

    def __init__(
        self,
        section: ContinuationTreeSection,
        view: ContinuationTreeView,
        tasks: EngineTasks,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._section, self._view, self._tasks = section, view, tasks
        self._vocabulary: TextVocabulary | None = None
        self._ids: tuple[int, ...] = ()
        self._grown: tuple[int, ...] = ()
        self._change = ""
        section.grow_requested.connect(self._on_grow_requested)
        section.take_requested.connect(view.take)
        view.taken.connect(self._on_taken)

    def set_vocabulary(self, vocabulary: TextVocabulary) -> None:
        """The model is open."""
        self._vocabulary = vocabulary

    def show(self, ids: Sequence[int], place: int, change: str) -> None:
        """The text on screen: the tree grows behind the token at `place`. One of another place goes."""
        self._ids, self._change = tuple(ids[: place + 1]), change
        if self._vocabulary is None or not self._ids:
            return
        word = named(self._vocabulary.name(self._ids[-1]))
        self._section.place.setText(_("What could come after “{word}”").format(word=word))
        if self._grown and self._grown != self._ids:
            self._grown = ()
            self._view.show_blocks((), self._vocabulary)

    def _on_grow_requested(self, width: int, depth: int) -> None:
        if self._ids:
            self._grown, change = self._ids, self._change
            ids = self._grown
            self._tasks.ask(KEY, lambda engine: engine.tree(ids, width, depth, change), done=self._on_grown)

    def _on_grown(self, blocks: Sequence[TreeBlock]) -> None:
        self._view.show_blocks(blocks, self._vocabulary)

    def _on_taken(self, path: Sequence[int]) -> None:
        if self._vocabulary is not None:
            self.taken.emit(len(self._grown), list(path), "".join(self._vocabulary.texts(list(path))).strip())
