"""Large networks that pause between their layers: others are served, a cancelled job ends, no bit changes."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from studio.compute.job import Delivery, Job, Policy
from studio.core import pausing
from studio.core.pausing import Turns
from studio.nn.pausing_layers import pause_between_layers
from tests.sync_worker import SteppedWorker

N_LAYERS, WIDTH = 6, 64


@pytest.fixture(autouse=True)
def _at_every_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pausing, "LONGEST_S", 0.0)


class Layer(nn.Module):
    """One layer, which notes that it computed."""

    def __init__(self, done: list[Any], number: int) -> None:
        super().__init__()
        self.linear = nn.Linear(WIDTH, WIDTH)
        self._done, self._number = done, number

    def forward(self, x: Tensor) -> Tensor:
        self._done.append(self._number)
        said: Tensor = torch.tanh(self.linear(x))
        return said


def made_network(done: list[Any]) -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(*(Layer(done, number) for number in range(N_LAYERS)))


def gradient(network: nn.Module) -> Tensor:
    x = torch.linspace(-1, 1, 2 * WIDTH).view(2, WIDTH).requires_grad_()
    (found,) = torch.autograd.grad(network(x).square().sum(), x)
    return found


class Desk:
    """A worker that a test advances, and a large network on it."""

    def __init__(self) -> None:
        self.done: list[Any] = []
        self.news: list[Delivery] = []
        self.worker = SteppedWorker(self.news.append)
        self.network = made_network(self.done)
        assert pause_between_layers(self.network, large=1000)

    def begin(self) -> None:
        self.worker.submit(Job((1, "run"), lambda: Turns().work(lambda: gradient(self.network)), Policy.RESTART))


def test_another_job_is_served_between_two_layers():
    desk = Desk()
    desk.begin()
    while 1 not in desk.done:
        assert desk.worker.step()
    desk.worker.submit(Job((1, "hand"), lambda: desk.done.append("hand")))
    desk.worker.run_all()
    assert desk.done == [0, 1, "hand", *range(2, N_LAYERS)]


def test_the_way_back_to_gradients_pauses_too():
    desk = Desk()
    desk.begin()
    while N_LAYERS - 1 not in desk.done:
        desk.worker.step()
    n_steps = 0
    while desk.worker.step():
        n_steps += 1
    assert n_steps > N_LAYERS


def test_results_are_the_same_to_the_bit():
    desk = Desk()
    desk.begin()
    desk.worker.run_all()
    assert torch.equal(desk.news[-1].result, gradient(made_network([])))


def test_a_cancelled_job_ends_at_the_next_layer():
    desk = Desk()
    desk.begin()
    while 1 not in desk.done:
        desk.worker.step()
    desk.worker.cancel(lambda job: True)
    desk.worker.run_all()
    assert desk.done == [0, 1]
    assert desk.news[-1].is_finished


def test_a_small_network_is_left_as_it_is():
    network = made_network([])
    assert not pause_between_layers(network)
    assert not any(module._forward_hooks for module in network.modules())
