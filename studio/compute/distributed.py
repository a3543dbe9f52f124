"""Several processes, on one machine or more, that train one model together; `torchrun` starts them.

Each takes every n-th micro-batch of a step, and gradients are averaged, so that together they do what one would. All
of them follow the training; the first one alone shows, saves and writes.
"""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from datetime import timedelta
from typing import Final

import torch
from torch import Tensor, distributed, nn
from torch.nn.parallel import DistributedDataParallel

from studio.compute.launch import launch
from studio.core.error import UserError
from studio.core.translation import N_

WAIT: Final = timedelta(minutes=10)
_LOST_PEER: Final = ("gloo", "nccl", "connection", "peer", "timed out", "socket")


class RankDone(Exception):  # noqa: N818 - not an error: a rank other than the first has nothing more to do
    """The training is over, and the first rank writes the result."""


class Ranks:
    """The processes that train together, seen from one of them.

    Attributes:
        rank: number of this process, 0 for the one that writes.
        n_ranks: how many there are.
        is_stopping: whether all have agreed to stop.
    """

    def __init__(self, rank: int = 0, n_ranks: int = 1, device: torch.device | None = None) -> None:
        self.rank = rank
        self.n_ranks = n_ranks
        self.is_stopping = False
        self._device = device or torch.device("cpu")
        self._is_stop_wanted = False

    @property
    def is_first(self) -> bool:
        """Whether this one shows, saves and writes."""
        return self.rank == 0

    @property
    def is_alone(self) -> bool:
        """Whether there are no others."""
        return self.n_ranks == 1

    def ask_to_stop(self) -> None:
        """Say that this process shall stop; all stop after the same micro-batch."""
        self._is_stop_wanted = True
        self.is_stopping = self.is_stopping or self.is_alone

    def deal(self, n_micro: int) -> range:
        """The first micro-batch of each round, in which every rank takes one.

        Raises:
            UserError: they cannot be dealt out evenly.
        """
        if n_micro % self.n_ranks:
            raise UserError(
                N_("{n} batches per step cannot be shared evenly by {ranks} processes.").format(
                    n=n_micro, ranks=self.n_ranks
                ),
                N_("Start a number of processes that divides it, or choose another number with --set n_micro=N."),
            )
        return range(0, n_micro, self.n_ranks)

    def parallel(self, module: nn.Module) -> nn.Module:
        """The same module, whose gradients are the means over all ranks."""
        if self.is_alone:
            return module
        # Which weights a loss needs may depend on the step.
        return DistributedDataParallel(module, find_unused_parameters=True)

    def apart(self, module: nn.Module) -> AbstractContextManager[None]:
        """Leave the gradients inside as each rank's own: those of the last round take them along."""
        return module.no_sync() if isinstance(module, DistributedDataParallel) else nullcontext()

    def gather(self, values: Sequence[float]) -> list[list[float]]:
        """The values of all ranks, in their order; who wants to stop is told with them."""
        if self.is_alone:
            return [list(values)]
        own = torch.tensor([*values, float(self._is_stop_wanted)], dtype=torch.float64, device=self._device)
        everyone = [torch.empty_like(own) for _ in range(self.n_ranks)]
        with lost_peers():
            distributed.all_gather(everyone, own)
        rows = [row.tolist() for row in everyone]
        self.is_stopping = self.is_stopping or any(row[-1] for row in rows)
        return [row[:-1] for row in rows]

    def from_first(self, data: bytes) -> bytes:
        """What the first rank has; the others may give anything."""
        if self.is_alone:
            return data
        size = torch.tensor([len(data)], device=self._device)
        with lost_peers():
            distributed.broadcast(size, 0)
            content = self._bytes_of(data) if self.is_first else self._bytes_of(bytes(int(size)))
            distributed.broadcast(content, 0)
        return bytes(content.cpu().numpy())

    def _bytes_of(self, data: bytes) -> Tensor:
        return torch.frombuffer(bytearray(data), dtype=torch.uint8).to(self._device)

    def part(self) -> None:
        """End working together: this one is alone from now on.

        Raises:
            RankDone: it is not the first.
        """
        if self.is_alone:
            return
        distributed.destroy_process_group()
        self.n_ranks = 1
        self.is_stopping = self._is_stop_wanted
        if not self.is_first:
            raise RankDone


_current: ContextVar[Ranks] = ContextVar("ranks")


def current_ranks() -> Ranks:
    """The ranks of this process; alone unless `joined`."""
    return _current.get(Ranks())


@contextmanager
def joined(device: torch.device) -> Iterator[Ranks]:
    """Join the other processes of a launch, through gloo on processors and nccl on graphics cards; alone without one.

    Raises:
        UserError: they cannot be reached.
    """
    ranks = Ranks()
    if launch() is not None:
        with lost_peers():
            distributed.init_process_group("nccl" if device.type == "cuda" else "gloo", timeout=WAIT)
        ranks = Ranks(distributed.get_rank(), distributed.get_world_size(), device)
    token = _current.set(ranks)
    try:
        yield ranks
    finally:
        _current.reset(token)


@contextmanager
def lost_peers() -> Iterator[None]:
    """Say in a sentence that another process has gone, where torch says it in its own words."""
    try:
        yield
    except RuntimeError as error:
        if not any(word in str(error).lower() for word in _LOST_PEER):
            raise
        raise UserError(
            N_("Another process of this training has ended or cannot be reached."),
            N_("Start it again with --resume; what has been learnt so far is kept."),
        ) from error
