"""How well gaps in tables are filled: hidden cells of three tables, beside the five nearest rows, means, regressions.

A fifth of the cells is hidden, at random or the larger the more often, five times. The normalised error is the root
mean square error in standard deviations of the known cells, of categories the share of wrong words, and the mean of
both over all columns. The model sees nothing of what is hidden: neither in learning nor where ranges are made wide
enough.
"""

from dataclasses import replace
from functools import partial
from typing import Any, Final

import numpy as np

from studio.core.pausing import result_of
from tests.bench.statistic import percentile, seconds
from tests.bench.suite import Figure, UnmeasuredError, bench

SHARE: Final = 0.2
SEEDS: Final = range(1, 6)
TABLES: Final = ("penguins", "wine", "breast_cancer")
N_RUNS: Final = 3


def table_of(name: str) -> Any:
    """The table of a name; those of scikit-learn with what each row is as a column of words."""
    from plugins.vae.tables.engine import EXAMPLE
    from studio.datasets.table.mixed import MixedColumn, MixedTable, reading_mixed

    if name == "penguins":
        return result_of(reading_mixed(EXAMPLE))
    try:
        from sklearn import datasets
    except ImportError as error:
        raise UnmeasuredError("scikit-learn, which brings the table, is not installed") from error
    found = getattr(datasets, f"load_{name}")()
    words = tuple(map(str, found.target_names))
    columns = [
        MixedColumn(str(title), values, n_decimals=6)
        for title, values in zip(found.feature_names, found.data.T.copy(), strict=True)
    ]
    return MixedTable((*columns, MixedColumn("kind", found.target.astype(float), words)), len(found.data))


def tried(table: Any, by: str, seed: int) -> dict[str, float]:
    """The normalised error of each way on what is hidden, and the share of hidden numbers within their range."""
    from plugins.vae.tables.gaps import hidden_cells, known_cells
    from plugins.vae.tables.model.imputation import filling
    from plugins.vae.tables.params import N_FRAMES, TableParams
    from plugins.vae.tables.state import TableMoment
    from plugins.vae.tables.table_bytes import table_bytes
    from plugins.vae.tables.training.evaluation import errors_of, measuring_peers, share_within, total_of
    from plugins.vae.tables.training.imputer import LAST_SAMPLES, Imputer

    known = known_cells(table.columns, table.n_rows)
    hidden = hidden_cells(table.columns, known, SHARE, by, seed)
    imputer = Imputer.at(TableParams(seed=seed), TableMoment(table_bytes(table), known & ~hidden))
    task, layout = imputer.task, imputer.task.layout
    places = [span.place for span in layout.spans]
    asked, truth = hidden[:, places], layout.encoded(table.columns, known[:, places])
    peers = result_of(measuring_peers(replace(task, checked=np.zeros_like(task.checked)), truth, asked))
    result_of(imputer.beginning())
    while imputer.moment.index < N_FRAMES:
        result_of(imputer.advanced())
    told = result_of(filling(imputer.learner.network, task.cells, task.known, LAST_SAMPLES, seed))
    within = share_within(layout, truth, asked, told, imputer.moment.figures.width)
    errors = {way: total_of(found) for way, found in peers.columns.items()}
    return {"model": total_of(errors_of(layout, truth, asked, told.means)), "within": within, **errors}


def _filled(name: str, by: str) -> Figure:
    table = table_of(name)
    found = [tried(table, by, seed) for seed in SEEDS]
    mean = {key: float(np.mean([one[key] for one in found])) for key in found[0]}
    spread = float(np.std([one["model"] for one in found]))
    note = (
        f"normalised error {mean['model']:.3f} ± {spread:.3f}; nearest rows {mean['neighbours']:.3f}, regressions "
        f"{mean['regressions']:.3f}, means {mean['mean']:.3f}; {100 * mean['within']:.1f} % of hidden numbers in range"
    )
    return Figure(mean["model"] / mean["neighbours"], "the five nearest rows", 1.0, note=note)


for _name in TABLES:
    for _by in ("random", "largest"):
        bench(f"vae.tables_{_name}_{_by}", "times", at_most=1.0)(partial(_filled, _name, _by))


@bench("vae.tables_run", "s", at_most=20)
def run() -> Figure:
    """The example, learnt to the end and drawn."""
    from plugins.vae.tables.engine import TableEngine
    from plugins.vae.tables.params import TableParams

    taken = [seconds(lambda: list(TableEngine().generate(TableParams(hidden=0.15)))) for _ in range(N_RUNS)]
    return Figure(percentile(taken, 50), reaches=min(taken))
