"""Tables of which it is known what stands in their gaps."""

import numpy as np

from plugins.vae.tables.engine import TableEngine
from plugins.vae.tables.table_bytes import table_bytes
from studio.api.engine import EngineHandle, ModelSource
from studio.api.table import MixedColumn, MixedTable
from studio.core.card import Card

CARD = Card("vae/tables", "Tables", "", "CC0", "", 0, more={"kind": "tables", "defaults": {"n_steps": 100}})


def made_table(n_rows=200, gaps=0.1, seed=1):
    """Two kinds of things: size, twice the size, a colour that goes with the kind, and a name that nobody can learn."""
    chance = np.random.default_rng(seed)
    kind = chance.integers(0, 2, n_rows)
    size = 10 * kind + chance.normal(0, 1, n_rows)
    double = 2 * size + chance.normal(0, 0.1, n_rows)
    columns = [size.round(2), double.round(1), kind.astype(float)]
    for column in columns:
        column[chance.random(n_rows) < gaps] = np.nan
    return MixedTable(
        (
            MixedColumn("size", columns[0], n_decimals=2),
            MixedColumn("double", columns[1], n_decimals=1),
            MixedColumn("colour", columns[2], ("red", "blue")),
            MixedColumn("name", np.zeros(0), cells=tuple(f"thing {n}" for n in range(n_rows))),
        ),
        n_rows,
    )


def made_bytes(**how):
    """The same as bytes."""
    return table_bytes(made_table(**how))


def made_handle(tmp_path):
    """A handle of the engine; its model has no weights."""
    card = tmp_path / "tables.json"
    card.write_text("{}")
    return EngineHandle(ModelSource(CARD.id, card, CARD.more), lambda _: TableEngine())


def finish(panel):
    """Stand at the end of the run on the timeline."""
    panel.timeline.pause()
    panel.timeline.playback.to_end()
