"""Learning a scene as a run: frames that keep the field, held-out figures, a resume to the bit, what is written."""

import json
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from safetensors.numpy import load_file

from plugins.nerf.field.model.weights import load_field, parts_of_state
from plugins.nerf.field.training import scene_lesson, scene_recipe
from plugins.nerf.field.training.evaluation import field_of
from plugins.nerf.field.training.our_scenes import GLOSSY
from plugins.nerf.field.training.photos_recipe import PhotosRecipe, PhotosSettings
from plugins.nerf.field.training_registry import TRAININGS
from plugins.nerf.shared.camera.camera import camera_from_position
from studio.api.engine import FolderRecipe, TrainOptions
from studio.compute.device import choose_device
from studio.core.card import read_card
from studio.core.error import UserError
from studio.core.learning import LogThinning
from studio.core.pausing import result_of
from tests.plugins.nerf.field.made_scene import photos_of_ball, write_scene

SMALL = {"n_levels": 4, "log2_size": 10, "base_resolution": 4, "growth": 1.8}
N_STEPS = 24


@pytest.fixture
def recipe(monkeypatch):
    """The recipe of own photos with a field so small that a step takes a few milliseconds."""
    monkeypatch.setattr(scene_lesson, "PICTURE_HEIGHT_PX", 24)
    monkeypatch.setattr(scene_recipe, "BAKED_STAGES", (16, 32))
    monkeypatch.setattr(scene_lesson, "MOMENTS", LogThinning(2, 1.3))
    whole = scene_lesson.SceneLesson.__init__

    def small(self, photos, settings, seed, shape=SMALL):
        whole(self, photos, settings, seed, shape)

    monkeypatch.setattr(scene_lesson.SceneLesson, "__init__", small)
    return PhotosRecipe(settings=PhotosSettings(n_steps=N_STEPS, n_samples=2048))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_scene(tmp_path_factory.mktemp("ball") / "scene", photos_of_ball(10, 24, 0))


def options(tmp_path, folder, **more):
    tmp_path.mkdir(exist_ok=True)
    return TrainOptions(tmp_path / "m.safetensors", choose_device("cpu"), settings={"data": str(folder)}, **more)


def moments(frames):
    return [frame for frame in frames if frame.views]


@pytest.mark.long("waits for compiled kernels")
def test_a_whole_training(recipe, folder, tmp_path):
    frames = list(recipe.train(options(tmp_path, folder)))
    shown = moments(frames)
    assert len(shown) >= 10
    steps = [frame.step for frame in shown]
    assert steps[-1] == N_STEPS - 1
    assert all(b - a >= 1 for a, b in pairwise(steps))
    losses = [frame.scalars["loss"] for frame in frames if "loss" in frame.scalars]
    assert len(losses) == N_STEPS
    assert losses[-1] < losses[0]
    assert all(frame.views["picture"].pixels.shape[0] == 24 for frame in shown)
    held_out = [frame.scalars["held-out PSNR"] for frame in frames if "held-out PSNR" in frame.scalars]
    assert len(held_out) >= 20
    assert held_out[-1] > held_out[0]


@pytest.mark.long("computes for long")
def test_every_moment_keeps_a_field_and_the_same_camera(recipe, folder, tmp_path):
    shown = moments(recipe.train(options(tmp_path, folder)))
    eyes = {tuple(camera_from_position(frame.state).eye.tolist()) for frame in shown}
    assert len(eyes) == 1
    for frame in shown:
        assert frame.state["grid"].dtype == np.float16
        parts = parts_of_state(frame.state)
        density = field_of(parts).density(np.zeros((1, 3), np.float32))
        assert np.isfinite(density).all()
    whole = load_field(tmp_path / "m.safetensors", {})
    assert np.abs(whole.weights.grid - parts.weights.grid).max() == 0
    assert (whole.occupancy.cells == parts.occupancy.cells).all()


@pytest.mark.long("computes for long")
def test_what_is_written_opens_and_says_what_it_is(recipe, folder, tmp_path):
    for _ in recipe.train(options(tmp_path, folder)):
        pass
    card = read_card(tmp_path / "m.json")
    assert card.id == "nerf/photos"
    assert card.trained["n_steps"] == N_STEPS
    assert "data" not in card.settings
    assert card.more["data_set"] == {"name": "scene", "which": "own", "n_items": 9, "size_px": 24}
    assert len(card.figures) == 9
    assert {f"PSNR in dB, exact, 1 held-out views of {side} px" for side in (24, 12, 6, 3)} <= set(card.figures)
    assert str(folder) not in json.dumps(card.more)
    load_field(tmp_path / "m.safetensors", {"n_params": card.n_params})


