"""What the panel of tables says in words, made from what is on screen; no Qt."""

import math
from collections.abc import Mapping
from typing import Final

import numpy as np
import numpy.typing as npt

from studio.core.translation import N_, _, plural, translate, within

from .state import TableFigures, TableMoment
from .view_model import FilledCell, TableView

TERM: Final = N_(
    "Missing data imputation by a variational autoencoder with mixed likelihoods (HI-VAE), read by importance "
    "sampling (MIWAE)"
)
ODD_TERM: Final = N_("Anomaly detection by the negative evidence lower bound (ELBO) of a variational autoencoder")
_MOST_TOLD: Final = math.log(1e6)
CARD_TEXTS: Final = (
    N_("Tables with gaps"),
    N_("Fill the gaps of a table, and say how sure that is."),
    N_("A table of your own, or as an example 344 penguins measured in Antarctica (palmerpenguins)"),
    N_("Normalised error, 20 % of the example’s cells hidden at random (five seeds)"),
    N_("The same by the five nearest rows"),
    N_("The same by iterated regressions"),
    N_("Share of hidden numbers within their range"),
    N_(
        "Where columns are nearly straight functions of others, regressions are better: the panel measures it on each "
        "table and says so."
    ),
)
"""What the card of the model says: no recipe writes it."""
WAY_TEXTS: Final = {
    "model": N_("This model"),
    "neighbours": N_("Nearest neighbours"),
    "regressions": N_("Iterated regressions"),
    "mean": N_("Mean or usual word"),
}
"""Ways of filling in gaps, as they are listed."""


def lead(view: TableView) -> str:
    """How far it is, in a few words."""
    moment = view.moment
    n = view.n_filled
    if view.odd is not None:
        return plural(N_("{n} row looked at."), N_("{n} rows, the oddest first."), view.odd.n_scored)
    if not moment.gaps.any():
        return _("This table has no gaps.")
    if moment.n_steps == 0:
        return plural(N_("{n} gap to fill."), N_("{n} gaps to fill."), n)
    if moment.n_steps < moment.n_all:
        return _("Step {n:,} of {all:,}.").format(n=moment.n_steps, all=moment.n_all)
    return plural(N_("{n} gap was filled in."), N_("{n} gaps were filled in."), n)


def describe(view: TableView) -> str:
    """One or two sentences on what is seen."""
    moment = view.moment
    if view.odd is not None:
        said = _("Orange cells are less likely than the others of their column; point at one to see by how much.")
        return f"{said} {_('In an odd row without such a cell, pale ones make it odd together.')}"
    if not moment.gaps.any():
        return _("Hide some cells, and see how well the model fills them in.")
    if moment.n_steps == 0:
        return _("The model has not learnt anything yet: what it fills in are averages.")
    said = _("The brighter a cell and the higher its bar, the surer the model is; point at it for the range.")
    return f"{said} {tried_words(view)}".strip() if moment.n_steps == moment.n_all else said


def tried_words(view: TableView) -> str:
    """How the hidden cells were filled in; "" where none is hidden."""
    cells = [cell for place in view.hidden if (cell := view.filled(*place)) is not None]
    numbers = [cell.is_within for cell in cells if cell.column.is_number]
    words = [cell.is_within for cell in cells if not cell.column.is_number]
    parts = []
    if numbers:
        text = _("{percent:.0f} % of the {n:,} hidden numbers lie in their range")
        parts.append(text.format(percent=100 * np.mean(numbers), n=len(numbers)))
    if words:
        text = _("{percent:.0f} % of the {n:,} hidden words are right")
        parts.append(text.format(percent=100 * np.mean(words), n=len(words)))
    if not parts:
        return ""
    return f"{_(' and ').join(parts)}."


def cell_words(cell: FilledCell) -> str:
    """What a filled cell is read out as: “17.3 (between 15.1 and 19.6)”."""
    column = cell.column
    value = column.text(cell.value)
    if column.is_number:
        text = _("{value} (between {low} and {high})")
        said = text.format(value=value, low=column.text(cell.low), high=column.text(cell.high))
    else:
        said = _("{value} ({percent:.0f} % sure)").format(value=value, percent=100 * cell.sure)
    if cell.truth is None:
        return said
    return f"{said} · {_('it was {value}').format(value=column.text(cell.truth))}"


def place_words(view: TableView, row: int, column: int) -> str:
    """What stands at a place, with the names of row and column."""
    cell = view.filled(row, column)
    said = (view.text(row, column) if cell is None else cell_words(cell)) or _("nothing yet")
    where = _("Row {n:,}, {column}").format(n=row + 1, column=view.names[column])
    return f"{where}: {' · '.join(filter(None, (said, cell_odd_words(view, row, column), row_odd_words(view, row))))}"


def cell_odd_words(view: TableView, row: int, column: int) -> str:
    """Why a cell is marked; "" where it is not."""
    if view.is_together(row, column):
        return _("not odd by itself, but with others in this row")
    return odd_words(view.beyond(row, column))


def row_odd_words(view: TableView, row: int) -> str:
    """What is odd of a row as a whole; "" where its cells say it."""
    return _("this row as a whole is unlike the others") if view.is_apart(row) else ""


def odd_words(nats: float) -> str:
    """How much less likely a marked cell is than the usual ones of its column; "" where it is none."""
    if nats > _MOST_TOLD:
        return _("over a million times less likely than usual in its column")
    text = _("some {n:,} times less likely than usual in its column")
    return text.format(n=int(float(f"{math.exp(nats):.1e}"))) if nats else ""


def table_words(moment: TableMoment) -> str:
    """How large a table is and how much of it is missing, and what was left out."""
    table = moment.table
    known = sum(int(np.isfinite(column.values).sum()) for column in table.columns if not column.is_kept)
    n_learnt = sum(not column.is_kept for column in table.columns)
    n_gaps = table.n_rows * n_learnt - known
    words = _("{rows:,} rows, {columns} columns, {percent:.1f} % of the cells are empty.").format(
        rows=table.n_rows, columns=len(table.columns), percent=100 * n_gaps / max(table.n_rows * n_learnt, 1)
    )
    return f"{words} {translate(table.note)}".strip()


def measured_words(figures: TableFigures) -> str:
    """Which way fills this table best, on cells whose values are known."""
    totals = figures.totals()
    if "model" not in totals:
        if figures.n_checked:
            return _("This is measured as soon as the model learns.")
        return _("This table has too few cells to hold some out and measure.")
    best = min(totals, key=lambda way: totals[way])
    n = _("Measured on {n:,} known cells that were held out.").format(n=figures.n_checked)
    if best == "model":
        return f"{_('The model fills in this table better than the other ways.')} {n}"
    text = _("On this table another way is better: {way}.").format(way=within(translate(WAY_TEXTS[best])))
    return f"{text} {n}"


def best_peers(figures: TableFigures) -> npt.NDArray[np.float64]:
    """(C,) the smallest error of the other ways in each column, 0 where there is none."""
    peers = np.where(np.isfinite(figures.errors[1:]), figures.errors[1:], np.inf)
    best = peers.min(0)
    return np.where(np.isfinite(best), best, 0.0)


def totals_in_order(figures: TableFigures) -> Mapping[str, float]:
    """The error of each way that was measured, as they are listed."""
    totals = figures.totals()
    return {way: totals[way] for way in WAY_TEXTS if way in totals}
