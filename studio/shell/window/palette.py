"""The command palette: one field that finds every command, model and recent file."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QCursor, QFocusEvent, QFont, QFontMetrics, QHideEvent, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from studio.commands.palette import Entry, Match, rank
from studio.core.translation import _
from studio.widgets.controls.label import Label, set_tip
from studio.widgets.theme import theme

WIDTH_PX = 600
TOP_PX = 72
N_VISIBLE = 9
ROW_PX = 34
_MATCH = Qt.ItemDataRole.UserRole
# Another program's window or the field's own menu comes and goes: the palette stays.
_PASSING = (Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.PopupFocusReason)


@dataclass(frozen=True)
class Choice:
    """A line that the palette can offer: how it is found, what kind it is, its keys, and what it does."""

    entry: Entry
    kind: str
    run: Callable[[], object]
    keys: str = ""


class ChoiceDelegate(QStyledItemDelegate):
    """Draws a line: the title with the matching letters in bold, its kind and its keys at the right."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Every line has the same height."""
        return QSize(theme().scaled(200), theme().scaled(ROW_PX))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw one line."""
        look = theme()
        choice, positions = index.data(_MATCH)
        rect = option.rect.adjusted(12, 0, -12, 0)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(look.colour.control_hover))
            painter.drawRoundedRect(rect.adjusted(-8, 1, 8, -1), look.size.radius_small, look.size.radius_small)
        right = choice.keys or choice.kind
        painter.setFont(look.font("small"))
        painter.setPen(QColor(look.colour.text_muted))
        painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, right)
        width_px = rect.width() - QFontMetrics(look.font("small")).horizontalAdvance(right) - 16
        _draw_title(painter, QRect(rect.left(), rect.top(), width_px, rect.height()), choice.entry.title, positions)
        painter.restore()


def _draw_title(painter: QPainter, rect: QRect, title: str, positions: Sequence[int]) -> None:
    look = theme()
    plain, strong = look.font("body"), look.font("body", QFont.Weight.Bold)
    painter.setClipRect(rect)
    x = rect.left()
    for place, char in enumerate(title):
        is_match = place in positions
        font = strong if is_match else plain
        painter.setFont(font)
        painter.setPen(QColor(look.hues["studio"].text if is_match else look.colour.text_strong))
        width_px = QFontMetrics(font).horizontalAdvance(char)
        painter.drawText(QRect(x, rect.top(), width_px + 2, rect.height()), Qt.AlignmentFlag.AlignVCenter, char)
        x += width_px


class Palette(QFrame):
    """An overlay at the top of the window. Signals: chosen(str) with the id of the entry that was run."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._window = parent
        self.setProperty("role", "palette")
        self.setAccessibleName(_("Command palette"))
        self._choices: dict[str, Choice] = {}
        self.field = QLineEdit()
        self.field.setPlaceholderText(_("Search or run a command"))
        self.field.setAccessibleName(_("Search or run a command"))
        self.field.setClearButtonEnabled(True)
        self.field.textChanged.connect(self._on_text_changed)
        self.field.installEventFilter(self)
        self.list = QListWidget()
        self.list.setItemDelegate(ChoiceDelegate(self.list))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setMouseTracking(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.itemClicked.connect(self._on_item_clicked)
        self.list.itemEntered.connect(self._on_item_entered)
        self._pointer = QCursor.pos()
        self._nothing = Label(_("Nothing has this name. Try fewer letters."))
        self._nothing.setProperty("role", "muted")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.setSpacing(8)
        for part in (self.field, self.list, self._nothing):
            layout.addWidget(part)
        self.hide()

    def open(self, choices: Sequence[Choice], query: str = "") -> None:
        """Show these choices, last used first, with `query` typed already."""
        self._choices = {choice.entry.id: choice for choice in choices}
        self.field.setText(query)
        self._on_text_changed(query)
        self._pointer = QCursor.pos()
        self._window.installEventFilter(self)
        self.show()
        self.raise_()
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)
        self.field.selectAll()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Move in the list while the field has the focus; close when it goes; follow the window's size while open."""
        if watched is self._window:
            if event.type() is QEvent.Type.Resize:
                self._place()
            return False
        if isinstance(event, QFocusEvent) and event.lostFocus() and event.reason() not in _PASSING:
            self.hide()
        return isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress and self._take_key(event.key())

    def hideEvent(self, event: QHideEvent) -> None:
        """The window may do as it likes."""
        super().hideEvent(event)
        self._window.removeEventFilter(self)

    def _take_key(self, key: int) -> bool:
        moves = {
            Qt.Key.Key_Down: 1,
            Qt.Key.Key_Up: -1,
            Qt.Key.Key_PageDown: N_VISIBLE,
            Qt.Key.Key_PageUp: -N_VISIBLE,
        }
        if key in moves and self.list.count():
            row = self.list.currentRow() + moves[Qt.Key(key)]
            wraps = abs(moves[Qt.Key(key)]) == 1
            self.list.setCurrentRow(row % self.list.count() if wraps else min(max(row, 0), self.list.count() - 1))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._run(self.list.currentItem())
        elif key == Qt.Key.Key_Escape:
            self._leave()
        return key in (*moves, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape)

    def _leave(self) -> None:
        self.hide()
        self._window.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_item_entered(self, item: QListWidgetItem) -> None:
        """Choose what the mouse goes to; a row that is scrolled under a mouse at rest is none."""
        if QCursor.pos() != self._pointer:
            self._pointer = QCursor.pos()
            self.list.setCurrentItem(item)

    def _on_item_clicked(self, item: QListWidgetItem) -> None:
        self._run(item)

    def _run(self, item: QListWidgetItem | None) -> None:
        if item is None:
            return
        choice: Choice = item.data(_MATCH)[0]
        self._leave()
        self.chosen.emit(choice.entry.id)
        choice.run()

    def _on_text_changed(self, query: str) -> None:
        matches = rank(query, [choice.entry for choice in self._choices.values()])
        self.list.clear()
        for match in matches:
            self.list.addItem(self._item(match))
        self.list.setCurrentRow(0)
        self.list.setVisible(bool(matches))
        self._nothing.setVisible(not matches)
        self._place()

    def _item(self, match: Match) -> QListWidgetItem:
        choice = self._choices[match.entry.id]
        item = QListWidgetItem(choice.entry.title)
        item.setData(_MATCH, (choice, match.positions))
        set_tip(item, choice.entry.keywords)
        return item

    def _place(self) -> None:
        look = theme()
        n_rows = min(max(self.list.count(), 1), N_VISIBLE)
        self.list.setFixedHeight(n_rows * look.scaled(ROW_PX) + 4)
        width_px = min(look.scaled(WIDTH_PX), self._window.width() - 32)
        self.setFixedWidth(width_px)
        self.adjustSize()
        self.move((self._window.width() - width_px) // 2, TOP_PX)
