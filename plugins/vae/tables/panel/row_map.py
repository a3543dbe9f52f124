"""The map of the rows: each is a dot, coloured by a column; a click chooses its row in the table, and the reverse."""

from functools import partial
from typing import Any, Final

import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QColor, QPainter, QShowEvent
from PySide6.QtWidgets import QWidget

from studio.api.panel import EngineTasks, hue_of, put_in_a_column, small_label, theme_source
from studio.core.translation import N_, _, translate

from ...shared.panel.latent_map import LatentMap, MapPoints
from ...shared.panel.representation.choice_box import ChoiceBox
from ...shared.panel.representation.colouring import Entry, by_amount, by_label, has_light_paper, plainly
from ...shared.panel.representation.legend import Legend
from ...shared.panel.representation.mosaic import Colours
from ...shared.representation.encoded import Label
from ..model.layout import Floats
from ..oddness import SURPRISE
from ..scene import MAX_COLOUR, TableScene
from ..view_model import TableView
from .editor import TableEditor
from .grid import TableGrid

PLAIN, ODD, COLUMN = "plain", "odd", "column:"


MAP_KEY: Final = "row map"
EXTENT: Final = (1.08, 1.08)
USE: Final = N_("Rows that are alike lie together. Click a dot, and its row is chosen in the table.")
LEARNING: Final = N_("The map is there as soon as the model has seen the table.")


class RowMap(LatentMap):
    """Shows rows; there is nothing between them. Signals: picked(x, y, index) with the row, -1 for none."""

    def __init__(self) -> None:
        super().__init__(is_square=False)
        self.setObjectName("row_map")
        self.setAccessibleName(_("Map of the rows"))
        self.setAccessibleDescription(
            _("Every point is a row of the table. The arrow keys go from one to the next, + and - zoom.")
        )
        self._chosen = -1

    def show_row(self, row: int) -> None:
        """Mark a row, -1 for none."""
        self._chosen = row
        if 0 <= row < len(self._points.positions):
            self.show_marker(*self._points.positions[row].tolist())
        self.update()

    def show_points(self, points: MapPoints, extent: tuple[float, float]) -> None:
        """Show rows; the one that is chosen stays so."""
        super().show_points(points, extent)
        self.show_row(self._chosen)

    def _paint_marker(self, painter: QPainter) -> None:
        if 0 <= self._chosen < len(self._points.positions):
            super()._paint_marker(painter)

    def _step(self, right: int, down: int) -> None:
        """Go to the nearest row in the direction of an arrow key, at most 45 degrees beside it."""
        ways = (self._points.positions - self._marker) * (1, -1)  # (N, 2), down is positive
        along, beside = ways @ (right, down), np.abs(ways @ (down, right))
        ahead = np.flatnonzero((along > 0) & (beside <= along))
        if len(ahead):
            row = int(ahead[np.hypot(along[ahead], beside[ahead]).argmin()])
            self.picked.emit(*self._points.positions[row].tolist(), row)


class RowMapSection(QWidget):
    """Shows the map and what its colours mean. Signals: became_visible().

    Attributes:
        map, colour: the dots, and the box that says what colours them.
    """

    became_visible = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.map, self.legend = RowMap(), Legend("row_legend")
        self.colour = ChoiceBox("row_colour", N_("Colour"), N_("What the colours of the dots say"))
        self.words = small_label(n_lines=2)
        put_in_a_column(self, (self.map, self.colour.labelled(), self.legend, self.words))

    def showEvent(self, event: QShowEvent) -> None:
        """The section was unfolded, or scrolled to for the first time."""
        super().showEvent(event)
        self.became_visible.emit()


