"""Splats of a person's own photos: a field finds the surfaces, splats begin on them, and what is written."""

import numpy as np
import pytest

from plugins.nerf.field.training.photos_recipe import PhotosRecipe
from plugins.nerf.splats.model.files import load_splats
from plugins.nerf.splats.training import splats_lesson
from plugins.nerf.splats.training.splats_recipe import PhotoSplatsRecipe, PhotoSplatsSettings
from studio.api.engine import TrainOptions
from studio.compute.device import choose_device
from studio.core.card import read_card
from studio.core.error import UserError
from studio.core.learning import LogThinning
from tests.plugins.nerf.field.made_scene import photos_of_ball

N_STEPS = 60


@pytest.fixture
def recipe(monkeypatch) -> PhotoSplatsRecipe:
    def read(recipe, settings):
        yield from ()
        return photos_of_ball(10, 24, 2), ()

    monkeypatch.setattr(PhotosRecipe, "_read", read)
    monkeypatch.setattr(splats_lesson, "PICTURE_HEIGHT_PX", 24)
    monkeypatch.setattr(splats_lesson, "MOMENTS", LogThinning(2, 1.3))
    settings = PhotoSplatsSettings(n_steps=N_STEPS, n_splats=1000, data="somewhere/ball", box="-1 -1 -1 1 1 1")
    return PhotoSplatsRecipe(settings=settings)


@pytest.mark.long("waits for compiled kernels")
def test_surfaces_are_found_then_splats_learnt_and_written(recipe, tmp_path) -> None:
    frames = list(recipe.train(TrainOptions(tmp_path / "m.safetensors", choose_device("cpu"))))
    labels = [frame.label for frame in frames]
    assert labels.index("Finding out where surfaces are: 100 %") < labels.index(
        "Finding out where the scene is: photo 0 of 8"
    )
    held_out = [frame.scalars["held-out PSNR"] for frame in frames if "held-out PSNR" in frame.scalars]
    assert held_out[-1] > held_out[0]
    splats, card = load_splats(tmp_path / "m.safetensors"), read_card(tmp_path / "m.json")
    away = np.linalg.norm(splats.centres[splats.opacities > 0.5], axis=1)
    assert np.median(away) < 1  # in the box, where the ball is
    assert (card.id, card.more["kind"], card.trained["n_steps"]) == ("nerf/photos-splats", "splats", N_STEPS)
    assert card.more["data_set"]["name"] == "ball"


def test_without_a_folder_it_asks_for_one(tmp_path) -> None:
    with pytest.raises(UserError, match="your own photos"):
        list(PhotoSplatsRecipe().train(TrainOptions(tmp_path / "m.safetensors", choose_device("cpu"))))
