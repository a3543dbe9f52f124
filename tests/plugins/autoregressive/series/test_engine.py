"""The engine of series: frames that repeat, branch and go through pins; drafts, tests on the past, unsound states."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from plugins.autoregressive.series import baselines
from plugins.autoregressive.series.engine import line_of, outlook_of, pack
from plugins.autoregressive.series.frames import NAMES, view_model_of
from plugins.autoregressive.series.params import SeriesParams
from plugins.autoregressive.series.quantile_fan import HEIGHT_PX, QUANTILES, WIDTH_PX, fan_of, fan_picture, value_range
from plugins.autoregressive.series.state import about_from, read_state, started
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.pausing import result_of
from studio.datasets.table.line import SeriesInfo, SeriesLine
from tests.plugins.autoregressive.series.forecast_made import CONFIG
from tests.plugins.autoregressive.series.series_made import made_engine, made_line

PARAMS = SeriesParams(n_paths=30, seed=5)


def frames_of(line=None, pins=None, engine=None, **params):
    engine = engine or made_engine()
    return list(engine.generate(replace(PARAMS, **params), started(line or made_line(), pins)))


def test_a_forecast_grows_by_one_value_in_each_frame():
    frames = frames_of()
    assert [frame.step for frame in frames] == list(range(7))
    assert [frame.state["paths"].shape for frame in frames] == [(30, step) for step in range(7)]
    for before, after in pairwise(frames):
        assert (after.state["paths"][:, : before.step] == before.state["paths"]).all()
    assert frames[-1].label == "Step 6 of 6"
    assert frames[3].main_view.pixels.shape == (HEIGHT_PX, WIDTH_PX, 3)


@pytest.mark.parametrize("pins", [{}, {2: 55.0}, {1: 50.0, 4: 58.0}])
def test_a_branch_repeats_its_parent_to_the_bit(pins):
    engine = made_engine()
    frames = frames_of(pins=pins, engine=engine)
    for index in (0, 1, 3, 5):
        branch = list(engine.generate(PARAMS, frames[index].state))
        assert len(branch) == len(frames) - index
        for one, other in zip(branch, frames[index:], strict=True):
            assert (one.state["paths"] == other.state["paths"]).all()
            assert (one.main_view.pixels == other.main_view.pixels).all()


def test_pins_are_gone_through():
    paths = seen_paths(frames_of(pins={2: 61.0, 5: 40.0})[-1])
    assert paths[:, 2] == pytest.approx(61, rel=1e-4)
    assert paths[:, 5] == pytest.approx(40, rel=1e-4)


def seen_paths(frame):
    """The drawn paths (L, K) of a frame."""
    return np.stack(list(frame.views["paths"].curves.values()))


def test_what_came_is_told_and_surprises():
    line = made_line()
    frames = frames_of(line, n_back=4)
    curves = frames[-1].views["curves"].curves
    assert curves["actual"][~np.isnan(curves["actual"])] == pytest.approx(line.values[-4:], rel=1e-6)
    assert all("surprise" in frame.scalars for frame in frames)
    assert frames[2].scalars["surprise"] > 0
    assert frames[6].scalars["surprise"] == 0
    assert "surprise" not in frames_of(line)[-1].scalars


def test_the_surprise_is_the_share_of_paths_as_far_out():
    line = made_line()
    far = SeriesLine(np.append(line.values, 1e6), line.about)
    assert frames_of(far, n_back=1)[1].scalars["surprise"] == pytest.approx(np.log2(31))


def seen_of(frame):
    """What a panel sees in a frame."""
    seen = view_model_of(frame)
    assert seen is not None
    return seen


def test_a_panel_sees_in_a_frame_what_made_it():
    line = made_line()
    frame = frames_of(line, n_back=3)[4]
    seen = seen_of(frame)
    assert seen.line.about == line.about
    assert (seen.n_known, seen.fan.n_steps, seen.fan.horizon) == (77, 4, 6)
    assert seen.fan.quantiles.shape == (len(NAMES), 4)
    assert (np.diff(seen.fan.quantiles, axis=0) >= 0).all()
    assert view_model_of(Frame(0, 1)) is None


def test_a_draft_is_a_fan_of_fewer_paths_with_the_same_seeds():
    engine, line = made_engine(), made_line()
    fan = engine.draft(line, PARAMS, {})
    whole = frames_of(line)[-1]
    assert fan.n_steps == 6
    assert fan.quantiles == pytest.approx(seen_of(whole).fan.quantiles, rel=1e-4)
    pinned = engine.draft(line, PARAMS, {3: 60.0})
    assert pinned.quantiles[:, 3] == pytest.approx(60, rel=1e-4)


def test_the_past_is_tested_against_the_season_before(monkeypatch):
    monkeypatch.setattr(baselines, "has_ets", lambda: False)
    rows = result_of(made_engine().back_test(made_line(), PARAMS, 3))
    assert [row.way for row in rows] == ["Forecast", "Last season"]
    assert all(np.isfinite([row.score.mase, row.score.crps]).all() for row in rows)


@pytest.mark.parametrize("line", [made_line(10), SeriesLine(np.full(60, 2.0), SeriesInfo("", "Flat", period=7))])
def test_a_past_that_cannot_be_tested_gives_a_sentence(line):
    with pytest.raises(UserError, match="too short"):
        result_of(made_engine().back_test(line, PARAMS, 3))


def test_the_pack_is_that_of_the_data_set():
    lines = pack()
    assert [line.about.name for line in lines][:4] == ["taylor", "co2", "seattle-temps", "sunspots"]
    assert line_of(lines, "").about.name == "taylor"
    assert lines[0].about.clock.text(48) == "6 Jun 2000 00:00"
    with pytest.raises(UserError, match="taylor"):
        line_of(lines, "tides")


def test_the_horizon_and_the_origin_are_what_is_asked_for():
    line = made_line()
    outlook = outlook_of(line, replace(PARAMS, horizon=9, n_back=70), {1: 3.0, 20: 4.0})
    assert (outlook.n_known, outlook.horizon, outlook.pins) == (10, 9, {1: 3.0})
    assert outlook_of(line, replace(PARAMS, n_back=500), {}).n_known == 2
    assert len(outlook.truth) == 9


def test_changing_the_past_changes_the_future():
    line = made_line()
    other = line.values.copy()
    other[-1] += 4
    moved = frames_of(SeriesLine(other, line.about))[-1]
    assert not np.allclose(seen_paths(moved), seen_paths(frames_of(line)[-1]))


@pytest.mark.parametrize(
    "wrong",
    [
        {"values": np.array([1.0])},
        {"values": np.array([1.0, np.nan, 2.0])},
        {"values": np.full((3, 3), 1.0)},
        {"values": np.full(30_000, 1.0)},
        {"values": np.array([1e300, 1.0])},
        {"about": np.zeros(9, np.uint8)},
        {"about": np.zeros(9000, np.uint8)},
        {"pins": np.array([[0.5, 1.0]])},
        {"pins": np.array([[-1.0, 1.0]])},
        {"pins": np.array([[1.0, np.inf]])},
        {"pins": np.zeros(3)},
        {"kept": np.zeros((3, 4), np.float32)},
        {"paths": np.zeros((2, 3), np.float32), "kept": np.zeros((4, CONFIG.width), np.float32)},
    ],
)
def test_an_unsound_state_gives_a_sentence(wrong):
    state = {**started(made_line()), **wrong}
    with pytest.raises(UserError):
        read_state(state, CONFIG.width)
    with pytest.raises(UserError):
        list(made_engine().generate(PARAMS, state))


def test_a_state_without_its_parts_gives_a_sentence():
    for name in ("values", "about", "pins", "paths", "kept"):
        state = started(made_line())
        del state[name]
        with pytest.raises(UserError):
            read_state(state, CONFIG.width)


@pytest.mark.parametrize(
    "wrong", [{"period": 0}, {"title": 3}, {"horizon": 9999}, {"clock": {"unit": []}}, {"clock": None}, {"x": 1}]
)
def test_unsound_facts_give_a_sentence(wrong):
    values = {"name": "", "title": "a", "clock": {"start": "2024-01-01", "count": 1, "unit": "day"}}
    assert about_from(values).title == "a"
    with pytest.raises(UserError):
        about_from({**values, **wrong})


# The picture


def test_the_fan_holds_its_quantiles():
    paths = np.arange(101.0)[:, None] + np.zeros(3)
    fan = fan_of(paths, 5)
    assert fan.quantiles[:, 0] == pytest.approx([100 * share for share in QUANTILES])
    assert (fan.n_steps, fan.horizon) == (3, 5)
    assert fan.median == pytest.approx([50, 50, 50])


def test_a_range_is_never_empty():
    assert value_range([np.array([3.0, 3.0])])[0] < 3 < value_range([np.array([3.0, 3.0])])[1]
    assert value_range([np.zeros(0)])[0] < value_range([np.zeros(0)])[1]


def test_the_fan_is_drawn_where_its_values_lie():
    history, fan = np.full(30, 0.0), fan_of(np.full((9, 10), 1.0), 10)
    picture = fan_picture(history, np.zeros(0), fan, (-1.0, 1.0)).astype(int)
    rosy = picture[..., 0] - picture[..., 2] > 60
    assert rosy.any()
    rows, columns = np.nonzero(rosy)
    assert columns.min() > WIDTH_PX * 0.7
    assert np.median(rows) < HEIGHT_PX * 0.2
    empty = fan_picture(history, np.zeros(0), fan_of(np.zeros((9, 0)), 10), (-1.0, 1.0)).astype(int)
    assert not (empty[..., 0] - empty[..., 2] > 60).any()
