"""Makes pictures pixel by pixel: some values are kept, all others drawn from what the network says about them.

Shape letters: B pictures, H W pixels, P = H W places in reading order, V levels.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import torch

from studio.api.kernel import prepare_kernels
from studio.core.seed import generator

from ...shared.model.head import log_probabilities, nats
from ...shared.model.kernel_maths import drawn_value
from ...shared.model.kernel_tables import ByteArray, FloatArray, PixelTask
from . import kernels
from .config import PixelNetworkConfig
from .pixelcnn import GatedPixelCNN, PixelNetwork
from .row_lstm import RowLSTM
from .weights import gated_memory, gated_weights, row_memory, row_weights

WARM_UP: Final = f"{__package__.rsplit('.', 1)[0]}.warm_up"


@dataclass(frozen=True, eq=False)
class PixelRequest:
    """What is wanted of some pictures.

    Attributes:
        labels: (B,) their kinds.
        seeds: of each of them.
        temperature: below 1 likely values become likelier.
        values: (B, P) uint8 levels, of which those stay where `kept` (B, P) is 1; None for empty pictures.
        guidance: above 0, values become likelier that tell the kind asked for from all others, at the price of a pass
            of the network for each kind (`kernels`).
    """

    labels: Sequence[int]
    seeds: Sequence[int]
    temperature: float = 1.0
    values: ByteArray | None = None
    kept: ByteArray | None = None
    guidance: float = 0.0

    def task(self, config: PixelNetworkConfig) -> PixelTask:
        """The same as arrays of its own."""
        shape = (len(self.labels), config.n_places)
        draws = np.stack([draws_of(seed, config.n_places) for seed in self.seeds])
        assert draws.shape == shape
        labels, n_kinds = np.array(self.labels, np.int64), config.n_classes if self.guidance else 0
        said = np.zeros((config.n_places, len(labels), config.n_levels), np.float32)
        return PixelTask(
            labels,
            np.zeros(shape, np.uint8) if self.values is None else self.values.astype(np.uint8).reshape(shape),
            np.zeros(shape, np.uint8) if self.kept is None else self.kept.astype(np.uint8).reshape(shape),
            draws,
            np.float32(self.temperature),
            np.float32(self.guidance),
            np.tile(np.arange(n_kinds), len(labels)) if n_kinds else labels,
            np.zeros((len(labels), n_kinds)),
            said,
            np.zeros_like(said) if n_kinds else said,
            np.zeros(shape, np.float32),
        )


def draws_of(seed: int, n_places: int) -> FloatArray:
    """A number in [0, 1) for each place: of hash(seed) and the place alone, whatever was drawn before."""
    return generator(seed, "pixels").random(n_places, np.float32)


class PixelSampler(ABC):
    """Pictures that are being made.

    Attributes:
        task: the pictures and what was said about each of their settled pixels.
        place: how many pixels are settled.
    """

    def __init__(self, network: PixelNetwork, wish: PixelRequest) -> None:
        self.config = network.config
        self.task = wish.task(network.config)
        self.place = 0

    def advance(self, n: int) -> None:
        """Settle the next `n` pixels of all pictures, or as many as there are."""
        last = min(self.place + n, self.config.n_places)
        self._settle(self.place, last)
        self.place = last

    @abstractmethod
    def _settle(self, first: int, last: int) -> None:
        """Settle the pixels from one place to before another one."""

    def finish(self) -> npt.NDArray[np.uint8]:
        """Settle what is left, and return the levels (B, H, W)."""
        self.advance(self.config.n_places)
        return self.task.values.reshape(-1, self.config.size_px, self.config.size_px)


class GatedSampler(PixelSampler):
    """With row caches: the vertical stack is computed once a row, the horizontal one for one pixel at a time."""

    def __init__(self, network: GatedPixelCNN, wish: PixelRequest) -> None:
        super().__init__(network, wish)
        prepare_kernels(WARM_UP)
        self._weights, self._memory = gated_weights(network), gated_memory(network, self.task.passes)

    def _settle(self, first: int, last: int) -> None:
        kernels.go_on_gated(self._weights, self._memory, self.task, first, last)


class RowSampler(PixelSampler):
    """With the states of the row above, as a Row LSTM keeps them."""

    def __init__(self, network: RowLSTM, wish: PixelRequest) -> None:
        super().__init__(network, wish)
        prepare_kernels(WARM_UP)
        self._weights, self._memory = row_weights(network), row_memory(network, self.task.passes)

    def _settle(self, first: int, last: int) -> None:
        kernels.go_on_rows(self._weights, self._memory, self.task, first, last)


class NaivePixelSampler(PixelSampler):
    """Computes the whole network anew for each pixel: what the others are held against, and for any network."""

    def __init__(self, network: PixelNetwork, wish: PixelRequest) -> None:
        super().__init__(network, wish)
        self._network = network

    @torch.inference_mode()
    def _settle(self, first: int, last: int) -> None:
        task = self.task
        for place in range(first, last):
            self._weigh(place)
            for number in np.flatnonzero(task.kept[:, place] == 0):
                row = task.law[place, number]
                task.values[number, place] = drawn_value(row, task.draws[number, place], task.temperature)
            chosen = np.take_along_axis(task.said[place], task.values[:, place, None].astype(np.int64), 1)
            task.surprise[:, place] = -chosen[:, 0] / math.log(2)

    def _weigh(self, place: int) -> None:
        """Write what the pictures' kinds say about a place, and the law that is drawn from."""
        task, size, n = self.task, self.config.size_px, len(self.task.labels)
        hidden = np.where(np.arange(self.config.n_places) < place, task.values, 0)  # what is not known yet
        passed = torch.from_numpy(hidden).long().repeat_interleave(len(task.passes) // n, 0)  # (M, P)
        outputs = self._network(passed.view(-1, size, size), torch.from_numpy(task.passes)).flatten(1, 2)
        told = log_probabilities(outputs[:, place], self.config).float().view(n, -1, self.config.n_levels)
        own = told[:, 0] if not task.guidance else told[torch.arange(n), torch.from_numpy(task.labels)]
        task.said[place] = own.numpy()
        if task.guidance:
            evidence = -nats(outputs[:, :place], passed[:, :place], self.config).double().sum(1)  # (M,)
            chances = evidence.view(n, -1).log_softmax(1)[..., None]  # (B, C, 1)
            law = own + float(task.guidance) * (own - (told + chances).logsumexp(1))
            task.law[place] = law.numpy()


def sampler_of(network: PixelNetwork, wish: PixelRequest) -> PixelSampler:
    """The fastest one that there is for a network on the processor."""
    if isinstance(network, GatedPixelCNN):
        return GatedSampler(network, wish)
    return RowSampler(network, wish) if isinstance(network, RowLSTM) else NaivePixelSampler(network, wish)
