"""How well gaps in tables are filled, beside nearest rows, means and regressions, and odd rows found beside a forest.

A fifth of the cells of three tables is hidden, at random or the larger the more often, five times. The normalised error
is the root mean square error in standard deviations of the known cells, of categories the share of wrong words, and the
mean of both over all columns. The model sees nothing of what is hidden: neither in learning nor where ranges are made
wide enough.

Odd rows are malignant tumours among benign ones, one in ten, and wines whose cells are permuted among them, one in
twenty, five times. AUC: of pairs of an odd and a usual row, in how many the odd one has the higher score.
"""

from dataclasses import replace
from functools import partial
from typing import Any, Final

import numpy as np

from studio.core.pausing import result_of
from tests.bench.statistic import percentile, seconds
from tests.bench.suite import Figure, bench

SHARE: Final = 0.2
SEEDS: Final = range(1, 6)
ODD_SEEDS: Final = range(5)
TABLES: Final = ("penguins", "wine", "breast_cancer")
N_RUNS: Final = 3


def table_of(name: str) -> Any:
    """The table of a name; those of scikit-learn with what each row is as a column of words."""
    from plugins.vae.tables.engine import EXAMPLE
    from studio.datasets.table.mixed import MixedColumn, MixedTable, reading_mixed

    if name == "penguins":
        return result_of(reading_mixed(EXAMPLE))
    from sklearn import datasets

    found = getattr(datasets, f"load_{name}")()
    words = tuple(map(str, found.target_names))
    columns = [
        MixedColumn(str(title), values, n_decimals=6)
        for title, values in zip(found.feature_names, found.data.T.copy(), strict=True)
    ]
    return MixedTable((*columns, MixedColumn("kind", found.target.astype(float), words)), len(found.data))


def begun(table: Any, known: Any, seed: int) -> Any:
    """What learns a table of which these cells are known."""
    from plugins.vae.tables.params import TableParams
    from plugins.vae.tables.state import TableMoment
    from plugins.vae.tables.table_bytes import table_bytes
    from plugins.vae.tables.training.imputer import Imputer

    return Imputer.at(TableParams(seed=seed), TableMoment(table_bytes(table), known))


def learn(imputer: Any) -> None:
    """Learn to the end."""
    from plugins.vae.tables.params import N_FRAMES

    result_of(imputer.beginning())
    while imputer.moment.index < N_FRAMES:
        result_of(imputer.advanced())


def tried(table: Any, by: str, seed: int) -> dict[str, float]:
    """The normalised error of each way on what is hidden, and the share of hidden numbers within their range."""
    from plugins.vae.tables.gaps import hidden_cells, known_cells
    from plugins.vae.tables.model.imputation import filling
    from plugins.vae.tables.training.evaluation import errors_of, measuring_peers, share_within, total_of
    from plugins.vae.tables.training.imputer import LAST_SAMPLES

    known = known_cells(table.columns, table.n_rows)
    hidden = hidden_cells(table.columns, known, SHARE, by, seed)
    imputer = begun(table, known & ~hidden, seed)
    task, layout = imputer.task, imputer.task.layout
    places = [span.place for span in layout.spans]
    asked, truth = hidden[:, places], layout.encoded(table.columns, known[:, places])
    peers = result_of(measuring_peers(replace(task, checked=np.zeros_like(task.checked)), truth, asked))
    learn(imputer)
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


def odd_breast_cancer(table: Any, seed: int) -> tuple[Any, Any]:
    """Benign rows and so many malignant ones that they are a tenth of all; which of them these are."""
    chance, columns = np.random.default_rng(seed), [column.values for column in table.columns]
    odd, usual = (np.flatnonzero(columns[-1] == kind) for kind in (0, 1))
    n_odd = round(len(usual) / 9)
    rows = np.concatenate([usual, chance.choice(odd, n_odd, replace=False)])
    return np.stack(columns[:-1], 1)[rows], np.arange(len(rows)) >= len(usual)


def odd_wine(table: Any, seed: int) -> tuple[Any, Any]:
    """All rows, of which one in twenty have their cells permuted among them; which they are."""
    chance = np.random.default_rng(seed)
    cells = np.stack([column.values for column in table.columns[:-1]], 1)
    rows = chance.choice(len(cells), round(len(cells) / 20), replace=False)
    for column in cells.T:
        column[rows] = column[chance.permutation(rows)]
    return cells, np.isin(np.arange(len(cells)), rows)


def odd_found(name: str, mixed: Any, seed: int) -> dict[str, float]:
    """The AUC of each measure on a table with odd rows, all of which are learnt."""
    from plugins.vae.shared.odd_ones import auc
    from plugins.vae.tables.engine import odd_rows
    from studio.datasets.table.mixed import MixedColumn, MixedTable

    cells, is_odd = mixed(table_of(name), seed)
    columns = (MixedColumn(str(place), values, n_decimals=6) for place, values in enumerate(cells.T.copy()))
    imputer = begun(MixedTable(tuple(columns), len(cells)), np.ones(cells.shape, np.bool_), seed)
    learn(imputer)
    last: Any = list(odd_rows(imputer.params, imputer.moment.arrays()))[-1]
    return {measure: auc(scores, is_odd) for measure, scores in last.views["scores"].curves.items()}


def _odd_rows(name: str, mixed: Any) -> Figure:
    found = [odd_found(name, mixed, seed) for seed in ODD_SEEDS]
    model, forest = (np.array([one[measure] for one in found]) for measure in ("surprise", "forest"))
    note = "; ".join(f"{ours:.3f} ({theirs:.3f})" for ours, theirs in zip(model, forest, strict=True))
    return Figure(float(model.mean()), "isolation forest of the same rows", float(forest.mean()), note=note)


bench("vae.odd_rows_breast_cancer", "AUC", at_least=0.9)(partial(_odd_rows, "breast_cancer", odd_breast_cancer))
bench("vae.odd_rows_wine", "AUC", at_least=0.9)(partial(_odd_rows, "wine", odd_wine))


@bench("vae.tables_run", "s", at_most=20)
def run() -> Figure:
    """The example, learnt to the end and drawn."""
    from plugins.vae.tables.engine import TableEngine
    from plugins.vae.tables.params import TableParams

    taken = [seconds(lambda: list(TableEngine().generate(TableParams(hidden=0.15)))) for _ in range(N_RUNS)]
    return Figure(percentile(taken, 50))
