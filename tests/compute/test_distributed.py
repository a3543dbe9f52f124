"""Two processes that train together do what one does, stop together, go on together, and end together."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from studio.compute.checkpoint import load_checkpoint
from studio.compute.distributed import Ranks, current_ranks, joined
from studio.compute.launch import Launch, launch
from studio.compute.training_loop import follow_training
from studio.core.error import UserError
from tests.compute.ranked_training import make, validation

ROOT = Path(__file__).parents[2]


def start_two(checkpoint: Path, task: str) -> list[dict]:
    """Start both ranks as torchrun would, and return what they printed."""
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        port = place.getsockname()[1]
    shared = {"WORLD_SIZE": "2", "LOCAL_WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    ranks = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.compute.ranked_training", str(checkpoint), task],
            cwd=ROOT,
            env={**os.environ, **shared, "RANK": str(rank), "LOCAL_RANK": str(rank)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for rank in range(2)
    ]
    outputs = [rank.communicate(timeout=90) for rank in ranks]
    assert ranks[0].returncode == 0, outputs[0][1]
    return [json.loads(out) for out, _ in outputs if out]


def losses(frames):
    learning = [(step, figures) for step, label, figures in frames if not label]
    return [(step, figures["loss"], figures["root"]) for step, figures in learning]


def assert_alike(first, second):
    assert [row[0] for row in first] == [row[0] for row in second]
    for one, other in zip(first, second, strict=True):
        assert one[1:] == pytest.approx(other[1:], rel=1e-5)


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """What one process sees, and the state in which it ends."""
    checkpoint = tmp_path_factory.mktemp("alone") / "c"
    frames = list(follow_training(make(), checkpoint, False, validation=validation()))
    return [[frame.step, frame.label, dict(frame.scalars)] for frame in frames], load_checkpoint(checkpoint)


@pytest.mark.long("starts processes of its own")
def test_two_processes_see_the_curve_of_one_stop_together_and_go_on_together(alone, tmp_path):
    frames, state = alone
    first, second = start_two(tmp_path / "parts", "stop")
    assert (first["end"], second["end"]) == ("stopped", "stopped")
    assert first["frames"] == second["frames"]
    n_done = load_checkpoint(tmp_path / "parts")["step"]
    assert n_done == 3
    rest, second = start_two(tmp_path / "parts", "resume")
    assert (rest["end"], second["end"]) == ("whole", "done")
    before = [row for row in losses(first["frames"]) if row[0] < n_done]
    assert_alike(before + losses(rest["frames"]), losses(frames))
    reached = load_checkpoint(tmp_path / "parts")
    for name, value in state["average"].items():
        torch.testing.assert_close(reached["average"][name], value, rtol=1e-4, atol=1e-6)


@pytest.mark.long("starts processes of its own")
def test_a_process_that_dies_ends_the_other_with_a_sentence(tmp_path):
    (first,) = start_two(tmp_path / "c", "die")
    assert "Another process" in first["end"]
    assert load_checkpoint(tmp_path / "c")["step"] == 3


def test_micro_batches_are_dealt_out_evenly_or_not_at_all():
    assert list(Ranks(1, 2).deal(6)) == [0, 2, 4]
    with pytest.raises(UserError, match="evenly"):
        Ranks(0, 4).deal(6)


def test_one_process_is_alone():
    with joined(torch.device("cpu")) as ranks:
        assert current_ranks() is ranks
        assert ranks.is_alone
        was_stopping = ranks.is_stopping
        ranks.ask_to_stop()
        assert (was_stopping, ranks.is_stopping) == (False, True)
    assert not current_ranks().is_stopping


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, None),
        ({"RANK": "0", "WORLD_SIZE": "1", "LOCAL_RANK": "0", "LOCAL_WORLD_SIZE": "1"}, None),
        ({"RANK": "3", "WORLD_SIZE": "4", "LOCAL_RANK": "1", "LOCAL_WORLD_SIZE": "2"}, Launch(3, 4, 1, 2)),
        ({"RANK": "x", "WORLD_SIZE": "4", "LOCAL_RANK": "1", "LOCAL_WORLD_SIZE": "2"}, None),
    ],
)
def test_a_launch_is_told_by_the_environment(environment, expected):
    assert launch(environment) == expected
