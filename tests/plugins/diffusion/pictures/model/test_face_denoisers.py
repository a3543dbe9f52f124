"""A model of faces completes a short prompt by each item's own seed, so that a picked item stays what it is."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from plugins.diffusion.pictures.face_caption import caption_words, complete
from plugins.diffusion.pictures.model.networks import LatentDiffusion
from plugins.diffusion.pictures.model.text_encoder import TextConfig
from plugins.diffusion.shared.engine import DiffusionEngine
from plugins.diffusion.shared.model.position import condition_at, conditioning_of, position_of
from plugins.diffusion.shared.params import DiffusionParams
from plugins.diffusion.shared.weights import save_model
from studio.api.engine import ModelSource
from studio.compute.device import Device
from studio.core.view import Image
from tests.plugins.diffusion.tiny_network import LATENT_CONFIG

DEVICE = Device("cpu", "float32", 1)
ASKED = DiffusionParams(prompt="smiling", seed=4, steps=2, batch=3)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(2)
    text = TextConfig(caption_words(), n_pieces=48, width=16, n_layers=1, n_heads=2)
    network = LatentDiffusion(replace(LATENT_CONFIG, diffusion=replace(LATENT_CONFIG.diffusion, text=text)))
    for weight in network.parameters():
        torch.nn.init.normal_(weight, std=0.2)
    path = tmp_path_factory.mktemp("faces") / "faces.safetensors"
    save_model(path, network)
    return path


def engine(path: Path, completion: str = "faces") -> DiffusionEngine:
    return DiffusionEngine.open(ModelSource("diffusion/faces", path, {"completion": completion}), DEVICE)


def test_only_a_card_that_says_so_has_prompts_completed(path: Path) -> None:
    model, plain = engine(path).first_stage, engine(path, "").first_stage
    assert conditioning_of(model, ASKED).prompt == complete("smiling", 4)
    assert conditioning_of(plain, ASKED).prompt == "smiling"
    words = position_of(model, ASKED)["words"]
    np.testing.assert_array_equal(
        words, position_of(plain, DiffusionParams(prompt=complete("smiling", 4), seed=4))["words"]
    )
    assert condition_at(model, ASKED, {"words": words}).prompt == complete("smiling", 4)


def test_items_of_a_batch_are_completed_by_their_own_seeds(path: Path) -> None:
    opened = engine(path)
    batch = list(opened.generate(ASKED))[-1]
    assert batch.state is not None
    for item in range(3):
        alone = list(opened.generate(DiffusionParams(prompt="smiling", seed=4 + item, steps=2)))[-1]
        assert alone.state is not None
        np.testing.assert_array_equal(batch.state["x"][item], alone.state["x"][0])
    main = next(iter(batch.views.values()))
    assert isinstance(main, Image)


def test_a_full_caption_gives_the_same_picture_as_the_prompt_that_it_was_made_of(path: Path) -> None:
    opened = engine(path)
    short, full = (
        list(opened.generate(DiffusionParams(prompt=prompt, seed=4, steps=2)))[-1]
        for prompt in ("smiling", complete("smiling", 4))
    )
    assert short.state is not None
    assert full.state is not None
    np.testing.assert_array_equal(short.state["x"], full.state["x"])
