"""Learning splats as a run: frames that keep them, held-out figures, a resume to the bit, what is written."""

import json
from dataclasses import replace

import numpy as np
import pytest
from safetensors.numpy import load_file

from plugins.nerf.field.training import scene_lesson
from plugins.nerf.field.training.field_training import FieldSettings
from plugins.nerf.field.training.our_scenes import OurScene
from plugins.nerf.field.training.scene_lesson import SceneLesson
from plugins.nerf.shared.camera.camera import camera_from_position
from plugins.nerf.splats.model.files import load_splats, splats_of_state
from plugins.nerf.splats.render.drawing import draw_splats
from plugins.nerf.splats.render.prepared import prepared_at_once
from plugins.nerf.splats.training import splats_lesson, splats_recipe
from plugins.nerf.splats.training.splats_lesson import SplatsLesson
from plugins.nerf.splats.training.splats_recipe import GLOSSY_SPLATS
from plugins.nerf.splats.training.splats_training import SplatsSettings
from plugins.nerf.splats.training_registry import TRAININGS
from studio.api.engine import TrainOptions
from studio.compute.device import choose_device
from studio.core.card import read_card
from studio.core.learning import LogThinning
from studio.core.pausing import result_of
from tests.plugins.nerf.field.made_scene import photos_of_ball

N_STEPS = 24
BOX = {"low": (-1.0, -1.0, -1.0), "high": (1.0, 1.0, 1.0)}


@pytest.fixture
def recipe(monkeypatch):
    """The recipe with a ball for its scene, and nothing learnt before."""

    class Ball(OurScene):
        def read(self, n_steps):
            yield from ()
            return photos_of_ball(10, 24, 2), False

    monkeypatch.setattr(splats_recipe, "_field", lambda: None)
    monkeypatch.setattr(splats_lesson, "PICTURE_HEIGHT_PX", 24)
    monkeypatch.setattr(splats_lesson, "MOMENTS", LogThinning(2, 1.3))
    assert scene_lesson.N_MEASURED >= 2
    ball, settings = Ball("ball", 24, BOX, GLOSSY_SPLATS.scene.home), SplatsSettings(n_steps=N_STEPS, n_splats=1000)
    return replace(GLOSSY_SPLATS, scene=ball, settings=settings)


def options(folder, **more):
    folder.mkdir(exist_ok=True)
    return TrainOptions(folder / "m.safetensors", choose_device("cpu"), **more)


def test_a_whole_training(recipe, tmp_path):
    frames = list(recipe.train(options(tmp_path)))
    shown = [frame for frame in frames if frame.views]
    assert len(shown) >= 8
    assert all(frame.views["picture"].pixels.shape == (24, 24, 3) for frame in shown)
    assert len({tuple(camera_from_position(frame.state).eye.tolist()) for frame in shown}) == 1
    losses = [frame.scalars["loss"] for frame in frames if "loss" in frame.scalars]
    assert len(losses) == N_STEPS
    assert losses[-1] < losses[0]
    held_out = [frame.scalars["held-out PSNR"] for frame in frames if "held-out PSNR" in frame.scalars]
    assert held_out[-1] > held_out[0]
    last, written = splats_of_state(shown[-1].state), load_splats(tmp_path / "m.safetensors")
    np.testing.assert_array_equal(last.centres, written.centres)
    card = read_card(tmp_path / "m.json")
    assert card.id == "nerf/glossy-splats"
    assert card.more["kind"] == "splats"
    assert card.trained["n_steps"] == N_STEPS
    assert len(card.figures) == 3
    assert str(tmp_path) not in json.dumps(card.more)


def test_others_see_it_learn_and_what_it_came_to(recipe, tmp_path):
    frames = recipe.train(options(tmp_path, is_measured=False))
    for frame in frames:
        if frame.step == 3 and "loss" in frame.scalars:
            live = TRAININGS.live(f"training{tmp_path.name}")
            assert live is not None
            assert live.learner.step_number == 4
            prepared = prepared_at_once(live.learner.splats, 0.1)
            found = draw_splats(prepared, live.facts.home.ray_grid(24, 24))
            assert found.opacity.max() > 0.5
    assert TRAININGS.live(tmp_path.name) is None
    rested = TRAININGS.take_rested(tmp_path.name)
    assert rested is not None
    assert len(rested[0]) == len(load_splats(tmp_path / "m.safetensors"))
    assert TRAININGS.take_rested(tmp_path.name) is None


@pytest.mark.long("computes for long")
def test_a_resumed_training_ends_with_the_same_bits(recipe, tmp_path):
    for _ in recipe.train(options(tmp_path / "a", is_measured=False)):
        pass
    first = recipe.train(options(tmp_path / "b", is_measured=False))
    for frame in first:
        if frame.step == 11 and "loss" in frame.scalars:
            break
    first.close()
    for _ in recipe.train(options(tmp_path / "b", is_measured=False, is_resumed=True)):
        pass
    one, other = (load_file(tmp_path / name / "m.safetensors") for name in "ab")
    assert one.keys() == other.keys()
    assert all(one[name].tobytes() == other[name].tobytes() for name in one)


def test_the_best_splats_are_kept_where_a_person_wants_them(recipe, tmp_path):
    best = replace(recipe, settings=replace(recipe.settings, keep_best=True))
    frames = list(best.train(options(tmp_path, is_measured=False)))
    held_out = [frame.scalars["held-out PSNR"] for frame in frames if "held-out PSNR" in frame.scalars]
    splats = load_splats(tmp_path / "m.safetensors")
    lesson = SplatsLesson(SceneLesson(photos_of_ball(10, 24, 2), FieldSettings(), 7, BOX), best.settings)
    assert result_of(lesson.measure(splats))["PSNR"] == pytest.approx(max(held_out), abs=0.2)
