"""What is learnt of a table, how it is filled in and measured, and that a run goes on bit for bit."""

import dataclasses
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch

from plugins.vae.tables.engine import TableEngine
from plugins.vae.tables.gaps import hidden_cells, known_cells
from plugins.vae.tables.model.imputation import Filled
from plugins.vae.tables.model.layout import layout_of
from plugins.vae.tables.model.network import TableVae
from plugins.vae.tables.params import N_FRAMES, TableParams
from plugins.vae.tables.state import is_moment, moment_of, started
from plugins.vae.tables.training.evaluation import errors_of, share_within, width_for
from plugins.vae.tables.training.learner import TableLearner, rate_at
from plugins.vae.tables.view_model import view_of
from studio.core.error import UserError
from studio.core.frame import whole_frames
from tests.plugins.vae.tables.tables_made import made_bytes, made_table

QUICK = TableParams(n_steps=400)


@pytest.fixture(scope="module")
def frames() -> list[Any]:
    """A run over the made table, of which a fifth is hidden."""
    params = dataclasses.replace(QUICK, hidden=0.2)
    return list(whole_frames(run_of(params, started(made_bytes()))))


def moment(frame):
    return moment_of(frame.state)


def filled(view, row, column) -> Any:
    return view.filled(row, column)


def run_of(params, state) -> list[Any]:
    return list(TableEngine().generate(params, state))


@pytest.mark.long("computes for long")
def test_gaps_are_filled_with_what_the_rest_of_the_row_says(frames):
    view = view_of(moment(frames[-1]))
    cells = [(place, filled(view, *place)) for place in view.hidden]
    sizes = [cell for (_, column), cell in cells if column == 0]
    off = np.array([cell.value - cell.truth for cell in sizes])
    spread = np.nanstd(view.columns[0].values)
    assert np.sqrt((off**2).mean()) < 0.45 * spread
    colours = [cell.value == cell.truth for (_, column), cell in cells if column == 2]
    assert np.mean(colours) > 0.9


def test_ranges_hold_nine_in_ten_hidden_numbers_and_are_narrower_than_the_column(frames):
    view = view_of(moment(frames[-1]))
    numbers = [cell for place in view.hidden if (cell := filled(view, *place)).column.is_number]
    assert len(numbers) > 60
    assert np.mean([cell.is_within for cell in numbers]) >= 0.85
    usual = 3.29 * np.nanstd(view.columns[0].values)  # so wide is the range of nine in ten of the column itself
    assert np.mean([cell.high - cell.low for cell in numbers if cell.column.name == "size"]) < 0.7 * usual
    assert all(cell.low <= cell.value <= cell.high and 0 <= cell.sure <= 1 for cell in numbers)


def test_learning_gets_better_than_the_mean_and_is_measured_on_what_was_held_out(frames):
    first, last = moment(frames[0]), moment(frames[-1])
    assert not np.isfinite(first.figures.totals()["mean"]) or first.figures.n_checked > 30
    assert last.figures.totals()["model"] < 0.6 * last.figures.totals()["mean"]
    assert first.figures.is_open
    assert not last.figures.is_open
    errors = [frame.scalars["error model"] for frame in frames]
    assert errors[-1] < 0.8 * errors[0]
    assert len(set(errors[33:])) == 1  # nothing is held out any more, and nothing measured on what was learnt


def test_what_is_hidden_is_never_seen():
    """Another value in a hidden cell changes nothing of what is filled in."""
    table = made_table()
    known = known_cells(table.columns, table.n_rows)
    hidden = hidden_cells(table.columns, known, 0.2, "random", 1)
    layout = layout_of(table.columns, known & ~hidden)
    values = table.columns[0].values.copy()
    values[hidden[:, 0]] = 1e6
    other = (dataclasses.replace(table.columns[0], values=values), *table.columns[1:])
    assert layout_of(other, known & ~hidden).spans == layout.spans
    seen = (known & ~hidden)[:, :3]
    assert np.array_equal(layout.encoded(other, seen), layout.encoded(table.columns, seen))


@pytest.mark.long("computes for long")
def test_a_run_goes_on_from_any_frame_bit_for_bit(frames):
    params = dataclasses.replace(QUICK, hidden=0.2)
    for index in (0, 20, 33):
        rest: list[Any] = list(whole_frames(run_of(params, frames[index].state)))
        assert [frame.step for frame in rest] == list(range(index, N_FRAMES + 1))
        for name, array in frames[-1].state.items():
            assert np.array_equal(rest[-1].state[name], array), name


def test_hidden_cells_are_as_many_as_asked_and_large_ones_more_often():
    table = made_table(2000, 0.0)
    known = known_cells(table.columns, table.n_rows)
    for by in ("random", "largest"):
        hidden = hidden_cells(table.columns, known, 0.2, by, 1)
        assert not (hidden & ~known).any()
        assert not hidden[:, 3].any()
        assert hidden[:, :3].mean(0) == pytest.approx(0.2, abs=0.03)
    values = table.columns[0].values
    assert values[hidden[:, 0]].mean() > values.mean() + 0.3 * values.std()


