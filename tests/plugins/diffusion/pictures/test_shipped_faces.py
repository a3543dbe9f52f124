"""The faces that the program brings along: what the card promises, checked again where that is quick."""

from importlib.resources import as_file, files
from pathlib import Path

import numpy as np
import pytest
import torch

from plugins.diffusion.pictures.face_caption import complete
from plugins.diffusion.pictures.model.denoisers import FaceModel
from plugins.diffusion.pictures.model.networks import LatentDiffusion, n_params
from plugins.diffusion.pictures.training.avatars_evaluation import NAMED, held_out_prompts, label_shares
from plugins.diffusion.pictures.training.latent_recipe import drawn_pictures, redraw
from plugins.diffusion.shared.weights import load_network, open_model
from studio.api.engine import ModelSource
from studio.api.training import AVATAR_LABELS, Split, load_avatars, load_judge
from studio.compute.device import Device
from studio.core.card import Card, read_card
from studio.core.pausing import result_of

N_PROMPTS = 16
N_REDRAWN = 32


@pytest.fixture(scope="module")
def path() -> Path:
    with as_file(files("plugins.diffusion") / "models" / "avatars.safetensors") as path:
        return Path(path)


@pytest.fixture(scope="module")
def card(path: Path) -> Card:
    return read_card(path.with_suffix(".json"))


@pytest.fixture(scope="module")
def network(path: Path) -> LatentDiffusion:
    network = load_network(path)[1]
    assert isinstance(network, LatentDiffusion)
    return network


def figure(card: Card, name: str) -> float:
    value = card.figures[name]
    assert isinstance(value, float)
    return value


def test_the_floors_are_those_that_were_asked_for_and_reached(card: Card) -> None:
    floors = {check["name"]: check["floor"] for check in card.more["checks"]}
    assert floors["What 500 held-out prompts name, share right, mean"] == 0.85
    assert [floors[f"Named in the prompt, share right, {label}"] for label in NAMED] == [0.7] * 6
    assert all(check["value"] >= check["floor"] for check in card.more["checks"] if check["floor"] is not None)
    assert {"Recall", "Precision", "KID x 1,000", "KID x 1,000 by random features"} <= set(card.figures)


def test_it_is_as_small_as_was_asked_for(path: Path, network: LatentDiffusion) -> None:
    assert n_params(network) <= 3_000_000
    assert path.stat().st_size <= 3_300_000


@pytest.mark.long("computes for long")
def test_a_few_of_the_held_out_prompts_are_drawn_as_the_card_says(card: Card, network: LatentDiffusion) -> None:
    """Sixteen prompts name 96 labels; the card's mean of 3,000 lies within four deviations of such a few."""
    prompts = held_out_prompts(N_PROMPTS, load_avatars(Split.TEST))
    defaults = card.more["defaults"]
    drawn = result_of(drawn_pictures(network, prompts.full, range(N_PROMPTS), defaults["steps"], defaults["guidance"]))
    obeyed = label_shares(load_judge("avatars"), drawn, prompts.labels)
    mean = figure(card, "What 500 held-out prompts name, share right, mean")
    spread = float(np.sqrt(mean * (1 - mean) / (N_PROMPTS * len(NAMED))))
    assert np.mean([obeyed[name] for name in NAMED]) >= mean - 4 * spread - 0.01


def test_redrawn_faces_keep_what_the_card_says(card: Card, network: LatentDiffusion) -> None:
    faces = load_avatars(Split.TEST)
    redrawn = result_of(redraw(network.autoencoder, torch.from_numpy(faces.pictures[:N_REDRAWN])))
    kept = label_shares(load_judge("avatars"), redrawn, torch.from_numpy(faces.labels[:N_REDRAWN]))
    for name in AVATAR_LABELS:
        share = float(card.figures[f"Redrawn test faces, {name} right"])
        assert share >= 0.95
        assert kept[name] >= share - 4 * np.sqrt(share * (1 - share) / N_REDRAWN) - 1 / N_REDRAWN


def test_it_opens_as_a_model_that_completes_its_examples(path: Path, card: Card) -> None:
    model = open_model(ModelSource(card.id, path, card.more), Device("cpu", "float32", 1))
    assert isinstance(model, FaceModel)
    for example in card.more["examples"]:
        condition = model.embed(complete(example, 1))
        assert condition.prompt == model.complete(example, 1) != example
        assert len(condition.pieces) <= 48
