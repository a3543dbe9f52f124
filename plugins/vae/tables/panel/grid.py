"""The table as a grid, of which only what is seen is painted; filled cells have a tint and a bar, odd ones a tint."""

from typing import Any, Final

import numpy as np
from PySide6.QtCore import (
    QAbstractTableModel,
    QEvent,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QRectF,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractItemView, QStyledItemDelegate, QStyleOptionViewItem, QTableView, QWidget

from studio.api.panel import hue_of, show_tip, theme, theme_source
from studio.core.translation import _, grouped

from ..caption import place_words
from ..view_model import TableView

Index = QModelIndex | QPersistentModelIndex
_NO_PARENT: Final = QModelIndex()
_LEAST_TINT, _MOST_TINT = 0.10, 0.42
_BAR_PX: Final = 3
_ROW_PX: Final = 26
_MOST_COLUMN_PX: Final = 220
_LOOKED_AT: Final = 60


class TableGridModel(QAbstractTableModel):
    """What stands in the cells. Attributes: view: None before there is a table."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.view: TableView | None = None

    def show_view(self, view: TableView | None) -> bool:
        """Show a table; returns whether its columns are others than before."""
        is_other = _shape(view) != _shape(self.view)
        if is_other:
            self.beginResetModel()
        self.view = view
        if is_other:
            self.endResetModel()
        elif view is not None and view.n_rows:
            self.headerDataChanged.emit(Qt.Orientation.Vertical, 0, view.n_rows - 1)
            last = self.index(view.n_rows - 1, len(view.columns) - 1)
            self.dataChanged.emit(self.index(0, 0), last)
        return is_other

    def rowCount(self, parent: Index = _NO_PARENT) -> int:
        """N."""
        return 0 if self.view is None or parent.isValid() else self.view.n_rows

    def columnCount(self, parent: Index = _NO_PARENT) -> int:
        """How many columns the table has."""
        return 0 if self.view is None or parent.isValid() else len(self.view.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The text of a cell, how it is read out, and on which side it stands."""
        if self.view is None or not index.isValid():
            return None
        row, column = self.row_of(index), index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return self.view.text(row, column)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return place_words(self.view, row, column)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self._side(column)
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The names of columns, on the side on which their cells stand, and the numbers of rows."""
        is_name = orientation == Qt.Orientation.Horizontal
        if role == Qt.ItemDataRole.TextAlignmentRole and is_name and self.view is not None:
            return self._side(section)
        if role != Qt.ItemDataRole.DisplayRole or self.view is None:
            return None
        return self.view.names[section] if is_name else grouped(int(self.view.rows[section]) + 1)

    def row_of(self, index: Index) -> int:
        """Which row of the table stands there."""
        return 0 if self.view is None else int(self.view.rows[index.row()])

    def _side(self, column: int) -> Qt.AlignmentFlag:
        """Numbers stand at the right."""
        is_right = self.view is not None and self.view.columns[column].is_number
        side = Qt.AlignmentFlag.AlignRight if is_right else Qt.AlignmentFlag.AlignLeft
        return side | Qt.AlignmentFlag.AlignVCenter


def _shape(view: TableView | None) -> object:
    return None if view is None else (view.n_rows, view.names)


class _CellDelegate(QStyledItemDelegate):
    """Paints a cell; below an odd or filled one its tint, at the left of the latter a bar as high as it is sure."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw one cell."""
        grid = self.parent()
        assert isinstance(grid, TableGrid)
        row, column, view = grid.cells.row_of(index), index.column(), grid.cells.view
        sure = None if view is None else view.sureness(row, column)
        if view is not None and view.mark(row, column):
            colour = QColor(theme().colour.warning)
            colour.setAlphaF(_LEAST_TINT + (_MOST_TINT - _LEAST_TINT) * view.mark(row, column))
            painter.fillRect(option.rect, colour)
        if sure is not None:
            rect, colour = QRectF(option.rect), QColor(hue_of(grid).fill)
            bar = QRectF(rect.left(), rect.bottom() - rect.height() * sure, _BAR_PX, rect.height() * sure)
            colour.setAlphaF(_LEAST_TINT + (_MOST_TINT - _LEAST_TINT) * sure)
            painter.fillRect(rect, colour)
            painter.fillRect(bar, QColor(hue_of(grid).fill))
        super().paint(painter, option, index)


class TableGrid(QTableView):
    """Signals: painted(): it has just been drawn. place_chosen(row, column): a cell was clicked or gone to by keys."""

    painted = Signal()
    place_chosen = Signal(int, int)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("table_grid")
        self.setAccessibleName(_("Table"))
        self.cells = TableGridModel(self)
        self.setModel(self.cells)
        self.setItemDelegate(_CellDelegate(self))
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setWordWrap(False)
        self.setCornerButtonEnabled(False)
        self.verticalHeader().setDefaultSectionSize(theme().scaled(_ROW_PX))
        self.horizontalHeader().setResizeContentsPrecision(_LOOKED_AT)
        self.horizontalHeader().setHighlightSections(False)
        self.verticalHeader().setHighlightSections(False)
        self.selectionModel().currentChanged.connect(self._on_current_changed)
        theme_source().theme_changed.connect(self.viewport().update)

    def show_view(self, view: TableView | None) -> None:
        """Show a table, at its beginning where it is another one, or is sorted otherwise."""
        before = self.cells.view
        if self.cells.show_view(view):
            self.resizeColumnsToContents()
            most = theme().scaled(_MOST_COLUMN_PX)
            for column in range(self.cells.columnCount()):
                self.setColumnWidth(column, min(self.columnWidth(column) + 8, most))
            self.scrollToTop()
        elif before and view and not np.array_equal(before.rows, view.rows):
            if self.currentIndex().isValid():  # where the rows are sorted otherwise, the chosen one stays so
                self.choose_row(int(before.rows[self.currentIndex().row()]))
            self.scrollToTop()

    def choose_row(self, row: int) -> None:
        """Go to a row of the table, which is selected as a whole."""
        if self.cells.view is None:
            return
        place = int(np.flatnonzero(self.cells.view.rows == row)[0])
        index = self.cells.index(place, max(self.currentIndex().column(), 0))
        flags = QItemSelectionModel.SelectionFlag
        self.selectionModel().setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)
        self.scrollTo(index, QAbstractItemView.ScrollHint.PositionAtCenter)

    def _on_current_changed(self, current: QModelIndex) -> None:
        if current.isValid():
            self.place_chosen.emit(self.cells.row_of(current), current.column())

    def viewportEvent(self, event: QEvent) -> bool:
        """Say what is known of the cell under the pointer."""
        if event.type() != QEvent.Type.ToolTip or not isinstance(event, QHelpEvent):
            return super().viewportEvent(event)
        index, view = self.indexAt(event.pos()), self.cells.view
        is_there = view is not None and index.isValid()
        words = place_words(view, self.cells.row_of(index), index.column()) if view and is_there else ""
        show_tip(event.globalPos(), words, self)
        return True

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw what is seen, and tell."""
        super().paintEvent(event)
        self.painted.emit()
