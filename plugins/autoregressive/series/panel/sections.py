"""The inspector's parts of the panel of series: which one is forecast, how, and how well that went on the past."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QLineEdit, QWidget

from studio.api.panel import (
    ChipFlow,
    Label,
    SettingsSection,
    in_a_row,
    named_button,
    param_field,
    put_in_a_column,
    small_label,
)
from studio.api.table import SeriesLine
from studio.core.param import param_specs
from studio.core.translation import N_, _, translate

from ..caption import series_words
from ..params import SeriesParams
from ..scene import SeriesScene
from .presenter import Backtest

SHORT: Final = {
    "taylor": N_("Electricity"),
    "co2": N_("Carbon dioxide"),
    "seattle-temps": N_("Seattle"),
    "sunspots": N_("Sunspots"),
    "sf-temps": N_("San Francisco"),
    "airline": N_("Passengers"),
}
N_OFFERED: Final = 24
"""Of a person's own series so many are offered at once; others are searched for."""
N_LEARNT: Final = 48
"""Values ahead that our own forecasters learn to tell."""


class ForecastFigureSection(QWidget):
    """What the fan says at its end, and what a hand has set. Signals: release_requested(), save_requested()."""

    release_requested = Signal()
    save_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._labels = [(Label(), Label()) for _ in range(4)]
        for row, (name, value) in enumerate(self._labels):
            name.setProperty("role", "muted")
            self._grid.addWidget(name, row, 0)
            self._grid.addWidget(value, row, 1, Qt.AlignmentFlag.AlignRight)
        hint = N_("Undo all moved and pinned values; right-click one to undo it alone")
        self.release = named_button("series_release", N_("Reset"), hint, pressed=self.release_requested)
        hint = N_("Save the forecast as a table with its dates (CSV); pictures, films and drawings are under Export")
        self.save = named_button("series_save", N_("Save as a table…"), hint, pressed=self.save_requested)
        put_in_a_column(self, (self._grid, in_a_row(self.release, self.save)))

    def show_rows(self, rows: Sequence[tuple[str, str]], has_changes: bool) -> None:
        """Show up to four figures as (name, text)."""
        for place, (name, value) in enumerate(self._labels):
            row = rows[place] if place < len(rows) else ("", "")
            name.setText(row[0])
            value.setText(row[1])
        self.release.setEnabled(has_changes)


class BacktestSection(QWidget):
    """How the model and others did on the past of the series. Signals: test_requested()."""

    test_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        hint = N_("Forecast the last third of the series from eight points in it, and compare (back-test)")
        self.test = named_button("series_test", N_("Test on the past"), hint, pressed=self.test_requested)
        self.words = small_label()
        self._grid = QGridLayout()
        self._grid.setColumnStretch(0, 1)
        self._grid.setHorizontalSpacing(16)
        self._cells: list[Label] = []
        put_in_a_column(self, (self.test, self._grid, self.words))
        self.words.hide()

    def show_tested(self, tested: Backtest | None, is_running: bool) -> None:
        """Show the table, none before there is one."""
        for cell in self._cells:
            self._grid.removeWidget(cell)
            cell.hide()
            cell.deleteLater()
        self._cells = []
        self.test.setEnabled(not is_running)
        self.test.setText(_("Testing…") if is_running else _("Test on the past"))
        self.words.setVisible(tested is not None)
        if tested is None:
            return
        self._row(0, "", "MASE", "CRPS", "muted")
        best = min(row.mase for row in tested.rows)
        for place, row in enumerate(tested.rows, 1):
            role = "strong" if row.mase == best else ""
            self._row(place, translate(row.way), f"{row.mase:.2f}", f"{row.crps:.2f}", role)
        self.words.setText(_("Errors are relative to the usual change from one season to the next; less is better."))

    def _row(self, place: int, way: str, mase: str, crps: str, role: str) -> None:
        for column, text in enumerate((way, mase, crps)):
            cell = Label(text)
            if role:
                cell.setProperty("role", role)
            side = Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft
            self._grid.addWidget(cell, place, column, side)
            self._cells.append(cell)


