"""The page around the map of everything: how it is laid out and coloured, what is pointed at, what is selected."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from studio.api.panel import (
    FieldView,
    ImageView,
    Segmented,
    SteadyLabel,
    in_a_row,
    named_button,
    put_in_a_column,
    small_label,
)
from studio.core.translation import N_, translate

from ...representation.layout import FLAT, NEIGHBOURS
from ..own_picture import dropped
from .canvas import EverythingCanvas
from .choice_box import ChoiceBox
from .legend import Legend

WAYS: Final = {
    FLAT: (N_("Flat"), N_("The two directions in which the pictures differ most (PCA)")),
    NEIGHBOURS: (N_("Neighbours"), N_("What is alike lies together (UMAP); takes a minute or more, once")),
}
USE: Final = N_("Click: go there  ·  Drag: morph  ·  Shift-drag: select  ·  Wheel: zoom  ·  Right-drag: move the map")
BEGINNING: Final = N_("Looking for the pictures")
NO_MAP: Final = N_("No map yet. Choose a folder of pictures, or open the map again (M twice).")
SIDE_PX: Final = 224
PREVIEW_PX: Final = 140


class EverythingPage(QWidget):
    """Shows the map; changes nothing itself.

    Attributes:
        canvas, preview: the map, and the picture at the present place.
        way, colour, by: how it is laid out, what its colours say, and by what it is arranged.
        progress, stop, folder, close_button, to_mean, unselect, save_picture, save_table: words and buttons.

    Signals: closed(). folder_dropped(Path).
    """

    closed = Signal()
    folder_dropped = Signal(object)

    def __init__(self, has_letters: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("everything_page")
        self.canvas = EverythingCanvas()
        self.preview: FieldView | ImageView = FieldView() if has_letters else ImageView()
        self.preview.setObjectName("everything_preview")
        self.preview.setFixedHeight(PREVIEW_PX)
        self.preview.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.preview.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.way = Segmented("everything_way", WAYS, N_("How the map is laid out"))
        self.progress = SteadyLabel(role="small")
        self.stop = named_button("everything_stop", N_("Stop"), "", "stop")
        self.folder = named_button("everything_folder", N_("Folder…"), N_("Choose a folder of pictures"), "open")
        back = N_("Show the single picture again (M or Escape)")
        self.close_button = named_button("everything_close", N_("Back to the picture"), back, "picture")
        self.close_button.clicked.connect(self.closed)
        self.setAcceptDrops(True)
        self.colour = ChoiceBox("everything_colour", N_("Colour"), N_("What the colours of the map say"))
        hint = N_("Pull apart what is of different kinds by this; learnt from the pictures that are not held out")
        self.by = ChoiceBox("everything_by", N_("Arrange by"), hint)
        self.about, self.kept = small_label(n_lines=3), small_label()
        self.legend = Legend("everything_legend")
        self.shares = small_label()
        self.to_mean = named_button("everything_mean", N_("Go to their mean"), N_("The place in the middle of them"))
        self.unselect = named_button("everything_unselect", N_("Unselect"), N_("Select none of them (Escape)"))
        self.save_picture = named_button(
            "everything_picture", N_("Picture…"), N_("Save what is seen of the map, as PNG")
        )
        table = N_("Save the selected pictures, or all, with their places, as CSV")
        self.save_table = named_button("everything_table", N_("Table…"), table)
        self._lay_out()
        self.show_running(False)
        self.show_selection("")
        self.show_map(False)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(8)
        self.way.setSizePolicy(self.stop.sizePolicy())
        for widget in (self.way, self.progress, self.stop, self.folder, self.close_button):
            head.addWidget(widget, int(widget is self.progress))
        self.selection = QFrame()
        put_in_a_column(self.selection, (self.shares, in_a_row(self.to_mean, self.unselect)))
        side = QWidget()
        side.setFixedWidth(SIDE_PX)
        parts = (self.preview, self.about, self.colour.labelled(), self.by.labelled(), self.legend, self.kept)
        put_in_a_column(side, parts)
        column = side.layout()
        assert isinstance(column, QVBoxLayout)
        column.addStretch(1)
        column.addWidget(self.selection)
        column.addLayout(in_a_row(self.save_picture, self.save_table))
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(self.canvas, 1)
        row.addWidget(side)
        use = small_label(translate(USE))
        use.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        put_in_a_column(self, (head, row, use))
        layout = self.layout()
        assert isinstance(layout, QVBoxLayout)
        layout.setStretch(1, 1)

    def show_running(self, is_running: bool, words: str = "", share: float = 0.0) -> None:
        """Say what is being done and which share of it is, 0 to 1; and offer to stop it."""
        self.stop.setVisible(is_running)
        self.progress.set_text(words)
        self.canvas.show_waiting((words or translate(BEGINNING)) if is_running else translate(NO_MAP), share)

    def show_map(self, is_there: bool) -> None:
        """Offer what needs a map only where there is one; where there is none, no pictures stand there either."""
        if not is_there:
            self.canvas.show_mosaic(None)
        for widget in (self.colour, self.by, self.save_picture, self.save_table):
            widget.setEnabled(is_there)

    def show_choices(self, colours: Sequence[tuple[str, str]], arrangements: Sequence[tuple[str, str]]) -> None:
        """Offer these colours and arrangements, pairs of value and words. Emits nothing."""
        self.colour.show_choices(colours)
        self.by.show_choices(arrangements)
        self.show_map(True)
        self.by.setEnabled(len(arrangements) > 1)

    def show_selection(self, words: str) -> None:
        """Say what is selected, "" for nothing."""
        self.selection.setVisible(bool(words))
        self.shares.setText(words)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Folders are welcome."""
        if dropped(event, Path.is_dir) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Lay out a folder."""
        folder = dropped(event, Path.is_dir)
        if folder is not None:
            event.acceptProposedAction()
            self.folder_dropped.emit(folder)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape leads back, first to all pictures, then from the map; other keys are the window's."""
        if event.key() != Qt.Key.Key_Escape:
            super().keyPressEvent(event)
        elif not self.selection.isHidden():
            self.unselect.click()
        else:
            self.closed.emit()
