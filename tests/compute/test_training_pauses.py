"""A training that gives way in the midst of a micro-batch: the same weights to the bit, nothing waits at its end."""

from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from studio.compute.job import Delivery, Job, Policy
from studio.compute.train_settings import TrainSettings
from studio.compute.training import Training
from studio.compute.training_loop import follow_training
from studio.compute.worker import Worker
from studio.core import pausing
from studio.core.frame import Frame
from studio.core.pausing import on_one_thread

SETTINGS = TrainSettings(n_steps=3, n_micro=2)


@pytest.fixture
def at_every_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pausing, "LONGEST_S", 0.0)


def _training() -> Training:
    torch.manual_seed(1)
    layers = nn.Sequential(nn.Linear(6, 32), nn.Dropout(0.5), nn.LeakyReLU(0.1), nn.Dropout(0.5), nn.Linear(32, 6))
    return Training(layers, _loss, SETTINGS, torch.device("cpu"))


def _loss(model: nn.Module, step: int, micro: int) -> tuple[Tensor, dict[str, Tensor]]:
    x = torch.randn(4, 6, generator=torch.Generator().manual_seed(10 * step + micro))
    loss = F.mse_loss(model(x), x)
    return loss, {"error": loss}


def _frames(training: Training, folder: Path) -> Iterator[Frame]:
    return follow_training(training, folder / "a.checkpoint", False)


def test_pauses_change_no_bit_though_others_draw_random_numbers_meanwhile(tmp_path: Path, at_every_pause: None) -> None:
    plain, paused = _training(), _training()
    losses = [frame.scalars["loss"] for frame in _frames(plain, tmp_path)]
    found, n_pauses = [], 0
    for frame in on_one_thread(lambda: _frames(paused, tmp_path)):
        if frame is None:
            n_pauses += 1
            torch.rand(3)
        else:
            found.append(frame.scalars["loss"])
    assert found == losses
    for one, other in zip(plain.model.parameters(), paused.model.parameters(), strict=True):
        assert torch.equal(one, other)
    assert n_pauses > 4 * len(losses)  # forward and back


def test_a_training_is_no_longer_for_what_others_do_in_between(
    tmp_path: Path, at_every_pause: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    monkeypatch.setattr("studio.core.pausing.time.perf_counter", lambda: now[0])
    training = _training()
    for frame in on_one_thread(lambda: _frames(training, tmp_path)):
        now[0] += 5.0 if frame is None else 0.0
    assert training.seconds == 0


@pytest.mark.parametrize("n_pauses", [1, 5, 12])
def test_one_that_is_stopped_in_a_micro_batch_is_kept_as_it_was_before(
    tmp_path: Path, at_every_pause: None, n_pauses: int
) -> None:
    training, plain = _training(), _training()
    steps = on_one_thread(lambda: _frames(training, tmp_path))
    for _ in range(n_pauses):
        assert next(steps) is None
    steps.close()
    resumed = _training()
    for _ in follow_training(resumed, tmp_path / "a.checkpoint", True):
        pass
    for _ in plain.run():
        pass
    for one, other in zip(plain.model.parameters(), resumed.model.parameters(), strict=True):
        assert torch.equal(one, other)


def test_a_worker_that_closes_while_a_hand_moves_ends_in_the_midst_of_a_micro_batch(
    tmp_path: Path, at_every_pause: None
) -> None:
    has_paused = Event()
    ends: list[bool] = []

    def hear(delivery: Delivery) -> None:
        worker.give_way(True)
        has_paused.set()
        ends.append(delivery.is_finished)

    worker, training = Worker(hear), _training()
    worker.submit(Job(("test",), lambda: on_one_thread(lambda: _frames(training, tmp_path)), Policy.BACKGROUND))
    assert has_paused.wait(60)
    assert worker.close()
    assert ends[-1]
    assert training.step < SETTINGS.n_steps
    assert (tmp_path / "a.checkpoint").is_file()
