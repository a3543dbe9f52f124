"""Directions by variance and by what the judge sees, against places whose answer is known."""

import numpy as np
import pytest
import torch

from plugins.gan.people.model.directions import (
    component_directions,
    contrast_directions,
    measured,
    principal_components,
)
from plugins.gan.people.state import ALL_ROWS, PeopleDirection, direction_to_json, directions_from_json, ranked
from studio.api.training import AVATAR_LABELS
from studio.core.error import UserError


def places(n=4000):
    random = np.random.default_rng(0)
    turned, _ = np.linalg.qr(random.normal(size=(6, 6)))
    spread = np.array([5.0, 3.0, 2.0, 1.0, 0.5, 0.1])
    return (random.normal(size=(n, 6)) * spread @ turned.T + 4).astype(np.float32), turned, spread


def test_components_are_orthonormal_sorted_and_those_of_the_data():
    ws, turned, spread = places()
    vectors, deviations = principal_components(ws, 4)
    assert np.allclose(vectors @ vectors.T, np.eye(4), atol=1e-5)
    assert (np.diff(deviations) < 0).all()
    assert np.allclose(deviations, spread[:4], rtol=0.06)
    assert np.allclose(np.abs(np.diag(vectors @ turned[:, :4])), 1, atol=0.01)


def test_one_on_the_slider_is_one_deviation():
    ws, _, spread = places()
    first = component_directions(ws)[0]
    assert float(np.linalg.norm(first.vector)) == pytest.approx(spread[0], rel=0.06)


def test_a_contrast_joins_the_middles_of_both_kinds():
    random = np.random.default_rng(1)
    names, n = list(AVATAR_LABELS), 600
    labels = np.stack([random.integers(0, len(kinds), n) for kinds in AVATAR_LABELS.values()], 1)
    ws = random.normal(size=(n, 5)).astype(np.float32)
    beard = labels[:, names.index("beard")]
    kinds = AVATAR_LABELS["beard"]
    ws[np.isin(beard, [kinds.index("fullBeard"), kinds.index("longBeard")]), 2] += 6
    found = {one.id: one for one in contrast_directions(ws, labels, np.ones(labels.shape, np.float32))}
    assert found["beard"].group == "features"
    assert np.allclose(found["beard"].vector, [0, 0, 3, 0, 0], atol=0.25)
    assert "beard" not in {one.id for one in contrast_directions(ws, labels, np.zeros(labels.shape, np.float32))}


def test_effects_are_measured_where_a_direction_moves():
    directions = [
        PeopleDirection("a", "A", np.array([1.0, 0.0], np.float32), "colours", 0.0),
        PeopleDirection("b", "B", np.array([0.0, 4.0], np.float32), ALL_ROWS, 0.0),
    ]
    rows = {"colours": [1], ALL_ROWS: [0, 1]}

    def draw(ws):  # a picture of two pixels that shows the sum of each row
        return torch.from_numpy(ws.sum(2))[:, None, None]

    measuring = measured(directions, draw, np.zeros((3, 2, 2), np.float32), rows.__getitem__)
    while True:
        try:
            next(measuring)
        except StopIteration as end:
            found = end.value
            break
    assert found[0].effect == pytest.approx(0.25)  # one of two pixels changes by 1, of a range of 2
    assert found[1].effect == pytest.approx(2.0)


def test_named_ones_come_first_and_the_strongest_of_each():
    made = [
        PeopleDirection(name, name, np.zeros(1, np.float32), group, effect)
        for name, group, effect in (("p1", ALL_ROWS, 9), ("weak", "figure", 1), ("strong", "colours", 2))
    ]
    assert [one.id for one in ranked(made)] == ["strong", "weak", "p1"]


def test_a_card_gives_them_back_and_refuses_what_does_not_fit():
    made = PeopleDirection("x", "X", np.array([0.5, -2.0], np.float32), "figure", 0.25)
    (found,) = directions_from_json([direction_to_json(made)], 2)
    assert (found.id, found.name, found.group, found.effect) == ("x", "X", "figure", 0.25)
    assert np.allclose(found.vector, made.vector)
    for wrong in (
        [{"id": "x"}],
        [direction_to_json(made) | {"vector": [1.0]}],
        7,
        [direction_to_json(made) | {"vector": [float("nan"), 0]}],
    ):
        with pytest.raises(UserError):
            directions_from_json(wrong, 2)