class RowMapPresenter(QObject):
    """Has the rows of what is on screen laid out, and joins dots and rows."""

    def __init__(self, section: RowMapSection, grid: TableGrid, tasks: EngineTasks, editor: TableEditor) -> None:
        super().__init__(section)
        self._section, self._grid, self._tasks, self._editor = section, grid, tasks, editor
        self._view: TableView | None = None
        self._places: Floats | None = None
        section.became_visible.connect(self._ask)
        section.map.picked.connect(self._on_picked)
        section.colour.activated.connect(self._on_colour_chosen)
        grid.place_chosen.connect(lambda row, _column: section.map.show_row(row))
        theme_source().theme_changed.connect(self._show)

    def show_view(self, view: TableView | None) -> None:
        """Another table, or another moment of it, is on screen."""
        before, self._view = self._view, view
        is_other = view is None or before is None or view.names != before.names or view.n_rows != before.n_rows
        if is_other:
            self._places = None
            self._section.map.show_row(-1)
        self.show_scene(self._editor.scene)
        self._ask()

    def show_scene(self, scene: TableScene) -> None:
        """Show the colours that a scene asks for, or the usual ones where what is on screen has no such."""
        if self._view is not None:
            box, usual_one = self._section.colour, usual(self._view)
            box.show_choices(choices(self._view), usual_one)
            found = box.findData(scene.colour)
            box.setCurrentIndex(max(0, found if found >= 0 else box.findData(usual_one)))
        self._show()

    def _on_colour_chosen(self, *_index: int) -> None:
        self._editor.set_view(colour=str(self._section.colour.currentData())[:MAX_COLOUR])

    def _ask(self) -> None:
        if self._view is None or not self._view.moment.learner or not self._section.isVisible():
            return
        moment = self._view.moment
        self._tasks.ask(MAP_KEY, lambda engine: engine.row_places(moment), done=partial(self._on_placed, self._view))

    def _on_placed(self, view: TableView, places: Floats) -> None:
        if self._view is not None and len(places) == self._view.n_rows and view.names == self._view.names:
            self._places = places
            self._show()

    def _show(self, *_changed: Any) -> None:
        view, places, section = self._view, self._places, self._section
        if view is None or places is None:
            section.map.show_points(MapPoints(np.zeros((0, 2), np.float32), ()), EXTENT)
            section.legend.show_entries(())
            section.words.setText(translate(LEARNING))
            return
        fill, choice = QColor(hue_of(section).fill), str(section.colour.currentData())
        colours, entries = coloured(view, choice, (fill.red(), fill.green(), fill.blue()), has_light_paper())
        names = [row_words(view, row, choice) for row in range(view.n_rows)]
        section.map.show_points(MapPoints(places, names, colours), EXTENT)
        section.legend.show_entries(entries)
        section.words.setText(translate(USE))

    def _on_picked(self, _x: float, _y: float, row: int) -> None:
        if row >= 0:
            self._grid.choose_row(row)


def choices(view: TableView) -> list[tuple[str, str]]:
    """Values and words of all that colours can say."""
    columns = [(COLUMN + column.name, column.name) for column in view.columns if not column.is_kept]
    odd = [] if rarity(view) is None else [(ODD, _("Rarity"))]
    return [*columns, *odd, (PLAIN, _("Nothing"))]


def usual(view: TableView) -> str:
    """What they say at first: the first column of words, since its colours are told apart."""
    return next((COLUMN + column.name for column in view.columns if column.words), "")


def rarity(view: TableView) -> Floats | None:
    """How odd each row is, (N,) nats, once all of them are scored."""
    is_known = view.odd is not None and view.odd.n_scored == view.n_rows
    return view.odd.scores[SURPRISE] if view.odd is not None and is_known else None


def coloured(
    view: TableView, choice: str, plain: tuple[int, int, int], is_on_light: bool
) -> tuple[Colours, list[Entry]]:
    """The colours for a choice, `plain` where they say nothing, and which means what."""
    place, odd = place_of(view, choice), rarity(view)
    if choice == ODD and odd is not None:
        return by_amount(odd, is_on_light)
    if place < 0:
        return plainly(plain, view.n_rows)
    values, column = view.values(place), view.columns[place]
    if column.is_number:
        return by_amount(values.astype(np.float32), is_on_light)
    return by_label(Label(column.words, values.astype(np.uint16)), column.words, is_on_light)


def place_of(view: TableView, choice: str) -> int:
    """Which column a choice is, -1 for none."""
    return view.names.index(choice.removeprefix(COLUMN)) if choice.startswith(COLUMN) else -1


def row_words(view: TableView, row: int, choice: str) -> str:
    """What a dot is called: “Row 12 · Adelie”."""
    place, words = place_of(view, choice), [_("Row {n:,}").format(n=row + 1)]
    if place >= 0:
        words.append(view.text(row, place))
    return " · ".join(words)
