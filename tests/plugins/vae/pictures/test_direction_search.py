"""Sliders of faces: found where they are known, named only where they do what they say."""

from typing import Any

import pytest
import torch

from plugins.vae.pictures.training import direction_search
from plugins.vae.pictures.training.direction_search import (
    SCALES,
    VALUES,
    DirectionTrial,
    best_directions,
    find_face_directions,
    measure_faces,
)
from studio.core.pausing import result_of
from studio.datasets.avatars import AVATAR_LABELS, load_avatars
from studio.datasets.split import Split
from studio.metrics.judge import load_judge

N = len(SCALES)
NO_JUDGE: Any = None


def trial(own, other=0.0):
    """Two measures; the first direction does `own` to its own, and ends at `other` in the second one."""
    moved = torch.zeros(2, len(VALUES), 2)
    moved[0, :, 0] = torch.tensor(own)
    moved[0, -1, 1] = other
    moved[1, :, 1] = torch.arange(5.0)
    return DirectionTrial(torch.eye(2), moved)


@pytest.mark.parametrize(
    ("own", "other", "is_good"),
    [
        ([0.0, 0.5, 1.0, 1.5, 2.0], 0.0, True),
        ([0.0, 0.0, 1.0, 1.98, 1.95], 0.6, True),  # at its ends it may rest
        ([0.0, 0.5, 1.5, 1.2, 2.0], 0.0, False),
        ([0.0, 0.2, 0.4, 0.6, 0.8], 0.0, False),
        ([0.0, 0.5, 1.0, 1.5, 2.0], -0.8, False),
    ],
)
def test_a_good_direction_rises_far_and_alone(own, other, is_good):
    assert trial(own, other).is_good.tolist() == [is_good, True]


def test_every_scale_knows_all_kinds_of_its_label():
    for scale in SCALES.values():
        assert set(scale.amounts) == set(AVATAR_LABELS[scale.label])
        assert all(0 <= amount <= 1 for amount in scale.amounts.values())
    light = SCALES["skin"].amounts
    assert max(light, key=lambda colour: light[colour]) == "#f1c3a5"
    assert min(light, key=lambda colour: light[colour]) == "#5c3829"


def test_real_faces_measure_as_labelled():
    faces = load_avatars(Split.TEST)
    pictures = torch.from_numpy(faces.pictures[:64]).movedim(3, 1).float() / 255
    measured = measure_faces(load_judge("avatars"), pictures)
    for column, scale in enumerate(SCALES.values()):
        place, kinds = list(AVATAR_LABELS).index(scale.label), AVATAR_LABELS[scale.label]
        wanted = torch.tensor([scale.amounts[kinds[number]] for number in faces.labels[:64, place]])
        assert float((measured[:, column] - wanted).abs().mean()) < 0.08, scale.title


class Dials:
    """A model whose measures are sums of its numbers; the last measure only ever falls along its own slope."""

    def __init__(self, mixing):
        self.mixing = mixing

    def decode(self, z):
        return (z @ self.mixing.T)[:, :, None, None].tanh()  # (N, measures, 1, 1)


@pytest.fixture
def dials(monkeypatch):
    """Numbers that each say two things, of which a direction must hold one still."""
    monkeypatch.setattr(direction_search, "measure_faces", lambda judge, pictures: pictures[:, :, 0, 0])
    monkeypatch.setattr(direction_search, "N_RANDOM_PLACES", 600)
    monkeypatch.setattr(direction_search, "N_TRIALS", 16)
    mixing = torch.eye(N, N + 2)
    mixing[0, 1] = 0.6  # the first measure follows from the second number as well
    return Dials(mixing)


def test_directions_that_move_one_measure_are_found_and_named(dials):
    places = torch.randn(300, N + 2, generator=torch.Generator().manual_seed(1))
    sliders = result_of(find_face_directions(dials, NO_JUDGE, places, seed=3))
    named = [axis for axis in sliders.axes if axis.kind == "named"]
    assert {axis.id for axis in named} == set(SCALES)
    assert [axis.kind for axis in sliders.axes[N:]] == ["shape", "shape"]
    second = sliders.directions[[axis.id for axis in sliders.axes].index(list(SCALES)[1])]
    assert abs(float(dials.mixing[0] @ second)) < 0.15 * abs(float(dials.mixing[1] @ second))
    effects = [axis.effect for axis in sliders.axes]
    assert max(effects[N:]) < 0.2 * min(effects[:N])  # nothing follows from the two numbers that are left
    torch.testing.assert_close(sliders.readings @ sliders.directions.T, torch.eye(N + 2), atol=1e-4, rtol=0)


def test_a_direction_that_moves_nothing_or_another_measure_too_gets_no_name(dials):
    dials.mixing[4] = 0
    slopes = torch.eye(N, N + 2)
    deviation = torch.full((N,), 0.6)
    _, is_named = result_of(best_directions(dials, NO_JUDGE, slopes, deviation, torch.zeros(4, N + 2)))
    assert is_named.tolist() == [index not in (1, 4) for index in range(N)]  # 1 moves the first measure as well
