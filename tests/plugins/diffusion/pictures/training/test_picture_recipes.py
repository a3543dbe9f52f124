"""The recipes from data to card, with networks that learn nothing in the two steps that they are given."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image as PilImage

from plugins.diffusion.pictures.model.denoisers import CascadeModel, PixelModel
from plugins.diffusion.pictures.model.networks import CascadeConfig, PixelDiffusion, PixelDiffusionConfig, n_params
from plugins.diffusion.pictures.model.text_encoder import TextConfig
from plugins.diffusion.pictures.training.cascade_recipe import BASE_UNET, UPSCALER_UNET, CascadeRecipe, cascade_config
from plugins.diffusion.pictures.training.digits_recipe import CONFIG, DiffusionDigitsRecipe, unseen_pictures, wanted
from plugins.diffusion.pictures.training.pictures_recipe import (
    FLOW,
    MAX_WORDS,
    DiffusionPicturesRecipe,
    StraightPicturesRecipe,
    common_words,
)
from plugins.diffusion.pictures.training.scene_evaluation import scene_words
from plugins.diffusion.shared.model.run import run_steps
from plugins.diffusion.shared.params import DiffusionParams
from plugins.diffusion.shared.training.card import Defaults
from plugins.diffusion.shared.weights import load_network, open_model
from studio.api.engine import Device, ModelSource, TrainOptions
from studio.core.card import read_card
from studio.core.error import UserError
from studio.core.view import Image
from studio.registry.catalog import Catalog

CPU = Device("cpu", "float32", 1)
FEW = Defaults(2, 2.0)
TINY: dict[str, Any] = {"widths": (8, 8), "n_blocks": (1, 0), "embedding_width": 8}


def trained(recipe, out, **options):
    """Everything that a recipe yields; leaves weights and card at `out`."""
    return list(recipe.train(TrainOptions(out, CPU, **options)))


def open_at(out):
    card = read_card(out.with_suffix(".json"))
    return open_model(ModelSource(card.id, out, card.more), CPU), card


@pytest.fixture
def out(tmp_path):
    return tmp_path / "model.safetensors"


def test_digits_are_trained_measured_and_open(out):
    config = replace(CONFIG, unet=replace(CONFIG.unet, **TINY))
    recipe = replace(DiffusionDigitsRecipe(), config=config, defaults=FEW, n_pictures=4, n_agreement=5, n_likeness=10)
    frames = trained(recipe, out, n_steps=2)
    assert any("samples" in frame.views for frame in frames)
    assert any("held-out error" in frame.scalars for frame in frames)
    model, card = open_at(out)
    assert isinstance(model, PixelModel)
    assert card.id == "diffusion/digits"
    assert card.more["examples"]
    assert card.more["defaults"] == {"steps": 2, "guidance": 2.0, "sampler": "ddim"}
    assert {"Recall", "Precision", "KID x 1,000"} <= card.figures.keys()
    condition = model.embed(card.more["examples"][0])
    assert condition.arrays


@pytest.mark.long("trains a network")
def test_both_stages_of_the_cascade_are_trained_and_resumed(out):
    words = scene_words()

    def stage(unet):
        one_block = dict.fromkeys(("n_blocks", "self_attention", "cross_attention"), (1,) * len(unet.widths))
        tiny = replace(unet, **{**TINY, "widths": (8,) * len(unet.widths), **one_block}, context_width=8)
        return PixelDiffusionConfig(tiny, text=TextConfig(words, 40, 8, 1, 2))

    recipe = replace(
        CascadeRecipe(),
        config=CascadeConfig(stage(BASE_UNET), stage(UPSCALER_UNET)),
        defaults=FEW,
        n_scenes=12,
        n_large=8,
        n_pictures=4,
        n_prompts=4,
        n_likeness=6,
    )
    frames: Any = recipe.train(TrainOptions(out, CPU, n_steps=2))
    sizes = set()
    for frame in frames:
        if isinstance(frame.main_view, Image):
            sizes.add(frame.main_view.pixels.shape)
        if frame.step == 2:
            break  # in the midst of the second stage
    frames.close()
    assert not out.exists()
    for frame in trained(recipe, out, n_steps=2, is_resumed=True):
        if isinstance(frame.main_view, Image):
            sizes.add(frame.main_view.pixels.shape)
    assert sizes == {(32, 128, 3), (128, 512, 3)}
    model, card = open_at(out)
    assert isinstance(model, CascadeModel)
    assert [stage.size for stage in model.stages] == [(16, 16), (64, 64)]
    assert card.trained["n_steps"] == 4


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "own pictures"
    for kind in ("fox", "owl"):
        (folder / kind).mkdir(parents=True)
        for number in range(12):
            random = np.random.default_rng([number, len(kind), ord(kind[0])])
            pixels = random.integers(0, 256, (8, 8, 3), dtype=np.uint8)
            PilImage.fromarray(pixels).resize((70, 70)).save(folder / kind / f"IMG_{number}.png")
    return folder


SMALL = replace(
    DiffusionPicturesRecipe(), unet=replace(DiffusionPicturesRecipe().unet, **TINY), n_pictures=4, defaults=FEW
)


@pytest.mark.long("trains a network")
def test_a_folder_is_learnt_with_what_its_pictures_are_called(out, folder):
    (folder / "captions.csv").write_text("file,caption\nfox/IMG_0.png,a red fox\nfox/IMG_1.png,a red fox\n", "utf-8")
    frames = trained(SMALL, out, n_steps=2, settings={"data": str(folder)})
    assert any("samples" in frame.views for frame in frames)
    model, card = open_at(out)
    assert model.embed("a red fox").pieces == ("a", "red", "fox")
    assert card.more["words"] == {"words": ["a", "fox", "owl", "red"]}
    assert card.more["examples"][:2] == ["fox", "owl"]
    assert card.more["n_pictures"] == 24
    assert str(folder) not in json.dumps(card.more)
    assert str(folder) not in out.with_suffix(".json").read_text("utf-8")


def test_a_folder_may_be_learnt_without_words(out, folder):
    trained(SMALL, out, n_steps=2, settings={"data": str(folder), "captions": "False"})
    model, card = open_at(out)
    assert not model.has_attention
    assert card.more["words"] == {}
    assert card.more["examples"] == [""]
    assert model.embed("anything").arrays == {}


@pytest.mark.long("trains a network")
def test_straight_paths_are_learnt_beside_the_others(out, folder):
    recipe = replace(StraightPicturesRecipe(), unet=replace(FLOW, **TINY), n_pictures=4, defaults=FEW)
    trained(recipe, out, n_steps=2, settings={"data": str(folder)})
    network = load_network(out)[1]
    assert isinstance(network, PixelDiffusion)
    config = network.config
    assert (config.unet.target, config.schedule.kind) == ("flow", "flow")
    model, card = open_at(out)
    assert card.id == "diffusion/straight-pictures"
    run = list(run_steps(model, model.embed("fox"), DiffusionParams(steps=4, sampler="euler")))
    assert len(run) == 5
    assert bool(run[-1].x.isfinite().all())


def test_no_folder_is_said(out):
    with pytest.raises(UserError, match="folder"):
        trained(SMALL, out)


def test_the_commonest_words_are_kept():
    many = [f"word{number}" for number in range(3000)]
    found = common_words(["a fox", *many, "a fox"])
    assert len(found) == MAX_WORDS
    assert {"a", "fox"} <= set(found)
    assert list(found) == sorted(found)


def test_models_stay_within_their_sizes():
    torch.manual_seed(0)
    config = cascade_config()
    assert n_params(PixelDiffusion(CONFIG)) <= 800_000
    assert n_params(PixelDiffusion(config.base)) + n_params(PixelDiffusion(config.upscaler)) <= 2_500_000


def test_every_recipe_is_found_by_the_id_of_its_model():
    assert {"diffusion/digits", "diffusion/cascade", "diffusion/pictures"} <= Catalog().recipes("diffusion").keys()
    assert all(recipe.id == name for name, recipe in Catalog().recipes("diffusion").items())


def test_unseen_pictures_are_no_training_pictures():
    from studio.api.training import Split, load_digits

    known = {picture.tobytes() for picture in load_digits(Split.TRAIN).pictures}
    unseen = (unseen_pictures(200) * 255).round().byte().numpy()
    assert not any(picture.tobytes() in known for picture in unseen)


def test_every_class_is_asked_for_alike():
    classes = wanted(200).classes
    assert classes is not None
    assert torch.bincount(classes).tolist() == [20] * 10


def test_a_resumed_recipe_needs_its_checkpoint(out):
    with pytest.raises(UserError):
        trained(DiffusionDigitsRecipe(), out, n_steps=2, is_resumed=True)


@pytest.mark.long("trains a network")
def test_written_weights_are_those_that_were_measured(out):
    config = replace(CONFIG, unet=replace(CONFIG.unet, **TINY))
    recipe = replace(DiffusionDigitsRecipe(), config=config, defaults=FEW, n_pictures=4, n_agreement=5, n_likeness=10)
    trained(recipe, out, n_steps=1)
    network = load_network(out)[1]
    assert isinstance(network, PixelDiffusion)
    found = recipe.checks(network)
    while True:
        try:
            next(found)
        except StopIteration as end:
            figures = {check.name: check.value for check in end.value}
            break
    assert figures == pytest.approx(dict(read_card(out.with_suffix(".json")).figures), rel=1e-3)