@pytest.mark.long("computes for long")
def test_a_resumed_training_ends_with_the_same_bits(recipe, folder, tmp_path):
    for _ in recipe.train(options(tmp_path / "a", folder)):
        pass
    first = recipe.train(options(tmp_path / "b", folder))
    for frame in first:
        if frame.step == 11 and "loss" in frame.scalars:
            break
    first.close()
    again = list(recipe.train(options(tmp_path / "b", folder, is_resumed=True)))
    assert moments(again)[0].step > 11
    one, other = (load_file(tmp_path / name / "m.safetensors") for name in "ab")
    assert one.keys() == other.keys()
    assert all(one[name].tobytes() == other[name].tobytes() for name in one)


@pytest.mark.long("computes for long")
def test_a_training_that_is_ended_early_makes_a_model(recipe, folder, tmp_path):
    first = recipe.train(options(tmp_path, folder))
    for frame in first:
        if frame.step == 9 and "loss" in frame.scalars:
            break
    first.close()
    wanted = options(tmp_path, folder, is_resumed=True, n_steps=10)
    wanted = replace(wanted, settings={**wanted.settings, "keep_best": "true"})
    for _ in recipe.train(wanted):
        pass
    assert read_card(tmp_path / "m.json").trained["n_steps"] == 10


@pytest.mark.long("computes for long")
def test_other_places_in_a_step_cannot_go_on(recipe, folder, tmp_path):
    first = recipe.train(options(tmp_path, folder))
    for frame in first:
        if "loss" in frame.scalars:
            break
    first.close()
    wanted = options(tmp_path, folder, is_resumed=True)
    with pytest.raises(UserError, match="different number of points"):
        for _ in recipe.train(replace(wanted, settings={**wanted.settings, "n_samples": "4096"})):
            pass
    with pytest.raises(UserError, match="does not match this scene"):
        for _ in recipe.train(replace(wanted, settings={**wanted.settings, "is_mip": "false"})):
            pass


@pytest.mark.long("computes for long")
def test_what_learns_can_be_found_until_it_ends(recipe, folder, tmp_path):
    place = tmp_path / "0123456789ab"
    running = recipe.train(options(place, folder))
    for frame in running:
        if "loss" in frame.scalars:
            break
    learner = TRAININGS.learner("training0123456789ab")
    assert learner is not None
    assert learner.step_number == 1
    assert TRAININGS.learner("0123456789ab") is learner
    running.close()
    assert TRAININGS.learner("training0123456789ab") is None


def test_a_loss_that_is_no_number_ends_the_training(recipe, folder, tmp_path, monkeypatch):
    monkeypatch.setattr("plugins.nerf.field.training.learner.FieldLearner.step", lambda self: {"loss": float("nan")})
    with pytest.raises(UserError, match="diverged"):
        for _ in recipe.train(options(tmp_path, folder)):
            pass


def test_without_a_folder_there_is_a_sentence(tmp_path):
    with pytest.raises(UserError, match="--set data=FOLDER"):
        next(PhotosRecipe().train(TrainOptions(tmp_path / "m.safetensors", choose_device("cpu"))))


def test_a_folder_is_taken_by_what_is_in_it(folder, tmp_path):
    assert PhotosRecipe().takes_folder(folder)
    assert not PhotosRecipe().takes_folder(tmp_path)


def test_a_look_into_a_folder_counts_what_is_learnt_from(folder, tmp_path):
    recipe = PhotosRecipe()
    assert isinstance(recipe, FolderRecipe)
    assert result_of(recipe.look_into(folder)).sentence == "9 photos to learn from, 1 held back to measure with."
    with pytest.raises(UserError, match="no cameras"):
        result_of(recipe.look_into(tmp_path))


@pytest.mark.long("computes for long")
def test_what_is_left_out_is_said_and_stands_on_the_card(recipe, tmp_path):
    photos = photos_of_ball(9, 16, 0)
    broken = write_scene(tmp_path / "broken", photos)
    (broken / "images" / "003.png").write_bytes(b"no picture")
    frames = list(recipe.train(options(tmp_path / "out", broken)))
    said = [frame.label for frame in frames if "left out" in frame.label]
    assert len(said) == 1
    assert "003.png" in said[0]
    assert read_card(tmp_path / "out" / "m.json").more["notes"] == said


def test_our_scene_comes_along():
    photos, is_full = result_of(GLOSSY.scene.read(10))
    assert not is_full
    assert photos.pixels.shape == (120, 128, 128, 4)
    assert (photos.split == "train").sum() == 100
    assert scene_recipe.TRICKS
    assert GLOSSY.settings.n_steps > 0
