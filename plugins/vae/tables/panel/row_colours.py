"""What the colours of the map of rows can say: a column, with its gaps as they were filled in, or how odd rows are."""

import numpy as np

from studio.core.translation import _

from ...shared.panel.representation.colouring import Entry, by_amount, by_label, plainly
from ...shared.panel.representation.mosaic import Colours
from ...shared.representation.encoded import Label
from ..model.layout import Floats
from ..oddness import SURPRISE
from ..view_model import TableView

PLAIN, ODD, COLUMN = "plain", "odd", "column:"


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
