"""The judges' trainings, shortened to a few steps."""

import numpy as np
import pytest
import torch

from studio.api.engine import TrainOptions
from studio.compute.device import Device
from studio.core.card import read_card
from studio.metrics.recipe import RECIPES, ClassObjective, Labelled, moved


@pytest.fixture
def options(tmp_path):
    return TrainOptions(tmp_path / "digits.safetensors", Device("cpu", "float32", 1), n_steps=2)


def test_a_short_training_writes_weights_and_a_card(options):
    frames = list(RECIPES["metrics/digits"].train(options))
    assert [frame.step for frame in frames] == [0, 0, 1, 1]
    card = read_card(options.out.with_suffix(".json"))
    assert card.trained["data_set"] == "small"
    assert card.trained["n_steps"] == 2
    assert options.out.stat().st_size > 100_000


def test_the_same_step_sees_the_same_pictures():
    examples = Labelled(torch.rand(40, 28, 28), torch.arange(40) % 10, False)
    objective = ClassObjective(examples, 16, 3, torch.device("cpu"))
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(784, 10))
    first, second = objective(model, 4, 0)[0], objective(model, 4, 0)[0]
    assert torch.equal(first, second)
    assert not torch.equal(first, objective(model, 5, 0)[0])


def test_moved_pictures_keep_their_ink():
    pictures = torch.zeros(50, 28, 28)
    pictures[:, 9:19, 9:19] = 1
    area = moved(pictures, np.random.default_rng(1)).sum((1, 2))
    assert not torch.equal(area, pictures.sum((1, 2)))
    assert float(area.mean()) == pytest.approx(100, rel=0.05)
