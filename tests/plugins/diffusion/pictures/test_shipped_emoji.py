"""The shipped model of scenes, once there is one: what its card promises, recomputed on a small sample."""

from pathlib import Path

import pytest

import plugins.diffusion
from plugins.diffusion.pictures.model.networks import LatentDiffusion
from plugins.diffusion.pictures.training.latent_recipe import drawn_pictures
from plugins.diffusion.pictures.training.scene_evaluation import (
    BACKGROUNDS_FLOOR,
    OBJECTS_FLOOR,
    scene_words,
)
from plugins.diffusion.shared.weights import load_network
from studio.api.training import Split, held_out_prompts, load_scenes, read_score
from studio.core.card import read_card
from tests.plugins.diffusion.finished_work import finished

WEIGHTS = Path(plugins.diffusion.__file__).parent / "models" / "emoji.safetensors"
N_PROMPTS = 32

pytestmark = pytest.mark.skipif(not WEIGHTS.is_file(), reason="diffusion/emoji is not shipped yet")


@pytest.fixture(scope="module")
def card():
    return read_card(WEIGHTS.with_suffix(".json"))


def test_the_card_says_that_the_floors_are_reached(card):
    floors = [check for check in card.more["checks"] if check["floor"] is not None]
    assert [check["floor"] for check in floors] == [OBJECTS_FLOOR, BACKGROUNDS_FLOOR]
    assert all(check["value"] >= check["floor"] for check in floors)


@pytest.mark.long("computes for long")
def test_held_out_prompts_are_drawn_about_as_well_as_the_card_says(card):
    network = load_network(WEIGHTS)[1]
    assert isinstance(network, LatentDiffusion)
    scenes = load_scenes(Split.TEST, N_PROMPTS)
    defaults = card.more["defaults"]
    drawn = drawn_pictures(network, held_out_prompts(scenes), range(N_PROMPTS), defaults["steps"], defaults["guidance"])
    score = read_score(finished(drawn), scenes)
    promised = {check["floor"]: check["value"] for check in card.more["checks"]}
    assert score.objects >= promised[OBJECTS_FLOOR] - 0.12
    assert score.backgrounds >= promised[BACKGROUNDS_FLOOR] - 0.1


def test_it_knows_the_words_of_the_captions_and_is_small(card):
    network = load_network(WEIGHTS)[1]
    assert isinstance(network, LatentDiffusion)
    assert network.diffusion.text is not None
    assert network.diffusion.text.config.words == scene_words()
    assert card.n_params <= 5_300_000
    assert WEIGHTS.stat().st_size <= 5_300_000
