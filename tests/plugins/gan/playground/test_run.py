"""Runs of the playground: they repeat, go on from any frame, survive JSON, and collapse where they shall."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from plugins.gan.playground.engine import PlaygroundEngine
from plugins.gan.playground.frames import (
    PlaygroundMoment,
    advanced,
    moment_of,
    preset,
    start_of,
    state_of,
    target_arrays,
)
from plugins.gan.playground.model.pair import untrained
from plugins.gan.playground.model.target import Target
from plugins.gan.playground.params import PlaygroundParams, PlaygroundSettings, settings_from_array, settings_to_array
from plugins.gan.playground.scene import CODEC, COLLAPSE, COLLAPSE_SEED, PlaygroundScene
from plugins.gan.playground.state import STORED_MOMENT, WatchedOrder
from plugins.gan.playground.training.evaluation import PlaygroundMeasures, measure
from studio.api.engine import Device, ModelSource
from studio.core.card import read_card
from studio.core.error import UserError
from studio.core.steered_walk import SteeredWalk
from studio.registry.catalog import Catalog


@pytest.fixture(scope="module")
def engine():
    return PlaygroundEngine(
        ModelSource("gan/playground", Path()), replace(untrained(9), n_generator=5, n_discriminator=5)
    )


def measured(moment: PlaygroundMoment, seed: int) -> PlaygroundMeasures:
    """What is measured of a moment whose target has points."""
    found = measure(moment.pair, moment.settings, moment.target, seed)
    assert found is not None
    return found


def same(one, other):
    """Whether two states hold the same bits."""
    return one.keys() == other.keys() and all(
        one[name].dtype == other[name].dtype and np.array_equal(one[name], other[name]) for name in one
    )


@pytest.mark.long("computes for long")
def test_a_run_is_counted_repeats_and_goes_on_from_any_frame(engine):
    params = PlaygroundParams(seed=3)
    frames = list(engine.generate(params))
    assert [frame.step for frame in frames] == list(range(len(frames)))
    assert {frame.n_steps for frame in frames} == {len(frames)}
    assert frames[-1].label == "Step 1,200"
    for index in (38, len(frames) - 1):
        branch = list(engine.generate(params, frames[index].state))
        assert [one.step for one in branch] == list(range(index, len(frames)))
        for one, other in zip(branch, frames[index:], strict=True):
            assert same(one.state, other.state)
            assert np.array_equal(one.main_view.pixels, other.main_view.pixels)
            assert one.scalars == other.scalars


@pytest.mark.long("computes for long")
def test_a_watched_run_is_the_same_run_until_a_hand_changes_it(engine):
    frames = list(engine.generate(PlaygroundParams(seed=3)))[:4]
    walk = SteeredWalk[PlaygroundMoment](3, start_of(PlaygroundSettings(), preset("ring"), 25))
    order = WatchedOrder(PlaygroundSettings(), preset("ring"), 25)
    watched = [next(engine.walk_on(walk, None)), *(next(engine.walk_on(walk, order)) for _ in range(3))]
    assert all(same(one.state, other.state) for one, other in zip(watched, frames, strict=True))
    next(engine.walk_on(walk, replace(order, stride=1)))
    assert walk.moment is not None
    assert (walk.moment.index, walk.moment.n_steps) == (4, 76)
    next(engine.walk_on(walk, replace(order, settings=PlaygroundSettings(learner="forger"))))
    assert walk.moment.pair.n_discriminator == 76
    assert walk.moment.pair.n_generator == 101


def test_the_learnt_pair_is_where_a_run_may_begin(engine):
    first = next(
        engine.generate(PlaygroundParams(), start_of(PlaygroundSettings(), preset("ring"), 25, is_learnt=True))
    )
    assert np.array_equal(first.state["forger"], engine.learnt.generator.weights)
    assert first.scalars["steps"] == 5


def test_a_state_survives_json_to_the_last_bit():
    moment = advanced(PlaygroundMoment(untrained(1), PlaygroundSettings(learner="forger"), stride=3), 1)
    state = state_of(moment)
    values = json.loads(json.dumps(STORED_MOMENT.write(state), allow_nan=False))
    assert same({**STORED_MOMENT.read(values), **target_arrays(moment.target)}, state)


@pytest.mark.parametrize(
    "change",
    [
        {"weights": "AAAA"},
        {"weights": 5},
        {"counts": [0] * 7},
        {"counts": [1.5] * 7},
        {"counts": [-1, 0, 0, 0, 0, 0, 5]},
        {"losses": [1]},
        {"settings": {}},
        {"more": 1},
    ],
)
def test_a_wrong_state_is_refused(change):
    values = STORED_MOMENT.write(state_of(PlaygroundMoment(untrained(1))))
    with pytest.raises(UserError):
        CODEC.read_part(STORED_MOMENT, {**values, **change})


@pytest.mark.parametrize(
    "change",
    [
        {"forger": np.zeros(3, np.float32)},
        {"forger": np.full(1218, np.nan, np.float32)},
        {"detective square": np.full(1185, -1, np.float32)},
        {"settings": np.full(8, 7.0)},
        {"settings": np.zeros(3)},
        {"target": np.array([77])},
        {"target": np.array([4]), "painted": np.full((3, 2), 99, np.float32)},
        {"target": np.array([4]), "painted": np.zeros((3, 3), np.float32)},
    ],
)
def test_a_hostile_frame_is_refused(change):
    with pytest.raises(UserError):
        moment_of({**state_of(PlaygroundMoment(untrained(1))), **change}, 1)


def test_settings_survive_as_numbers():
    settings = PlaygroundSettings("wasserstein", "detective", 1e-3, 2e-2, 5, 64, "sgd", "uniform")
    assert settings_from_array(settings_to_array(settings)) == settings
    with pytest.raises(UserError):
        settings_from_array(np.array([0.5, 0, 1e-3, 1e-3, 1, 8, 0, 0]))


def test_a_scene_survives_json():
    painted = np.array([[0.5, -1.25], [2.0, 2.0]], np.float32)
    scene = PlaygroundScene(7, "own", painted, PlaygroundSettings(loss="minimax"), "slow", True, 3)
    values = json.loads(json.dumps(CODEC.write(scene)))
    again = CODEC.read(values)
    assert CODEC.write(again) == values
    assert np.array_equal(again.painted, painted)
    for wrong in ({"name": "x"}, {"painted": [[9, 9]]}, {"painted": [[1]]}, {"seed": -1}, {"speed": 1}, {"n_run": "1"}):
        with pytest.raises(UserError):
            CODEC.read({**values, **wrong})


@pytest.mark.long("computes for long")
def test_the_collapse_collapses():
    moment = PlaygroundMoment(untrained(COLLAPSE_SEED), COLLAPSE)
    collapsed = []
    for _ in range(30):
        moment = advanced(moment, COLLAPSE_SEED)
        found = measured(moment, COLLAPSE_SEED)
        assert found.n_found <= 2
        collapsed.append(found.is_collapsed)
    assert sum(collapsed) >= 28


@pytest.mark.long("computes for long")
def test_the_default_run_finds_all_heaps_and_never_counts_as_collapsed():
    moment = PlaygroundMoment(untrained(1), stride=150)
    for _ in range(8):
        moment = advanced(moment, 1)
        found = measured(moment, 1)
        assert not found.is_collapsed
    assert found.n_found == 8
    assert found.js < 0.4


@pytest.mark.long("computes for long")
def test_the_wasserstein_critic_leads_to_the_heaps_as_well():
    moment = PlaygroundMoment(untrained(1), PlaygroundSettings(loss="wasserstein", n_detective=3), stride=500)
    moment = advanced(moment, 1)
    found = measured(moment, 1)
    assert found.n_found >= 6


def test_the_shipped_pair_does_what_its_card_says():
    from plugins.gan.playground.training.recipe import pair_checks

    source = Catalog().find_model("gan/playground").source
    engine = PlaygroundEngine.open(source, Device("cpu", "float32", 1))
    card = read_card(source.path.with_suffix(".json"))
    checks = pair_checks(engine.learnt, card.trained["seed"])
    assert all(check.is_reached for check in checks)
    for check in checks:
        assert card.figures[check.name] == pytest.approx(check.value, rel=1e-2, abs=2e-3)
    assert engine.learnt.n_generator == card.trained["n_steps"]


def test_an_empty_target_has_no_measures():
    pair = untrained(1)
    assert measure(pair, PlaygroundSettings(), Target("own"), 1) is None
