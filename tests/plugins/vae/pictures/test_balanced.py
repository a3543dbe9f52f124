"""Three networks that differ in β: their recipe, their figures, the engine of all, and the slider between them."""

from typing import Any

import numpy as np
import pytest
from PySide6.QtWidgets import QPushButton

from plugins.vae.family import FAMILY
from plugins.vae.pictures.balanced_engine import BalancedEngine
from plugins.vae.pictures.model.beta_vae import BetaVAE
from plugins.vae.pictures.panel.balanced_panel import BalancedPanel
from plugins.vae.pictures.training.beta_recipe import (
    digit_factors,
    information_gap,
    levels,
    mutual_information,
    n_active,
)
from plugins.vae.shared.engine import VaeEngine
from plugins.vae.shared.model.weights import load_model
from plugins.vae.shared.params import BalancedParams
from studio.api.engine import EngineHandle, ModelSource, TrainOptions
from studio.api.panel import SliderRow
from studio.core.card import read_card
from studio.core.error import UserError
from studio.datasets.digits import load_digits
from studio.datasets.split import Split
from studio.registry.catalog import Catalog
from studio.registry.model import card_values
from tests.panel_host import PanelHost
from tests.plugins.vae.model_made import DEVICE
from tests.plugins.vae.shared.test_sum import choose
from tests.widgets.hand import part


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """A model that has hardly learnt."""
    out = tmp_path_factory.mktemp("beta") / "digits-beta.safetensors"
    list(Catalog().find_recipe("vae/digits-beta").train(TrainOptions(out, DEVICE, n_steps=30)))
    return ModelSource("vae/digits-beta", out, card_values(read_card(out.with_suffix(".json"))))


@pytest.fixture
def engine(source):
    return BalancedEngine.open(source, DEVICE)


@pytest.mark.long("trains a network")
def test_three_networks_are_written_with_sliders_places_and_figures_of_their_own(source, engine):
    card = source.card
    assert [part["beta"] for part in card["betas"]] == [1, 2, 4]
    assert len(read_card(source.path.with_suffix(".json")).figures) == 15
    assert len(engine.atlases) == 3
    for network, atlas in zip(card["betas"], engine.atlases, strict=True):
        assert set(network["figures"]) == {"error", "nats", "n_active", "gap", "distance"}
        assert len(atlas.directions) == 10
        assert atlas.places.shape == (300, 10)
    loaded = load_model(source.path)
    assert isinstance(loaded, BetaVAE)
    states = [network.state_dict() for network in loaded.parts]
    assert not all(np.array_equal(states[0][name], states[2][name]) for name in states[0])


@pytest.mark.long("trains three networks")
def test_parameters_or_a_state_say_which_network_draws(engine):
    pictures = [next(engine.generate(BalancedParams(balance=index))) for index in range(3)]
    pixels = [frame.main_view.pixels for frame in pictures]
    assert not np.array_equal(pixels[0], pixels[2])
    for index, frame in enumerate(pictures):
        assert int(frame.state["balance"]) == index
        again = next(engine.generate(BalancedParams(balance=1), frame.state))
        assert np.array_equal(again.main_view.pixels, pixels[index])


def test_what_is_on_show_is_carried_over_by_being_encoded_again(engine):
    z = np.linspace(-1, 1, 10).astype(np.float32)
    drawn = engine.parts[0].decode(z[None])
    np.testing.assert_array_equal(engine.carried(z, 0, 2), engine.parts[2].encode(drawn)[0])


def test_other_files_are_refused(source, engine):
    cards: list[Any] = [{}, {"betas": 3}, {"betas": source.card["betas"][:2]}, {"betas": [{}, {}, {}]}]
    for card in cards:
        with pytest.raises(UserError, match="does not match"):
            BalancedEngine.open(ModelSource(source.id, source.path, {**card}), DEVICE)
    with pytest.raises(UserError, match="does not match"):
        VaeEngine.open(source, DEVICE)


@pytest.fixture
def panel(source, qtbot, dispatcher, sync_worker):
    host = PanelHost(FAMILY, sync_worker, dispatcher, ())
    panel = BalancedPanel(EngineHandle(source, lambda one: BalancedEngine.open(one, DEVICE)), host)
    qtbot.addWidget(panel)
    panel.resize(1000, 760)
    panel.show()
    qtbot.waitExposed(panel)
    yield panel
    host.close()


