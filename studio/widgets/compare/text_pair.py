"""Two texts side by side in which every piece that the other one lacks is underlined."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QFrame, QHBoxLayout, QTextEdit, QVBoxLayout, QWidget

from studio.core.recording.difference import differing_pieces
from studio.core.translation import N_, _, plural
from studio.core.view import Tokens
from studio.widgets.compare.side import Side, SideLine
from studio.widgets.controls.label import Label
from studio.widgets.theme import theme, theme_source


class TextPair(QWidget):
    """Shows two `Tokens`; the two columns scroll together."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pieces: tuple[Sequence[str], Sequence[str]] = ((), ())
        self._columns = (TextColumn(), TextColumn())
        self._summary = Label()
        self._summary.setProperty("role", "muted")
        row = QHBoxLayout()
        row.setSpacing(16)
        for column in self._columns:
            row.addWidget(column, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(row, 1)
        layout.addWidget(self._summary)
        bars = [column.text.verticalScrollBar() for column in self._columns]
        bars[0].valueChanged.connect(bars[1].setValue)
        bars[1].valueChanged.connect(bars[0].setValue)
        theme_source().theme_changed.connect(self._write)

    def show_texts(self, a: Tokens, b: Tokens, sides: tuple[Side, Side]) -> None:
        """Show two texts and say which runs and frames they are."""
        for column, side in zip(self._columns, sides, strict=True):
            column.show_side(side)
        if (a.pieces, b.pieces) != self._pieces:
            self._pieces = (a.pieces, b.pieces)
            self._write()

    def _write(self) -> None:
        marks = differing_pieces(*self._pieces)
        for column, pieces, marked in zip(self._columns, self._pieces, marks, strict=True):
            column.write(pieces, marked)
        n = sum(map(sum, marks))
        same = _("The two texts are the same.")
        some = plural(
            N_("{n} piece is in only one of them; it is underlined."),
            N_("{n} pieces are in only one of them; they are underlined."),
            n,
        )
        is_begun = any(self._pieces)
        self._summary.setText(some if n else same if is_begun else _("Nothing has been written yet."))


class TextColumn(QWidget):
    """One of the two texts under the name of its run."""

    def __init__(self) -> None:
        super().__init__()
        self._name = SideLine()
        self.text = QTextEdit()
        self.text.setReadOnly(True)
        self.text.setFrameShape(QFrame.Shape.NoFrame)
        self.text.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self._name)
        layout.addWidget(self.text, 1)

    def show_side(self, side: Side) -> None:
        """Say which run and frame this is."""
        self._name.show_side(side)
        self.text.setAccessibleName(side.words)

    def write(self, pieces: Sequence[str], marked: Sequence[bool]) -> None:
        """Write the pieces one after another; the marked ones stand out."""
        colour = theme().colour
        plain, mark = QTextCharFormat(), QTextCharFormat()
        plain.setForeground(QColor(colour.text))
        mark.setForeground(QColor(colour.text_strong))
        mark.setBackground(QColor(colour.control))
        mark.setFontUnderline(True)
        self.text.clear()
        cursor = QTextCursor(self.text.document())
        cursor.beginEditBlock()
        for piece, is_marked in zip(pieces, marked, strict=True):
            cursor.insertText(piece, mark if is_marked else plain)
        cursor.endEditBlock()
