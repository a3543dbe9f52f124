"""How odd rows are, by hand and on tables of which it is known; the same each time, whatever stands in gaps."""

import math
from typing import Any

import numpy as np
import pytest
import torch

from plugins.vae.tables import engine as scoring
from plugins.vae.tables.caption import place_words
from plugins.vae.tables.engine import TableEngine
from plugins.vae.tables.gaps import known_cells
from plugins.vae.tables.model import oddness as explained
from plugins.vae.tables.model.layout import Layout, Span
from plugins.vae.tables.model.network import N_NETWORKS, TableVae
from plugins.vae.tables.model.oddness import N_DRAWS, explaining
from plugins.vae.tables.oddness import MARKED, MOST_MARKED, SURPRISE, Oddness, oddness_of
from plugins.vae.tables.params import TableParams
from plugins.vae.tables.state import TableFigures, TableMoment, moment_of, started
from plugins.vae.tables.table_bytes import table_bytes
from plugins.vae.tables.training.learner import TableLearner
from plugins.vae.tables.training.task import task_of
from plugins.vae.tables.view_model import view_of
from studio.api.table import MixedColumn, MixedTable
from studio.core.error import UserError
from tests.plugins.vae.tables.tables_made import made_table

PARAMS = TableParams(n_steps=100)


def number(name, values):
    return MixedColumn(name, np.array(values, np.float64), n_decimals=2)


def unlearnt(table, seed=1):
    """The state of a table of which the networks know but the principal axes."""
    known = known_cells(table.columns, table.n_rows)
    task = task_of(table.columns, known, seed)
    learner = TableLearner(task.layout, 4, seed)
    learner.network.begin_with(torch.from_numpy(task.cells))
    figures = TableFigures(np.full((4, len(task.layout.spans)), np.nan), is_open=False)
    learnt = [not column.is_kept for column in table.columns]
    gaps = int((~known & np.array(learnt)).sum())
    moment = TableMoment(table_bytes(table), known, 40, 1, 100, 4, 0.0, np.zeros((gaps, 4)), figures, learner.arrays())
    return moment.arrays()


def frames_of(state, params=PARAMS):
    return [frame for frame in TableEngine().odd_rows(params, state) if frame is not None]


def found(frame) -> Any:
    return oddness_of(frame, moment_of(frame.state))


def all_of(network, cells, known):
    parts = list(explaining(network, cells, known))
    return (np.concatenate(part) for part in zip(*parts, strict=True))


def by_hand(network, row, known, noise):
    """Minus the ELBO of a row of a number and two words, of a network with constant encoder and straight decoder."""
    said = network.place.bias[0, 0].detach().numpy()
    mean, log_width = said[:2], said[2:]
    total = 0.0
    for draw in noise:
        drawn = (mean + np.exp(log_width) * draw) @ network.straight.weight[0].detach().numpy()
        spread = network.spread.bias[0, 0, 0].item()
        if known[0]:
            total += 0.5 * ((row[0] - drawn[0]) / math.exp(spread)) ** 2 + spread + 0.5 * math.log(2 * math.pi)
        if known[1]:
            total -= float(row[1:] @ (drawn[1:] - np.log(np.exp(drawn[1:]).sum())))
    divergence = 0.5 * (mean**2 + np.exp(2 * log_width) - 1 - 2 * log_width).sum()
    return total / len(noise) + divergence


@pytest.fixture
def small():
    """Networks of a number and two words, all alike."""
    network = TableVae(Layout((Span(0, 0, 1, True), Span(1, 1, 3, False))), 2, 1)
    with torch.no_grad():
        for name, weight in network.named_parameters():
            if name != "straight.weight":
                weight.zero_()
        network.place.bias[:] = torch.tensor([0.5, -1.0, -0.7, 0.3])
        network.spread.bias[:] = torch.tensor([-0.4, 0.0])
        network.straight.weight[:] = network.straight.weight[:1].clone()
    return network


