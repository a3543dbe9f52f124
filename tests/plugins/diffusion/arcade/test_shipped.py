"""The game that comes along: what its card says it reached, and a short game of it by the rules."""

import numpy as np
import pytest

from plugins.diffusion.arcade.games.game import game_of
from plugins.diffusion.arcade.games.judge import judged
from plugins.diffusion.arcade.params import ArcadeParams
from plugins.diffusion.arcade.state import KEYS, SEEN
from studio.compute.device import Device
from studio.registry.catalog import Catalog

FLOOR = 0.95


@pytest.fixture(scope="module")
def model():
    return Catalog().find_model("diffusion/arcade")


def test_all_floors_were_reached(model):
    checks = model.source.card["checks"]
    assert len([one for one in checks if one["floor"] == FLOOR]) == 4
    assert all(one["value"] >= one["floor"] for one in checks if one["floor"] is not None)


@pytest.mark.long("opens a model and draws with it")
def test_a_dreamt_game_goes_by_the_rules(model):
    engine = Catalog().open_engine(model.source, Device("cpu", "float32", 1))
    frames = list(engine.generate(ArcadeParams(seed=3, pictures=64)))
    states = [frame.state or {} for frame in frames]
    pictures, keys = (np.stack([state[name][-1] for state in states]) for name in (SEEN, KEYS))
    verdict = judged(game_of(model.source.card), pictures, keys[1:])
    assert verdict.steps.mean() >= FLOOR
    assert verdict.scores.mean() >= FLOOR
