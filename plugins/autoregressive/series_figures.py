"""The inspector's figures of a forecast: what the fan says at its end, and how it would have done on the past."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from studio.core.text import N_, translate

from .section_parts import PLAIN, in_a_row, named_button, small_label
from .series_call import Tested


class FigureSection(QWidget):
    """What the fan says at its end, and what a hand has set. Signals: release_requested(), save_requested()."""

    release_requested = Signal()
    save_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._labels = [(QLabel(), QLabel()) for _ in range(4)]
        for row, (name, value) in enumerate(self._labels):
            name.setProperty("role", "muted")
            self._grid.addWidget(name, row, 0)
            self._grid.addWidget(value, row, 1, Qt.AlignmentFlag.AlignRight)
        hint = N_("Take all moved and pinned values back; a right click takes back a single one")
        self.release = named_button("series_release", N_("Take back"), hint)
        self.release.clicked.connect(self.release_requested)
        hint = N_("Save the fan with its times as a table (CSV); pictures, films and drawings go through Export")
        self.save = named_button("series_save", N_("Save as a table…"), hint)
        self.save.clicked.connect(self.save_requested)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(self._grid)
        column.addLayout(in_a_row(self.release, self.save))

    def show_rows(self, rows: Sequence[tuple[str, str]], has_changes: bool) -> None:
        """Show up to four figures as (name, text)."""
        for place, (name, value) in enumerate(self._labels):
            row = rows[place] if place < len(rows) else ("", "")
            name.setText(row[0])
            value.setText(row[1])
        self.release.setEnabled(has_changes)


class PastSection(QWidget):
    """How the model and others did on the past of the series. Signals: test_requested()."""

    test_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        hint = N_("Forecast the last third of the series from eight places in it, and compare (back-test)")
        self.test = named_button("series_test", N_("Test on the past"), hint)
        self.test.clicked.connect(self.test_requested)
        self.words = small_label(PLAIN)
        self._grid = QGridLayout()
        self._grid.setColumnStretch(0, 1)
        self._grid.setHorizontalSpacing(16)
        self._cells: list[QLabel] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.test)
        column.addLayout(self._grid)
        column.addWidget(self.words)
        self.words.hide()

    def show_tested(self, tested: Tested | None, is_running: bool) -> None:
        """Show the table, none before there is one."""
        for cell in self._cells:
            self._grid.removeWidget(cell)
            cell.hide()
            cell.deleteLater()
        self._cells = []
        self.test.setEnabled(not is_running)
        self.test.setText(translate(N_("Testing…") if is_running else N_("Test on the past")))
        self.words.setVisible(tested is not None)
        if tested is None:
            return
        self._row(0, "", "MASE", "CRPS", "muted")
        best = min(row.mase for row in tested.rows)
        for place, row in enumerate(tested.rows, 1):
            role = "strong" if row.mase == best else ""
            self._row(place, translate(row.way), f"{row.mase:.2f}", f"{row.crps:.2f}", role)
        self.words.setText(
            translate(N_("Errors in units of what the series changes from one season to the next; less is better."))
        )

    def _row(self, place: int, way: str, mase: str, crps: str, role: str) -> None:
        for column, text in enumerate((way, mase, crps)):
            cell = QLabel(text)
            if role:
                cell.setProperty("role", role)
            side = Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft
            self._grid.addWidget(cell, place, column, side)
            self._cells.append(cell)
