"""The judges' trainings, shortened to a few steps."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from studio.api.engine import TrainOptions
from studio.compute.device import Device
from studio.core.card import read_card
from studio.metrics.judge import AVATARS, DIGITS, Judge
from studio.metrics.recipe import RECIPES, ClassObjective, JudgeRecipe, Labelled, moved


@pytest.fixture
def options(tmp_path):
    return TrainOptions(tmp_path / "digits.safetensors", Device("cpu", "float32", 1), n_steps=2)


def test_a_short_training_writes_weights_and_a_card(options):
    frames = list(RECIPES["metrics/digits"].train(options))
    assert [frame.step for frame in frames if not frame.label] == [0, 0, 1, 1]
    assert 0.5 < frames[-1].scalars["held-out read wrong, share"] <= 1
    card = read_card(options.out.with_suffix(".json"))
    assert card.trained["data_set"] == "small"
    assert card.trained["n_steps"] == 2
    assert options.out.stat().st_size > 100_000


def test_the_same_step_sees_the_same_pictures():
    examples = Labelled(torch.rand(40, 28, 28), torch.arange(40) % 10, False)
    objective = ClassObjective(examples, 16, 3, torch.device("cpu"))
    torch.manual_seed(0)
    model = Judge(DIGITS)
    first, second = objective(model, 4, 0)[0], objective(model, 4, 0)[0]
    assert torch.equal(first, second)
    assert not torch.equal(first, objective(model, 5, 0)[0])


def test_several_labels_are_learnt_at_once_from_whole_numbers():
    labels = torch.stack([torch.arange(40) % n for n in AVATARS.n_kinds], 1)
    examples = Labelled(torch.randint(0, 256, (40, 3, 64, 64), dtype=torch.uint8), labels, False)
    torch.manual_seed(0)
    loss, scalars = ClassObjective(examples, 4, 3, torch.device("cpu"))(Judge(AVATARS), 0, 0)
    assert float(loss.detach()) == pytest.approx(np.mean(np.log(AVATARS.n_kinds)), rel=0.15)  # knows nothing yet
    assert 0 <= float(scalars["right"]) <= 1


def test_a_judge_of_several_labels_says_how_well_it_reads_each(tmp_path):
    recipe = RECIPES["metrics/avatars"]
    assert isinstance(recipe, JudgeRecipe)
    few = Labelled(torch.zeros(8, 3, 64, 64, dtype=torch.uint8), torch.zeros(8, 10, dtype=torch.long), False)
    options = TrainOptions(tmp_path / "own.safetensors", Device("cpu", "float32", 1), n_steps=1)
    list(replace(recipe, pictures=lambda _: few, n_pictures=4).train(options))
    figures = read_card(options.out.with_suffix(".json")).figures
    assert len(figures) == 20
    assert "Right on test pictures, beard, share" in figures


def test_moved_pictures_keep_their_ink():
    pictures = torch.zeros(50, 28, 28)
    pictures[:, 9:19, 9:19] = 1
    area = moved(pictures, np.random.default_rng(1)).sum((1, 2))
    assert not torch.equal(area, pictures.sum((1, 2)))
    assert float(area.mean()) == pytest.approx(100, rel=0.05)