@pytest.mark.parametrize("known", [(True, True), (True, False), (False, True), (False, False)])
def test_a_score_is_minus_the_elbo_of_what_is_known(small, known):
    row = np.array([1.7, 0, 1], np.float32)
    nats, divergence = all_of(small, row[None], np.array([known]))
    chance = torch.Generator().manual_seed(explained._SEED)
    noise = torch.randn(N_DRAWS, N_NETWORKS, 1, 2, generator=chance)[:, :, 0].numpy()
    wanted = np.mean([by_hand(small, row, known, noise[:, network]) for network in range(N_NETWORKS)])
    assert nats.sum() + divergence[0] == pytest.approx(wanted, rel=1e-5)
    assert (nats[0] != 0).tolist() == list(known)


def test_what_stands_in_a_gap_changes_nothing():
    table = made_table(n_rows=40)
    known = known_cells(table.columns, table.n_rows)
    task = task_of(table.columns, known, 1)
    network = TableVae(task.layout, 4, 1)
    nats, divergence = all_of(network, task.cells, task.known)
    is_gap = (~task.known).astype(np.float32) @ task.layout.owners > 0
    others = np.where(is_gap, np.float32(77), task.cells)
    for one, other in zip((nats, divergence), all_of(network, others, task.known), strict=True):
        assert np.array_equal(one, other)
    assert (nats[~task.known] == 0).all()


def test_it_is_the_same_each_time_and_for_equal_rows(monkeypatch):
    values = [1.0, 2.0, 3.0, 2.0, 9.0] * 4
    state = unlearnt(MixedTable((number("a", values), number("b", values[::-1])), 20))
    one, other = frames_of(state)[-1], frames_of(state)[-1]
    scores = one.views["scores"].curves
    for name, values in other.views["scores"].curves.items():
        assert np.array_equal(scores[name], values)
    assert np.allclose(scores["surprise"][:5], scores["surprise"][5:10], atol=1e-5)
    monkeypatch.setattr(explained, "ROWS_AT_ONCE", 3)
    monkeypatch.setattr(scoring, "MAX_FRAMES", 3)
    monkeypatch.setattr(scoring, "has_forest", lambda: False)
    parts = frames_of(state)
    assert [(frame.step, frame.n_steps, frame.scalars["n_rows"]) for frame in parts] == [
        (0, 3, 3),
        (1, 3, 12),
        (2, 3, 20),
    ]
    assert np.allclose(parts[-1].views["scores"].curves["surprise"], scores["surprise"], atol=1e-4)
    assert "names" not in parts[0].views
    assert sorted(found(parts[0]).order("forest").tolist()) == list(range(20))


@pytest.mark.long("computes for long")
def test_a_row_that_contradicts_itself_comes_first_with_its_cell_marked():
    size = np.random.default_rng(2).normal(0, 1, 120).round(2)
    columns = [number("size", size), number("double", 2 * size), number("triple", 3 * size), number("same", size)]
    columns[1].values[17] = 9.0  # where all else says that it is about twice the size
    run = TableEngine().generate(PARAMS, started(table_bytes(MixedTable(tuple(columns), 120))))
    *_, last = run
    frame = frames_of(last.state)[-1]
    view = view_of(moment_of(frame.state), found(frame), "surprise")
    assert view.rows[0] == 17
    assert view.odd is not None
    column, nats = view.marked(17)[0]
    assert (column, view.mark(17, 1) > 0) == (1, True)
    assert nats == pytest.approx(view.odd.beyond[17, 1])
    assert nats > MARKED
    assert view.beyond(int(view.rows[-1]), 0) == 0


@pytest.mark.parametrize(
    "table",
    [
        MixedTable((MixedColumn("word", np.array([0, 1, 0, np.nan]), ("a", "b")),), 4),
        MixedTable((number("flat", [3.0] * 6),), 6),
        MixedTable((number("empty", [np.nan] * 4), number("some", [1, np.nan, 2, 3])), 4),
        MixedTable((number("a", [1, 2, 4]), MixedColumn("kept", np.zeros(0), cells=("x", "y", "z"))), 3),
    ],
    ids=["no numbers", "one value", "empty rows", "kept"],
)
def test_poor_tables_have_scores_too(table):
    frame = frames_of(unlearnt(table))[-1]
    assert frame.views["names"].pieces == tuple(str(row + 1) for row in range(table.n_rows))
    for scores in frame.views["scores"].curves.values():
        assert scores.shape == (table.n_rows,)
        assert np.isfinite(scores).all()
    assert frame.views["table"].pixels.shape == (320, 480, 3)
    assert np.isfinite(found(frame).beyond).all()


