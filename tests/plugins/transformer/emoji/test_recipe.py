"""The recipe: three trainings of a few steps, resumed, with a card."""

import json
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

import pytest

from plugins.transformer.emoji.engine import EmojiEngine
from plugins.transformer.emoji.model.coder import CoderConfig
from plugins.transformer.emoji.model.weights import load_drawer
from plugins.transformer.emoji.params import EmojiParams
from plugins.transformer.emoji.training.recipe import EmojiRecipe
from studio.api.engine import TrainOptions
from studio.compute.device import choose_device
from studio.compute.train_settings import TrainSettings
from tests.plugins.transformer.emoji.conftest import pixels_of

FEW = TrainSettings(n_steps=3, n_warmup=1, n_decay=1)
RECIPE = EmojiRecipe(
    coder=CoderConfig(64, 32, 4, 8, 8, 1, 4, 4),
    coder_settings=FEW,
    settings=FEW,
    line_settings=FEW,
    sizes=replace(EmojiRecipe().sizes, width=16, n_encoder_blocks=1, n_layers=1, n_heads=2, mlp_width=16),
    n_scenes=24,
    n_validation=4,
    n_pictures=4,
    n_texts=4,
    n_measured=4,
)


@pytest.mark.long("trains a network")
def test_it_learns_resumes_and_writes_a_model_with_its_card(tmp_path: Path) -> None:
    out = tmp_path / "emoji.safetensors"
    frames = RECIPE.train(TrainOptions(out, choose_device("cpu"), n_steps=3))
    for frame in frames:
        if frame.step == 4:
            break
    assert isinstance(frames, Generator)
    frames.close()
    steps = [frame.step for frame in RECIPE.train(TrainOptions(out, choose_device("cpu"), n_steps=3, is_resumed=True))]
    assert steps[-1] == 8
    assert steps == sorted(steps)
    card = json.loads(out.with_suffix(".json").read_text("utf-8"))
    assert card["kind"] == "emoji"
    assert len(card["checks"]) == 10
    assert len(card["guidance"]) == 2
    assert card["examples"]
    assert card["n_params"] > 0
    last = list(EmojiEngine(load_drawer(out)).generate(EmojiParams(guidance=card["guidance"][0])))[-1]
    assert pixels_of(last).shape == (64, 64, 3)


def test_a_number_of_steps_is_that_of_each_stage_in_proportion() -> None:
    recipe = EmojiRecipe()
    chosen = recipe._chosen(TrainOptions(Path("a"), choose_device("cpu"), n_steps=recipe.settings.n_steps // 10))
    assert [one.n_steps for one in chosen] == [
        round(0.1 * one.n_steps) for one in (recipe.coder_settings, recipe.settings, recipe.line_settings)
    ]


@pytest.mark.parametrize("sizes", [(60, 4), (64, 1), (512, 4)])
def test_impossible_coders_are_refused(sizes: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="cells"):
        CoderConfig(sizes[0], sizes[1])
