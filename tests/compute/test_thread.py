"""How many threads work may use, whichever way in."""

import os
from collections.abc import Iterator

import pytest
import torch

from studio.compute.device import choose_device
from studio.compute.launch import Launch
from studio.compute.thread import limited_threads, n_cores, use_threads


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize(("n_wanted", "n_processes", "n"), [(3, 1, 3), (4, 2, 2), (1, 4, 1)])
def test_the_cores_that_a_person_gives_are_shared_by_the_processes_of_a_launch(
    n_wanted: int, n_processes: int, n: int
) -> None:
    assert use_threads(n_wanted, n_processes) == torch.get_num_threads() == n


def test_without_a_wish_all_cores_work() -> None:
    assert use_threads(0) == n_cores()


def test_whoever_chooses_a_device_lets_threads_wait_asleep(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_WAIT_POLICY")
    assert choose_device("cpu", 2).n_threads == torch.get_num_threads() == 2
    assert os.environ["OMP_WAIT_POLICY"] == "PASSIVE"


def test_a_launch_shares_the_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("studio.compute.device.launch", lambda: Launch(rank=0, n_ranks=2, local_rank=0, n_local=2))
    assert choose_device("cpu", 6).n_threads == 3


def test_a_limit_holds_only_inside() -> None:
    use_threads(2)
    with limited_threads(1):
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == 2
