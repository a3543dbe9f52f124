"""Scenes survive JSON, and wrong ones are refused."""

import contextlib
import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.gan.people.params import PeopleParams
from plugins.gan.people.scene import CODEC, PeopleScene, is_same_scene
from studio.core.error import UserError

FULL = PeopleScene(
    PeopleParams(seed=5, words="a bun", truncation=0.5, noise=0.25),
    x=-2.5,
    y=1e3,
    own_w=np.arange(6, dtype=np.float32).reshape(2, 3),
    seed_b=9,
    from_b=(True, False, True),
    crossfade=0.3,
    values={"beard": 1.5},
    groups={"beard": "all"},
    noise_seed=4,
)


@pytest.mark.parametrize("scene", [PeopleScene(), FULL])
def test_it_comes_back_from_json(scene):
    found = CODEC.read(json.loads(json.dumps(CODEC.write(scene), allow_nan=False)))
    assert is_same_scene(found, scene)
    assert found.is_moved == scene.is_moved


@pytest.mark.parametrize(
    "wrong",
    [
        {"x": 1e999},
        {"x": "far"},
        {"own_w": [[1e9]]},
        {"own_w": [1.0]},
        {"from_b": [1, 0, 0]},
        {"from_b": [True]},
        {"values": {"beard": 99}},
        {"values": []},
        {"groups": {"beard": "nose"}},
        {"seed": -1},
        {"truncation": 9},
        {"noise_seed": "x"},
        {"more": 1},
        {"crossfade": 2},
    ],
)
def test_a_wrong_one_is_refused(wrong):
    with pytest.raises(UserError):
        CODEC.read({**CODEC.write(FULL), **wrong})


NONSENSE = st.none() | st.text(max_size=8) | st.lists(st.floats(), max_size=4)


@given(st.dictionaries(st.sampled_from(sorted(CODEC.write(FULL))), NONSENSE, max_size=5))
def test_nothing_else_than_a_sentence_comes_of_nonsense(values):
    with contextlib.suppress(UserError):
        CODEC.read({**CODEC.write(FULL), **values})


def test_a_place_of_its_own_is_drawn_as_it_is():
    found = FULL.at_w(np.full((2, 3), 5e9, np.float32))
    assert found.params.truncation == 1
    assert not any(found.from_b)
    assert not found.values
    assert found.own_w is not None
    assert float(found.own_w.max()) == 1e3


def test_it_is_moved_when_seed_and_settings_alone_do_not_give_it():
    assert not PeopleScene(PeopleParams(seed=3, truncation=0.2)).is_moved
    for change in ({"x": 0.1}, {"from_b": (False, True, False)}, {"values": {"a": 1.0}}, {"noise_seed": 1}):
        assert replace(PeopleScene(), **change).is_moved
    assert not PeopleScene().with_value("a", 1).with_value("a", 0).is_moved
