"""The judge of scenes: F1 by hand, a training of two steps, and its card's figures recomputed on a small sample."""

import json
from dataclasses import replace
from importlib.resources import files

import numpy as np
import pytest
import torch

from studio.api.engine import TrainOptions
from studio.compute.device import Device
from studio.core.card import read_card
from studio.core.error import UserError
from studio.datasets.emoji.scenes import load_scenes
from studio.datasets.split import Split
from studio.metrics import scene_judge
from studio.metrics.scene_judge import (
    SceneJudge,
    SceneJudgeConfig,
    SceneReading,
    f1,
    load_scene_judge,
    random_scene_judge,
    save_scene_judge,
    scene_score,
)
from studio.metrics.scene_recipe import SEED, SceneJudgeRecipe, SceneObjective, in_unit, read_right, spoilt

SMALL = SceneJudgeConfig(widths=(8, 8, 16))


def test_f1_counts_what_is_missing_and_what_is_too_much():
    there = torch.tensor([[1, 1, 0, 0], [0, 0, 1, 0]]) > 0
    assert f1(there, there) == 1
    assert f1(torch.tensor([[1, 0, 0, 0], [0, 0, 1, 0]]) > 0, there) == pytest.approx(2 * 2 / (2 * 2 + 1))
    assert f1(torch.tensor([[1, 1, 0, 1], [0, 0, 1, 1]]) > 0, there) == pytest.approx(2 * 3 / (2 * 3 + 2))
    assert f1(~there, there) == 0
    assert f1(torch.zeros(2, 3) > 0, torch.zeros(2, 3) > 0) == 1


def test_a_score_takes_each_label_from_its_column():
    labels = torch.tensor([[1, 0, 1, 4], [0, 1, 0, 2]])  # two objects, one accessory, the background
    reading = SceneReading(torch.tensor([[1, 0], [0, 0]]) > 0, torch.tensor([[1], [0]]) > 0, torch.tensor([4, 3]))
    score = scene_score(reading, labels)
    assert score.objects == pytest.approx(2 / 3)
    assert (score.accessories, score.backgrounds) == (1, 0.5)


def test_the_card_holds_on_some_other_held_out_scenes():
    card = read_card(files("studio.metrics") / "models" / "scenes.json")  # type: ignore[arg-type]
    score = read_right(load_scene_judge(), load_scenes(Split.TEST, 200, SEED + 1))
    for name, value in (("objects, F1", score.objects), ("backgrounds", score.backgrounds)):
        figure = float(card.figures[f"Right on real test scenes, {name}"])
        assert figure >= 0.95
        assert value == pytest.approx(figure, abs=0.015)
    figure = float(card.figures["Right on real test scenes, accessories, F1"])
    assert figure >= 0.95
    assert score.accessories == pytest.approx(figure, abs=0.04)


def test_the_shipped_judge_is_small():
    folder = files("studio.metrics") / "models"
    assert len((folder / "scenes.safetensors").read_bytes()) <= 400_000
    assert json.loads((folder / "scenes.json").read_text("utf-8"))["n_params"] <= 400_000


def test_a_thing_is_read_wherever_it_stands():
    judge = random_scene_judge()
    pictures = torch.full((1, 3, 64, 64), 0.5)
    bare = judge(pictures)[0]
    for at in (8, 40):
        marked = pictures.clone()
        marked[:, :, at : at + 12, at : at + 12] = torch.rand(3, 12, 12, generator=torch.Generator().manual_seed(1))
        assert not torch.allclose(judge(marked)[0], bare)
        assert (judge(marked)[0] >= bare - 1).all()


def test_random_judges_follow_from_their_seed_and_leave_chance_alone():
    before = torch.random.get_rng_state()
    one, same, other = random_scene_judge(1), random_scene_judge(1), random_scene_judge(2)
    assert torch.equal(before, torch.random.get_rng_state())
    assert torch.equal(one.things.weight, same.things.weight)
    assert not torch.equal(one.things.weight, other.things.weight)


def test_two_steps_write_a_judge_that_is_read_back(tmp_path, monkeypatch):
    recipe = replace(SceneJudgeRecipe(), config=SMALL, n_scenes=40, n_validation=4, n_test=8, n_pictures=4)
    options = TrainOptions(tmp_path / "scenes.safetensors", Device("cpu", "float32", 1), n_steps=2)
    frames = list(recipe.train(options))
    assert [frame.step for frame in frames if not frame.label] == [0, 1]
    card = read_card(options.out.with_suffix(".json"))
    assert len(card.figures) == 6
    assert card.trained["n_steps"] == 2
    (tmp_path / "models").mkdir()
    for suffix in (".safetensors", ".json"):
        options.out.with_suffix(suffix).rename(tmp_path / "models" / f"scenes{suffix}")
    monkeypatch.setattr(scene_judge, "files", lambda _: tmp_path)
    assert load_scene_judge().config == SMALL


def test_packing_changes_what_is_read_by_little(tmp_path, monkeypatch):
    torch.manual_seed(0)
    judge = SceneJudge(SceneJudgeConfig()).eval()
    (tmp_path / "models").mkdir()
    save_scene_judge(tmp_path / "models" / "scenes.safetensors", judge, {})
    monkeypatch.setattr(scene_judge, "files", lambda _: tmp_path)
    pictures = in_unit(load_scenes(Split.TEST, 4))
    torch.testing.assert_close(load_scene_judge()(pictures)[0], judge(pictures)[0], atol=0.05, rtol=0.05)
    (tmp_path / "models" / "scenes.safetensors").write_bytes(b"no tensors")
    with pytest.raises(UserError, match="damaged"):
        load_scene_judge()


def test_the_same_step_sees_the_same_scenes():
    objective = SceneObjective(load_scenes(Split.TRAIN, 20), 4, torch.device("cpu"))
    torch.manual_seed(0)
    model = SceneJudge(SMALL)
    assert torch.equal(objective(model, 3, 0)[0], objective(model, 3, 0)[0])
    assert not torch.equal(objective(model, 3, 0)[0], objective(model, 4, 0)[0])


def test_spoilt_pictures_are_still_about_the_same():
    pictures = in_unit(load_scenes(Split.TRAIN, 12))
    changed = spoilt(pictures, np.random.default_rng(1))
    assert changed.shape == pictures.shape
    assert 0 <= float(changed.min()) <= float(changed.max()) <= 1
    assert 0.005 < float((changed - pictures).abs().mean()) < 0.1