def test_the_slider_leads_to_another_network_as_one_step_and_back(panel, engine):
    before, shown = panel.editor.scene, panel.snapshot().frame.main_view.pixels
    choose(panel, "Shape 1")
    moved = panel.editor.scene
    part(panel, SliderRow, "balance").move_to(2.0)
    scene = panel.editor.scene
    assert (scene.balance, scene.terms) == (2, ())
    np.testing.assert_array_equal(scene.z, engine.carried(moved.z, 1, 2))
    assert panel.editor.atlas.directions == engine.atlases[2].directions
    assert panel.params() == BalancedParams(scene.seed, scene.spread, 2)
    frame = panel.snapshot().frame
    assert int(frame.state["balance"]) == 2
    np.testing.assert_array_equal(
        frame.main_view.pixels, next(engine.generate(panel.params(), frame.state)).main_view.pixels
    )
    panel.host.undo.go_to(0)
    assert panel.editor.scene is before
    assert part(panel, SliderRow, "balance").value() == 1
    assert panel.editor.atlas.directions == engine.atlases[1].directions
    assert np.array_equal(panel.snapshot().frame.main_view.pixels, shown)


def test_a_state_says_the_network_and_one_without_is_refused(panel):
    part(panel, SliderRow, "balance").move_to(0.0)
    state, scene = panel.state(), panel.editor.scene
    panel.editor.surprise()
    part(panel, SliderRow, "balance").move_to(2.0)
    panel.set_state(state)
    assert panel.editor.scene.balance == 0
    assert np.array_equal(panel.editor.scene.z, scene.z)
    balances: list[Any] = [[], 3, 0.5]
    for wrong in balances:
        with pytest.raises(UserError):
            panel.set_state({**state, "scene": {**state["scene"], "balance": wrong}})


@pytest.mark.long("opens a panel and draws with its model")
def test_repair_and_odd_ones_ask_the_network_that_is_chosen(panel):
    part(panel, SliderRow, "balance").move_to(2.0)
    part(panel, QPushButton, "odd_example").click()
    assert "scores" in panel.timeline.track.recording[-1].views
    panel.renew()
    part(panel, QPushButton, "repair_shown").click()
    assert panel.editor.scene.repair is not None
    assert panel.editor.scene.balance == 2


def test_mutual_information_of_known_tables():
    rng = np.random.default_rng(1)
    one = rng.integers(0, 4, 20_000)
    assert abs(mutual_information(one, one) - np.log(4)) < 1e-3
    assert mutual_information(one, rng.integers(0, 5, 20_000)) < 2e-4
    noisy = np.where(rng.random(20_000) < 0.5, one, rng.integers(0, 4, 20_000))
    right = 0.5 + 0.5 / 4
    wanted = np.log(4) + right * np.log(right) + (1 - right) * np.log((1 - right) / 3)
    assert abs(mutual_information(one, noisy) - wanted) < 0.01


def test_the_gap_is_one_where_each_number_is_one_fact_and_nothing_where_two_share_it():
    rng = np.random.default_rng(2)
    facts = rng.integers(0, 5, (8000, 2))
    apart = facts + rng.uniform(0, 0.2, (8000, 2))
    assert information_gap(np.column_stack([apart, rng.normal(size=8000)]), facts) > 0.93
    both = np.column_stack([apart[:, 0], apart[:, 0] + rng.uniform(0, 0.01, 8000)])
    assert information_gap(both, facts[:, :1]) < 0.02
    assert n_active(np.column_stack([apart, np.full(8000, 0.3)])) == 2


def test_facts_of_digits_are_what_they_say():
    digits = load_digits(Split.TEST)
    facts = digit_factors(digits.pictures, digits.labels)
    assert np.array_equal(facts[:, 0], digits.labels)
    assert [len(set(column.tolist())) for column in facts.T] == [10, 5, 5, 5]
    sheared = np.stack(
        [np.stack([np.roll(row, (13 - y) // 4) for y, row in enumerate(one)]) for one in digits.pictures]
    )
    both = np.concatenate([digits.pictures, sheared])
    slant = digit_factors(both, np.zeros(len(both), np.uint8))[:, 1]
    assert slant[len(sheared) :].mean() > slant[: len(sheared)].mean() + 0.5
    assert np.bincount(levels(np.arange(10.0), 5)).tolist() == [2] * 5
