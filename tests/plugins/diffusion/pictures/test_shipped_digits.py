"""The shipped digits keep what their card says, on a small sample computed anew."""

import json
from importlib.resources import files
from pathlib import Path

import pytest
import torch

from plugins.diffusion.pictures.training.digits_recipe import (
    DEFAULTS,
    FLOOR,
    LEAST_RECALL,
    DiffusionDigitsRecipe,
    wanted,
)
from plugins.diffusion.pictures.training.evaluation import in_unit, sampled
from plugins.diffusion.pictures.training.objective import batch_errors
from plugins.diffusion.shared.model.denoiser import Guidance
from plugins.diffusion.shared.weights import load_network
from studio.api.training import Split, load_digits, load_judge

MODEL = Path(str(files("plugins.diffusion") / "models" / "digits.safetensors"))
CARD = json.loads(MODEL.with_suffix(".json").read_text("utf-8"))
N = 20


@pytest.fixture(scope="module")
def network():
    return load_network(MODEL)[1]


def test_its_floors_are_reached():
    for check in CARD["checks"]:
        if check["floor"] is not None:
            assert check["value"] >= check["floor"], check["name"]
    floors = {check["name"]: check["floor"] for check in CARD["checks"] if check["floor"] is not None}
    assert sorted(floors.values()) == [LEAST_RECALL, FLOOR]
    assert CARD["n_params"] <= 800_000
    assert MODEL.stat().st_size < 1_000_000


@pytest.mark.long("computes for long")
def test_a_small_sample_agrees_with_its_card(network):
    guidance = Guidance(CARD["defaults"]["guidance"])
    drawing = sampled(network, wanted(N), CARD["defaults"]["steps"], guidance)
    while True:
        try:
            next(drawing)
        except StopIteration as end:
            pictures = in_unit(end.value)[:, 0]
            break
    read = load_judge("digits").read(pictures)
    # With the card's 99 % right, three or more wrong ones of 20 are chance once in two thousand times.
    assert sum(int(digit) == index % 10 for index, digit in enumerate(read)) >= N - 2


@pytest.mark.long("computes for long")
def test_it_is_not_right_by_always_drawing_the_same(network):
    drawing = sampled(network, wanted(20), 6, Guidance(DEFAULTS.guidance))
    while True:
        try:
            next(drawing)
        except StopIteration as end:
            pictures = in_unit(end.value)[:, 0]
            break
    differences = (pictures[:10] - pictures[10:]).abs().mean((1, 2))
    real = torch.from_numpy(load_digits(Split.TEST).pictures).float() / 255
    labels = torch.from_numpy(load_digits(Split.TEST).labels)
    pairs = [real[labels == digit] for digit in range(10)]
    usual = torch.stack([(part[1:] - part[:-1]).abs().mean() for part in pairs])
    assert float(differences.mean()) > 0.7 * float(usual.mean())


def test_the_error_on_held_out_digits_is_that_of_a_trained_network(network):
    batches = DiffusionDigitsRecipe().batches(load_digits(Split.TEST), torch.device("cpu"))
    errors, _ = batch_errors(network, batches.draw(0, 0, "held-out"), 0.0)
    assert 0.08 < float(errors.mean()) < 0.18