class ChooseSection(QWidget):
    """Which series. Signals: chosen(name) of the pack; own_chosen(number) of one's own; open_requested();
    surprise_requested().
    """

    chosen = Signal(str)
    own_chosen = Signal(int)
    open_requested = Signal()
    surprise_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._names: dict[str, str] = {}
        self._own: dict[str, int] = {}
        self._shown_own, self._offered = "", tuple[str, ...]()
        self.pack = ChipFlow("series_pack", (), _("Series that come with the program"))
        self.own = ChipFlow("series_own", (), _("My series"))
        for flow in (self.pack, self.own):
            flow.setProperty("is_content", True)
        self.own.hide()
        self.search = QLineEdit()
        self.search.setObjectName("series_search")
        self.search.setPlaceholderText(_("Search my series"))
        self.search.setAccessibleName(_("Search my series"))
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._offer)
        self.search.hide()
        self.found = small_label()
        self.found.hide()
        self.words = small_label()
        hint = N_(
            "Forecast a table of your own (CSV, Parquet) with a column of dates and one of numbers; or drop one here"
        )
        self.open = named_button("series_open", N_("My table…"), hint)
        self.surprise = named_button(
            "series_surprise", N_("Surprise me"), N_("Another series, with another random seed (R)")
        )
        self.pack.chosen.connect(lambda text: self.chosen.emit(self._names[text]))
        self.own.chosen.connect(lambda text: self.own_chosen.emit(self._own[text]))
        self.open.clicked.connect(self.open_requested)
        self.surprise.clicked.connect(self.surprise_requested)
        put_in_a_column(
            self, (self.pack, self.search, self.own, self.found, self.words, in_a_row(self.surprise, self.open))
        )

    def set_pack(self, lines: Sequence[SeriesLine]) -> None:
        """Offer the series that came along."""
        self._names = {translate(SHORT.get(line.about.name, line.about.title)): line.about.name for line in lines}
        self.pack.set_texts(tuple(self._names))

    def set_own(self, titles: Sequence[str]) -> None:
        """Offer series of a person's own; equal titles are numbered."""
        self._own = {}
        for place, title in enumerate(titles):
            text, number = title[:24], 2
            while text in self._own:
                text, number = f"{title[:20]} {number}", number + 1
            self._own[text] = place
        self.own.setVisible(bool(self._own))
        self.search.setVisible(len(self._own) > N_OFFERED)
        self.search.clear()
        self._offer()

    def _offer(self) -> None:
        """Offer those of a person's own whose names hold what is searched for, the first two dozen of them."""
        wanted = self.search.text().strip().casefold()
        found = [text for text in self._own if wanted in text.casefold()]
        self._offered = tuple(found[:N_OFFERED])
        self.own.set_texts(self._offered)
        self._mark_own()
        self.found.setVisible(len(self._own) > N_OFFERED)
        words = _("{shown:,} of {n:,} series; search for others by their names.")
        self.found.setText(words.format(shown=len(self._offered), n=len(self._own)))

    def _mark_own(self) -> None:
        self.own.set_current(self._shown_own if self._shown_own in self._offered else "")

    def show_line(self, line: SeriesLine, number: int | None) -> None:
        """Show which series is forecast; `number` is that of one's own. Emits nothing."""
        text = next((text for text, name in self._names.items() if name == line.about.name), "")
        self.pack.set_current(text if number is None else "")
        self._shown_own = next((text for text, place in self._own.items() if place == number), "")
        self._mark_own()
        self.words.setText(series_words(line))


class ForecastSection(SettingsSection):
    """How it is forecast. Signals, beside those of settings: again_requested()."""

    again_requested = Signal()

    def __init__(self, defaults: SeriesParams, n_learnt: int = N_LEARNT, note: str = "") -> None:
        """Say how far forecasts were learnt, and what a person should know of the paths, if anything."""
        super().__init__()
        names = "n_back", "horizon", "n_paths", "temperature"
        self.back, self.horizon, self.paths, self.temperature = self.sliders(defaults, "series_", *names)
        learnt = _("It was trained for at most {n}.").format(n=n_learnt)
        self.horizon.set_description(f"{translate(param_specs(SeriesParams)['horizon'].help)} {learnt}")
        self.seed = param_field(defaults, "seed", "series_seed")
        hint = N_("Draw the paths again with a new random seed (N)")
        self.again = named_button("series_again", N_("New paths"), hint)
        self._connect()
        seeds = in_a_row(self.again, Label(self.seed.accessibleName()), self.seed)
        self.note = small_label()
        self.note.setText(translate(note))
        self.note.hide()
        put_in_a_column(self, (self.back, self.horizon, self.paths, self.temperature, seeds, self.note))

    def _connect(self) -> None:
        self.seed.value_typed.connect(lambda value: self.changed.emit("seed", round(value)))
        self.again.clicked.connect(self.again_requested)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the note all its lines: a section is no higher than it asks to be, whatever its width."""
        super().resizeEvent(event)
        self.note.setMinimumHeight(max(self.note.heightForWidth(self.width()), 0))

    def show_line(self, scene: SeriesScene, line: SeriesLine | None) -> None:
        """Show what is asked for. Emits nothing."""
        self.note.setVisible(line is not None and bool(self.note.text()))
        self.show_params(scene.params)
        if line is not None:
            self.horizon.set_value(scene.horizon(line))
        self.seed.set_value(scene.params.seed)