def test_the_bound_is_the_likelihood_where_the_posterior_is_known():
    """With a decoder that says the same everywhere, every importance weight is the likelihood itself."""
    table = made_table(50, 0.2)
    known = known_cells(table.columns, table.n_rows)
    layout = layout_of(table.columns, known)
    network = TableVae(layout, 3, 1)
    with torch.no_grad():
        for layer in (network.curved, network.straight, network.spread):
            layer.weight.zero_()
            layer.bias.zero_()
        network.place.weight.zero_()
        network.place.bias.zero_()
    seen = torch.from_numpy(known[:, :3]).float().expand(4, -1, -1)
    cells = torch.from_numpy(layout.encoded(table.columns, known[:, :3])).expand(4, -1, -1)
    noise = torch.randn(5, 4, 50, 3, generator=torch.Generator().manual_seed(1))
    log_weights = network.weighed(cells, seen, seen, noise)[0]
    normal = -0.5 * (cells[0, :, :2] ** 2 + np.log(2 * np.pi)) * seen[0, :, :2]
    by_hand = normal.sum(1) + np.log(0.5) * seen[0, :, 2]
    assert torch.allclose(log_weights, by_hand.expand(5, 4, -1), atol=1e-5)


def test_errors_and_ranges_by_hand():
    table = made_table(4, 0.0)
    known = known_cells(table.columns, 4)
    layout = layout_of(table.columns, known)
    truth = layout.encoded(table.columns, known[:, :3])
    said = truth.copy()
    said[:, 0] += 0.5
    said[0, 2:] = said[0, [3, 2]]
    errors = errors_of(layout, truth, known[:, :3], said)
    assert errors == pytest.approx([0.5, 0, 0.25])
    drawn = np.linspace(-1, 1, 201, dtype=np.float32)[:, None, None] + truth[None, :, :2]
    filled = Filled(said, drawn.astype(np.float32))
    assert share_within(layout, truth, known[:, :3], filled, 1.0) == 1
    off = dataclasses.replace(filled, drawn=drawn + np.float32(1.8))
    assert share_within(layout, truth, known[:, :3], off, 1.0) == 0
    assert width_for(layout, truth, known[:, :3], off) == pytest.approx(2, abs=0.01)


def test_the_rate_rises_and_falls():
    rates = [rate_at(step, 100) for step in range(100)]
    top = int(np.argmax(rates))
    assert 8 <= top <= 12
    assert all(one <= other for one, other in pairwise(rates[:top]))
    assert all(one >= other for one, other in pairwise(rates[top:]))


@pytest.mark.long("computes for long")
@pytest.mark.parametrize("n_rows", [1, 2, 3])
def test_the_smallest_tables_are_filled_too(n_rows):
    last = run_of(TableParams(n_steps=100), started(made_bytes(n_rows=n_rows, gaps=0.3)))[-1]
    assert np.isfinite(last.state["filled"]).all()
    assert "error model" not in last.scalars


@pytest.mark.long("computes for long")
def test_a_table_without_gaps_and_one_of_gaps_alone():
    run = run_of(TableParams(n_steps=100), started(made_bytes(gaps=0.0)))
    assert run[-1].state["filled"].shape == (0, 4)
    run = run_of(TableParams(n_steps=100), started(made_bytes(n_rows=30, gaps=0.97)))
    assert np.isfinite(run[-1].state["filled"]).all()


@pytest.mark.long("computes for long")
def test_a_column_of_one_value_is_filled_with_it():
    table = made_table(80, 0.1)
    flat = np.where(np.isnan(table.columns[0].values), np.nan, 7.0)
    columns = (dataclasses.replace(table.columns[0], values=flat), *table.columns[1:])
    from plugins.vae.tables.table_bytes import table_bytes

    run = TableEngine().generate(
        TableParams(n_steps=300), started(table_bytes(dataclasses.replace(table, columns=columns)))
    )
    view = view_of(moment(list(run)[-1]))
    gaps = [row for row in range(80) if view.is_gap(row, 0)]
    assert gaps
    assert all(abs(filled(view, row, 0).value - 7) < 0.3 for row in gaps)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("table", np.zeros(40, np.uint8)),
        ("known", np.zeros(3, np.uint8)),
        ("counts", np.array([1, 9, 3, 8])),
        ("counts", np.array([1, 3, 9, 99])),
        ("filled", np.zeros((2, 4))),
        ("errors", np.full((4, 3), np.nan, np.float32)),
        ("told", np.zeros(4, np.float32)),
        ("weights", np.zeros(7, np.float32)),
        ("square", None),
    ],
)
def test_a_state_that_is_unsound_is_refused(frames, name, value):
    state = dict(frames[5].state)
    state[name] = -state["square"] - 1 if value is None else value
    with pytest.raises(UserError):
        list(TableEngine().generate(QUICK, state))


def test_a_state_of_another_table_is_refused(frames):
    other = moment_of(started(made_bytes(n_rows=90)))
    with pytest.raises(UserError):
        moment_of({**frames[5].state, "table": other.data})
    assert is_moment(frames[5].state)
    assert not is_moment(started(other.data))


@pytest.mark.long("computes for long")
def test_learning_stops_nowhere_for_long(monkeypatch):
    """Between two yields of a frame lie two steps at most."""
    n_steps: list[int] = [0]
    real = TableLearner.step

    def counted(self, *arguments):
        n_steps[-1] += 1
        return real(self, *arguments)

    monkeypatch.setattr(TableLearner, "step", counted)
    run = TableEngine().generate_with_pauses(TableParams(n_steps=100), started(made_bytes()))
    n_steps.extend(0 for _ in run)
    assert sum(n_steps) == 100
    assert max(n_steps) <= 2
