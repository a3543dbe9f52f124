"""A model of one's own pictures: from a folder to a model that opens, and on from there."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from plugins.vae.pictures.training.pictures_recipe import VaePicturesRecipe, known_model
from plugins.vae.shared.atlas import build_atlas
from plugins.vae.shared.card import read_arrays
from plugins.vae.shared.engine import VaeEngine
from plugins.vae.shared.model.weights import load_model
from plugins.vae.shared.params import LetterParams
from studio.api.engine import ModelSource, TrainOptions
from studio.compute.checkpoint import load_checkpoint
from studio.compute.device import Device
from studio.core.card import read_card
from studio.core.error import UserError
from studio.datasets.folder.frames import read_pictures
from studio.datasets.split import Split
from tests.plugins.vae.model_made import pixels_of
from tests.plugins.vae.pictures.test_model import SMALL

CPU = Device("cpu", "float32", 1)


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def folder(tmp_path):
    """Forty discs of many colours and places, and a file that is no picture."""
    folder = tmp_path / "discs"
    folder.mkdir()
    y, x = np.mgrid[:80, :80]
    for number in range(40):
        random = np.random.default_rng(number)
        middle, radius = random.integers(20, 60, 2), random.integers(8, 20)
        disc = ((x - middle[0]) ** 2 + (y - middle[1]) ** 2 < radius**2)[..., None]
        Image.fromarray(np.where(disc, random.integers(0, 255, 3), 230).astype(np.uint8)).save(folder / f"{number}.png")
    (folder / "list.txt").write_text("forty discs")
    return folder


def recipe(**more):
    return replace(VaePicturesRecipe(), config=SMALL, n_pictures=4, **more)


def options(out, folder, n_steps=4, **settings):
    return TrainOptions(out, CPU, n_steps, settings={"data": str(folder), **settings})


@pytest.fixture
def made(tmp_path, folder):
    """A small model, and the frames that were seen while it was made."""
    out = tmp_path / "own.safetensors"
    return out, list(recipe().train(options(out, folder)))


def test_a_folder_becomes_a_model_that_opens(made):
    out, _ = made
    card = read_card(out.with_suffix(".json"))
    text = out.with_suffix(".json").read_text("utf-8")
    assert card.id == "vae/pictures"
    assert "40 pictures of your own" in card.data
    assert "own pictures" in card.licence
    assert "list.txt" in text
    assert str(out.parent) not in text, "a card tells nobody where files lie"
    assert set(card.figures) == {"Redrawn test pictures, mean error of a colour, 0 to 1"}
    values = json.loads(text)
    atlas = build_atlas(values, read_arrays(out), SMALL.n_latent)
    assert len(atlas.directions) == SMALL.n_latent
    assert len(atlas.places) == 36
    effects = [axis["effect"] for axis in values["axes"]]
    assert effects == sorted(effects, reverse=True)
    engine = VaeEngine.open(ModelSource("vae/own", out, values), CPU)
    (frame,) = engine.generate(LetterParams(seed=3))
    assert pixels_of(frame.main_view).shape == (64, 64, 3)
    engine.close()


def test_it_shows_held_out_pictures_redrawn_ones_and_random_ones(made):
    _, frames = made
    assert any("Files left out: 1. list.txt" in frame.label for frame in frames)
    shown = [pixels_of(frame.main_view) for frame in frames if frame.views]
    assert len(shown) == 4
    assert {pixels.shape for pixels in shown} == {(4 * 64, 8 * 64, 3)}
    assert all(np.array_equal(pixels[:64], shown[0][:64]) for pixels in shown), "the held-out pictures stay"
    assert not np.array_equal(shown[0][64:], shown[-1][64:])
    assert any("held-out pixels" in frame.scalars for frame in frames)


@pytest.mark.long("trains a network")
def test_it_goes_on_from_a_model(made, tmp_path, folder):
    out, _ = made
    before = load_model(out)
    on = tmp_path / "on.safetensors"
    steps = recipe().train(options(on, folder, 1, start_from=str(out), learning_rate="1e-7", keep_best="no"))
    list(steps)
    learnt = load_checkpoint(on.with_suffix(".checkpoint"))["model"]
    for name, value in before.state_dict().items():
        torch.testing.assert_close(learnt[f"vae.{name}"], value, atol=1e-5, rtol=0)


def test_own_and_shipped_models_are_found_by_their_id(made, monkeypatch, tmp_path):
    out, _ = made
    monkeypatch.setenv("MANIFOLD_STUDIO_MODELS", str(tmp_path / "models"))
    own = tmp_path / "models" / "vae" / "mine.safetensors"
    own.parent.mkdir(parents=True)
    own.write_bytes(out.read_bytes())
    assert known_model("vae/mine").config == SMALL
    for wrong in ("vae/none", "vae/../vae/mine", "other/mine", "vae/digits"):
        with pytest.raises(UserError):
            known_model(wrong)


def test_without_a_folder_it_says_what_to_do(tmp_path):
    with pytest.raises(UserError, match="data=FOLDER"):
        next(iter(VaePicturesRecipe().train(TrainOptions(tmp_path / "x.safetensors", CPU))))


@pytest.mark.long("trains a network")
def test_it_resumes_to_the_same_weights(tmp_path, folder, made):
    out, _ = made
    again = tmp_path / "again.safetensors"
    frames = recipe().train(options(again, folder))
    for frame in frames:
        if "loss" in frame.scalars and frame.step == 2:
            break
    frames.close()
    list(recipe().train(replace(options(again, folder), is_resumed=True)))
    first, second = load_file(out), load_file(again)
    assert first.keys() == second.keys()
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_a_part_smaller_than_a_row_is_shown_again_and_again(folder):
    loading = read_pictures(str(folder), recipe().config.size_px, "crop", 1)
    while True:
        try:
            next(loading)
        except StopIteration as end:
            pictures = end.value
            break
    assert len(pictures.part(Split.VALIDATION)) == 2
    training = recipe().training(pictures, TrainOptions(folder / "x.safetensors", CPU))
    preview: Any = recipe().preview(pictures, training.device)
    with torch.no_grad():
        pixels = pixels_of(preview(training.average)["picture"])
    assert np.array_equal(pixels[:64, :128], pixels[:64, 128:256])
