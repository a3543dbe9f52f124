"""What stops a training, and the state that is left: the last good one, whole, and good to go on from."""

import errno
import os
import random
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import nn

from studio.compute import training_loop as follower_module
from studio.compute.checkpoint import load_checkpoint, save_checkpoint
from studio.compute.train_settings import TrainSettings
from studio.compute.training import Training
from studio.compute.training_loop import follow_training
from studio.core.error import UserError

CPU = torch.device("cpu")
SETTINGS = TrainSettings(n_steps=30, n_micro=2, learning_rate=0.01, n_warmup=1, n_decay=1)
ROOT = Path(__file__).parents[2]


def make(loss, settings=SETTINGS):
    torch.manual_seed(0)
    return Training(nn.Linear(4, 1), loss, settings, CPU)


def squared(model, step, micro):
    x = torch.randn(8, 4, generator=torch.Generator().manual_seed(100 * step + micro))
    return (model(x)[:, 0].float() - x.sum(1)).square().mean(), {}


def broken_at(bad_step, value=float("nan")):
    """A loss that is no number in the second micro-batch of one step."""

    def loss(model, step, micro):
        good, scalars = squared(model, step, micro)
        return (good * value if (step, micro) == (bad_step, 1) else good), scalars

    return loss


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_loss_that_is_no_number_leaves_the_state_of_the_step_before(tmp_path, value):
    with pytest.raises(UserError, match=r"diverged.*smaller learning rate"):
        list(follow_training(make(broken_at(7, value)), tmp_path / "c", False))
    state = load_checkpoint(tmp_path / "c")
    assert state["step"] == 7
    assert all(torch.isfinite(weight).all() for weight in state["model"].values())
    gentle = make(squared, replace(SETTINGS, learning_rate=0.001))
    steps = [frame.step for frame in follow_training(gentle, tmp_path / "c", True) if not frame.label]
    assert steps[0] == 7
    assert gentle.step == 30


def test_a_gradient_that_is_no_number_does_not_touch_the_weights(tmp_path):
    def root_of_nothing(model, step, micro):
        good, scalars = squared(model, step, micro)
        return (good + (model.weight * 0).sum().abs().sqrt() if step == 3 else good), scalars

    training = make(root_of_nothing)
    with pytest.raises(UserError, match="diverged"):
        list(follow_training(training, tmp_path / "c", False))
    assert training.step == 3
    assert all(torch.isfinite(weight).all() for weight in training.model.state_dict().values())


def test_the_state_before_it_went_wrong_is_not_overwritten_by_what_came_after(tmp_path, monkeypatch):
    monkeypatch.setattr(follower_module, "SAVE_INTERVAL_S", -1.0)
    saved: list[int] = []

    def save(path, state):
        saved.append(state["step"])
        save_checkpoint(path, state)

    monkeypatch.setattr(follower_module, "save_checkpoint", save)
    with pytest.raises(UserError):
        list(follow_training(make(broken_at(5)), tmp_path / "c", False))
    assert saved == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    "error", [MemoryError(), torch.OutOfMemoryError("CUDA out of memory"), RuntimeError("can't allocate memory: 9 GB")]
)
def test_too_little_memory_is_said_in_a_sentence(tmp_path, error):
    def greedy(model, step, micro):
        if step == 4:
            raise error
        return squared(model, step, micro)

    with pytest.raises(UserError, match=r"not enough memory.*smaller batches"):
        list(follow_training(make(greedy), tmp_path / "c", False))
    assert load_checkpoint(tmp_path / "c")["step"] == 4


def test_memory_that_torch_itself_cannot_get_is_said_too(tmp_path):
    def greedy(model, step, micro):
        return torch.empty(1 << 50).sum(), {}

    with pytest.raises(UserError, match="not enough memory"):
        list(follow_training(make(greedy), tmp_path / "c", False))


def test_other_mistakes_are_not_taken_for_it(tmp_path):
    with pytest.raises(RuntimeError, match="shapes cannot be multiplied"):
        list(follow_training(make(lambda model, *_: (model(torch.ones(1, 9)).sum(), {})), tmp_path / "c", False))


def test_weights_torn_while_they_change_are_not_saved(tmp_path, monkeypatch):
    training = make(squared)
    frames = follow_training(training, tmp_path / "c", False)
    for _ in range(6):
        next(frames)
    monkeypatch.setattr(training._optimiser, "step", lambda: (_ for _ in ()).throw(KeyboardInterrupt))
    next(frames)
    with pytest.raises(KeyboardInterrupt):
        next(frames)
    assert not (tmp_path / "c").exists()


def test_a_disk_without_room_is_noticed_before_the_start(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: type("Usage", (), {"free": 100}))
    with pytest.raises(UserError, match=r"not enough room.*MB"):
        next(follow_training(make(squared), tmp_path / "new" / "c", False))
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("failing", ["write", "fsync", "replace"])
def test_a_disk_that_fills_up_later_keeps_the_state_before(tmp_path, monkeypatch, failing):
    frames = follow_training(make(squared), tmp_path / "c", False)
    for _ in range(10):
        next(frames)
    frames.close()
    before = (tmp_path / "c").read_bytes()

    def full(*_, **__):
        raise OSError(errno.ENOSPC, "no space")

    more = follow_training(make(squared), tmp_path / "c", True)
    assert any(not frame.label for frame in more)
    if failing == "write":
        monkeypatch.setattr(torch, "save", full)
    elif failing == "fsync":
        monkeypatch.setattr(os, "fsync", full)
    else:
        monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(UserError, match="previous one is still there"):
        more.close()
    assert (tmp_path / "c").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["c"]


KILLED = """
import sys, torch
from pathlib import Path
from studio.compute import training_loop
from tests.compute.test_training_failure import make, squared, SETTINGS
from dataclasses import replace
torch.set_num_threads(1)
training_loop.SAVE_INTERVAL_S = -1.0
print("ready", flush=True)
training, path = make(squared, replace(SETTINGS, n_steps=10**6)), Path(sys.argv[1])
for frame in training_loop.follow_training(training, path, path.exists()):
    pass
"""


@pytest.mark.long("starts processes of its own")
def test_a_training_killed_at_any_moment_leaves_a_state_to_go_on_from(tmp_path):
    chance, path, reached = random.Random(4), tmp_path / "c", 0
    for _ in range(3):
        child = subprocess.Popen(
            [sys.executable, "-c", KILLED, str(path)], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        assert child.stdout is not None
        assert child.stderr is not None
        with child.stdout, child.stderr:
            assert child.stdout.readline() == b"ready\n"
            wait_for_saving(path, reached, chance.randrange(1, 40))
            child.kill()
            child.wait(30)
        state = load_checkpoint(path)
        assert state["step"] > reached
        reached = state["step"]
    rest = make(squared, replace(SETTINGS, n_steps=reached + 3))
    list(follow_training(rest, path, True))
    assert rest.step == reached + 3


def wait_for_saving(path, reached, n_saves):
    """Wait until a state beyond `reached` is there, and then for the middle of the n-th save."""
    until, part = time.monotonic() + 60, path.with_name(path.name + ".part")
    while not (path.exists() and load_checkpoint(path)["step"] > reached):
        assert time.monotonic() < until, "nothing was saved"
    for _ in range(n_saves):
        while part.exists():
            assert time.monotonic() < until
        while not part.exists():
            assert time.monotonic() < until