@pytest.mark.long("computes for long")
def test_ten_thousand_rows_come_in_parts():
    chance = np.random.default_rng(4)
    table = MixedTable((number("a", chance.normal(size=10_000)), number("b", chance.normal(size=10_000))), 10_000)
    n_yields, frames = 0, []
    for frame in TableEngine().odd_rows(PARAMS, unlearnt(table)):
        n_yields += 1
        frames += [] if frame is None else [frame]
    assert n_yields > 16
    assert 2 < len(frames) <= scoring.MAX_FRAMES + 2
    assert [frame.step for frame in frames] == list(range(frames[0].n_steps))
    assert frames[-1].scalars["n_rows"] == 10_000


def test_without_scikit_learn_the_model_is_alone(monkeypatch):
    monkeypatch.setattr(scoring, "has_forest", lambda: False)
    assert set(frames_of(unlearnt(made_table(n_rows=20)))[-1].views["scores"].curves) == {"surprise"}


def test_a_damaged_frame_is_told():
    frame = frames_of(unlearnt(made_table(n_rows=20)))[-1]
    moment = moment_of(frame.state)
    frame.views["scores"].curves["forest"] = np.zeros(7, np.float32)
    with pytest.raises(UserError):
        oddness_of(frame, moment)


def scored(nats, places):
    """Oddness of rows whose cells (N, A) and places (N,) have these nats."""
    nats = np.array(nats, np.float32)
    return Oddness({SURPRISE: nats.sum(1) + np.array(places, np.float32)}, nats, np.ones(nats.shape, np.bool_))


def test_a_row_that_is_odd_by_several_cells_has_them_marked_together():
    nats, places = np.zeros((40, 4)), np.zeros(40)
    nats[3] = (1.5, 1.2, 0.4, 0.1)  # 3.2 beyond the usual, half of it in the first two
    nats[7] = (9.0, 0, 0, 0)
    odd = scored(nats, places)
    assert odd.together[3].tolist() == [True, True, False, False, False]
    assert not np.delete(odd.together, 3, axis=0).any()  # one is odd by a cell of its own, the others are usual
    nats[3], places[3] = (0.2, 0.2, 0, 0), 5.0
    apart = scored(nats, places)
    assert apart.together[3].tolist() == [False, False, False, False, True]


def test_only_the_oddest_rows_are_told_apart_so_and_rows_to_come_are_not():
    nats = np.tile(np.linspace(0, 1.5, 40)[:, None], 4)
    odd = scored(nats, np.zeros(40))
    assert np.flatnonzero(odd.together.any(1)).tolist() == [38, 39]
    some = Oddness({SURPRISE: odd.scores[SURPRISE][:20]}, odd.nats, odd.is_known)
    assert np.flatnonzero(some.together.any(1)).tolist() == [19]


def test_cells_that_are_odd_together_are_said_to_be_so():
    nats, places = np.zeros((40, 4)), np.zeros(40)
    nats[3] = (1.5, 1.2, 0.4, 0)
    places[5] = 9.0
    moment = moment_of(started(table_bytes(made_table(n_rows=40, gaps=0.0))))
    view = view_of(moment, scored(nats, places), SURPRISE)
    assert 0 < view.mark(3, 0) < MARKED / MOST_MARKED
    assert view.mark(3, 2) == 0
    assert [column for column, _ in view.marked(3)] == [0, 1]
    assert place_words(view, 3, 0).endswith("not odd by itself, but with others in this row")
    assert place_words(view, 5, 2).endswith("this row as a whole is unlike the others")
    assert "·" not in place_words(view, 8, 0)
