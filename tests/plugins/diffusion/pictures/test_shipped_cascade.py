"""The shipped cascade keeps what its card says, on a small sample computed anew."""

import json
from importlib.resources import files
from pathlib import Path

import pytest

from plugins.diffusion.pictures.model.networks import Cascade
from plugins.diffusion.pictures.training.cascade_recipe import drawn_by
from plugins.diffusion.pictures.training.scene_evaluation import (
    BACKGROUNDS_FLOOR,
    OBJECTS_FLOOR,
)
from plugins.diffusion.shared.training.card import Defaults
from plugins.diffusion.shared.weights import load_network
from studio.api.training import Split, held_out_prompts, load_scenes, read_score
from tests.plugins.diffusion.finished_work import finished

MODELS = Path(str(files("plugins.diffusion") / "models"))
MODEL = MODELS / "cascade.safetensors"
CARD = json.loads(MODEL.with_suffix(".json").read_text("utf-8"))
N_PROMPTS = 24


@pytest.fixture(scope="module")
def drawn():
    network = load_network(MODEL)[1]
    assert isinstance(network, Cascade)
    defaults = Defaults(CARD["defaults"]["steps"], CARD["defaults"]["guidance"])
    return finished(drawn_by(network, held_out_prompts(load_scenes(Split.TEST, N_PROMPTS)), defaults))


@pytest.mark.long("computes for long")
def test_held_out_prompts_are_drawn_about_as_well_as_the_card_says(drawn):
    assert drawn.shape == (N_PROMPTS, 3, 64, 64)
    promised = {check["floor"]: check["value"] for check in CARD["checks"]}
    score = read_score(drawn, load_scenes(Split.TEST, N_PROMPTS))
    assert score.objects >= promised[OBJECTS_FLOOR] - 0.15
    assert score.backgrounds >= promised[BACKGROUNDS_FLOOR] - 0.1


@pytest.mark.long("draws with the shipped cascade")
def test_large_pictures_are_clean(drawn):
    """Where nothing is, a background is of one colour: no grain is left."""
    corner = drawn[:, :, :8, 24:32].flatten(2)
    assert float(corner.std(2).mean(1).median()) < 0.02


def test_the_family_is_small_altogether():
    assert sum(path.stat().st_size for path in MODELS.glob("*.safetensors")) <= 17 * 2**20
