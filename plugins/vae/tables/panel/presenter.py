"""Shows the table at the playhead in grid, caption and inspector; brings a person's own table, and saves it filled."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from studio.api.panel import Caption, EngineTasks
from studio.api.table import SAVED_SUFFIXES, SUFFIXES, write_table
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.translation import N_, _, translate

from ..caption import ODD_TERM, TERM, describe, lead, place_words
from ..oddness import oddness_of
from ..state import is_moment, moment_of
from ..table_bytes import Bytes, read_table
from ..view_model import TableView, view_of
from .grid import TableGrid
from .odd_rows import OddRowsSection
from .row_map import RowMapPresenter
from .sections import TableErrorSection, TableSection, TrySection

_TABLE_KEY: Final = "table"
_SAVE_KEY: Final = "save table"
FILTERS: Final = {
    ".csv": N_("Tables (*.csv)"),
    ".xlsx": N_("Excel workbooks (*.xlsx)"),
    ".parquet": N_("Parquet files (*.parquet)"),
}


@dataclass(frozen=True, eq=False)
class TableViews:
    """Where a table is shown: as a grid, in its caption, in sections of the inspector, and as dots."""

    grid: TableGrid
    caption: Caption
    table: TableSection
    tried: TrySection
    errors: TableErrorSection
    odd: OddRowsSection
    dots: RowMapPresenter


class TablePresenter(QObject):
    """Attributes: view: what is shown; None before the first frame."""

    def __init__(self, views: TableViews) -> None:
        super().__init__(views.grid)
        self._views = views
        self.view: TableView | None = None
        self._frame: Frame | None = None
        views.grid.place_chosen.connect(self._on_place_chosen)
        views.odd.measure.value_chosen.connect(self._show)

    def show_frame(self, frame: Frame, scene: object) -> None:
        """Show the table of a frame."""
        self._frame = frame
        self._show()

    def _show(self, _measure: str = "") -> None:
        try:
            self.view = None if self._frame is None else self._view_of(self._frame)
        except UserError:  # of a damaged recording
            self.view = None
        views = self._views
        for part in (views.grid, views.table, views.tried, views.errors, views.dots):
            part.show_view(self.view)
        self._describe()

    def _view_of(self, frame: Frame) -> TableView | None:
        """What there is to see; its rows sorted where the frame says how odd they are."""
        if not is_moment(frame.state):
            return None
        moment = moment_of(frame.state or {})
        return view_of(moment, oddness_of(frame, moment), self._views.odd.measure.value())

    def _describe(self) -> None:
        caption = self._views.caption
        if self.view is None:
            caption.set_text(_("This is not a table that is filled in. Choose one to return."))
            return
        caption.set_lead(lead(self.view))
        caption.set_text(describe(self.view), translate(self._term))

    @property
    def _term(self) -> str:
        return TERM if self.view is None or self.view.odd is None else ODD_TERM

    def _on_place_chosen(self, row: int, column: int) -> None:
        """Say what is known of a cell that was clicked."""
        if self.view is not None:
            self._views.caption.set_lead("")
            self._views.caption.set_text(f"{place_words(self.view, row, column)}.", translate(self._term))


class TableFiles(QObject):
    """Reads a person's own table and writes it filled. Signals: read(bytes, name); failed(error)."""

    read = Signal(object, str)
    failed = Signal(object)

    def __init__(self, tasks: EngineTasks, window: QWidget) -> None:
        super().__init__(window)
        self._tasks, self._window = tasks, window

    @property
    def is_busy(self) -> bool:
        """Whether a table is read or written."""
        return self._tasks.is_running(_TABLE_KEY) or self._tasks.is_running(_SAVE_KEY)

    def choose(self) -> None:
        """Let the person choose a file."""
        words = _("Tables ({patterns})").format(patterns=" ".join(f"*{suffix}" for suffix in SUFFIXES))
        chosen, _filter = QFileDialog.getOpenFileName(self._window, _("Open a table"), "", words)
        if chosen:
            self.open(Path(chosen))

    def open(self, path: Path) -> None:
        """Read a table."""
        done = partial(self._on_read, path.name)
        call = partial(read_table, path=path)
        self._tasks.ask(_TABLE_KEY, call, done=done, failed=self.failed.emit, title=_("Reading a table"))

    def _on_read(self, name: str, data: Bytes) -> None:
        self.read.emit(data, name)

    def choose_and_save(self, view: TableView, name: str, has_ranges: bool) -> None:
        """Ask where to, and write; what was chosen as the kind of file is its ending where none is typed."""
        filters = {translate(text): suffix for suffix, text in FILTERS.items()}
        chosen, kind = QFileDialog.getSaveFileName(self._window, _("Save the table"), name, ";;".join(filters))
        if chosen:
            path = Path(chosen)
            if path.suffix.lower() not in SAVED_SUFFIXES:
                path = path.with_name(path.name + filters.get(kind, SAVED_SUFFIXES[0]))
            self.save(path, view, has_ranges)

    def save(self, path: Path, view: TableView, has_ranges: bool) -> None:
        """Write a table with its gaps filled in; beside columns of numbers that were filled, their ranges if wanted."""
        work = partial(save_filled, path, view, has_ranges)
        self._tasks.run(_SAVE_KEY, work, failed=self.failed.emit, title=_("Saving the table"))


def save_filled(path: Path, view: TableView, has_ranges: bool) -> None:
    """Write what a view shows; raises UserError where that is not possible."""
    names: list[str] = []
    columns: list[list[Any]] = []
    for place, (column, cells) in enumerate(zip(view.columns, view.whole(), strict=True)):
        names.append(column.name)
        columns.append(cells)
        if has_ranges and column.is_number and view.moment.gaps[:, place].any():
            names += [_("{name} from").format(name=column.name), _("{name} to").format(name=column.name)]
            columns += view.ranges(place)
    write_table(path, names, columns)
