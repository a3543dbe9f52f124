"""How a network learns the jumps of its teacher: on whole ways that the teacher goes for prompts made up on the spot.

A way costs the teacher a dozen steps and gives as many places to jump from, each with its true end, so that nothing is
learnt from the network's own guesses, as in consistency distillation (Song et al. 2023, arXiv 2303.01469). Shape
letters: K steps of a way, N ways of a portion, B items of a batch.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, TypeAlias

import numpy as np
import torch
from torch import Tensor, nn

from studio.core.pausing import pause
from studio.core.seed import generator

from ...shared.model.denoiser import Guidance
from ...shared.model.noise_schedule import lay_grid
from ...shared.model.position import noise_of
from ...shared.model.sampler import SamplerInputs, dpmpp_2m
from ..model.few_step import FewStep, angle_at, jump_of
from ..model.networks import PixelDiffusion
from .evaluation import WantedPictures, batch_denoiser

N_WAY: Final = 12
"""Steps of DPM-Solver++ that the teacher goes; one, two and four steps of a run fall on its levels."""
PLAIN_SHARE: Final = 0.5
HUBER: Final = 0.1
Prompts: TypeAlias = Callable[[np.random.Generator], str]
"""Random numbers to a prompt."""


@dataclass(frozen=True)
class Mixture:
    """How many jumps of a batch are of a run of one, two and four steps, and how many begin and end anywhere."""

    n_one: int = 14
    n_two: int = 6
    n_four: int = 8
    n_any: int = 4

    def jumps(self, random: np.random.Generator) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
        """Where each begins and ends on the way, (B, 2) steps of 0..N_WAY."""
        starts = [np.zeros(self.n_one, np.int64)]
        ends = [np.full(self.n_one, N_WAY)]
        for n_steps, n in ((2, self.n_two), (4, self.n_four)):
            length = N_WAY // n_steps
            starts.append(random.integers(0, n_steps, n) * length)
            ends.append(starts[-1] + length)
        starts.append(random.integers(0, N_WAY, self.n_any))
        ends.append(random.integers(starts[-1] + 1, N_WAY + 1))
        return np.stack([np.concatenate(starts), np.concatenate(ends)], 1)


@dataclass(frozen=True, eq=False)
class Ways:
    """What the teacher did for some prompts.

    Attributes:
        x: (K + 1, N, C, H, W) float32, from noise to the finished one.
        ids: (N, L) int64 of the prompts.
        strength: of the guidance.
    """

    x: Tensor
    ids: Tensor
    strength: float


@dataclass(frozen=True, eq=False)
class Teacher:
    """Goes ways, by number: the same seed and number give the same ones.

    Attributes:
        network: on the device of the training.
        prompts: what is asked for.
        weakest, strongest: guidance; half of the portions have the `usual` one.
    """

    network: PixelDiffusion
    prompts: Prompts
    weakest: float
    strongest: float
    usual: float
    seed: int
    n_ways: int = 16
    is_pixels: bool = False

    def ways(self, number: int) -> Ways:
        """The portion with this number."""
        random = generator(self.seed, "ways", number)
        strength = self.usual if random.random() < PLAIN_SHARE else random.uniform(self.weakest, self.strongest)
        prompts = [self.prompts(random) for _ in range(self.n_ways)]
        seeds = [int(seed) for seed in random.integers(0, 2**31, self.n_ways)]
        wanted, schedule = WantedPictures(seeds, prompts=prompts), self.network.config.schedule
        denoise = batch_denoiser(self.network, wanted, Guidance(strength), self.is_pixels)
        device = next(self.network.parameters()).device
        x, steps = noise_of(seeds, 0, self.network.shape, device), []
        for step in dpmpp_2m(SamplerInputs(denoise, lay_grid(schedule, N_WAY), x, lambda _: x)):
            steps.append(step.x.float())
            pause()
        assert self.network.text is not None
        return Ways(torch.stack(steps).clone(), self.network.text.ids(prompts), float(strength))


@dataclass(eq=False)
class JumpObjective:
    """Draws the batch of a step and returns its loss; what a Training calls.

    Attributes:
        teacher: whose ways are learnt; a new portion after every `every` steps, the last `n_kept` are learnt from.
    """

    teacher: Teacher
    seed: int
    mixture: Mixture = field(default_factory=Mixture)
    every: int = 8
    n_kept: int = 48
    _known: dict[int, Ways] = field(default_factory=dict)

    def __call__(self, model: nn.Module, step: int, micro: int) -> tuple[Tensor, dict[str, Tensor]]:
        """The mean error of v, and that of jumps from noise to the end as "one step"."""
        assert isinstance(model, FewStep)
        random = generator(self.seed, "jumps", step, micro)
        errors = self.errors(model, self._portions(step), random)
        return huber(errors), {"one step": errors[: self.mixture.n_one].square().mean()}

    def _portions(self, step: int) -> list[Ways]:
        newest = step // self.every
        numbers = range(max(0, newest - self.n_kept + 1), newest + 1)
        self._known = {
            number: self._known[number] if number in self._known else self.teacher.ways(number) for number in numbers
        }
        return list(self._known.values())

    def errors(self, model: FewStep, portions: list[Ways], random: np.random.Generator) -> Tensor:
        """What the network says of jumps on these ways beside what is true, (B, C, H, W)."""
        jumps = self.mixture.jumps(random)
        chosen = [portions[number] for number in random.integers(0, len(portions), len(jumps))]
        ways = random.integers(0, self.teacher.n_ways, len(jumps))
        triples = list(zip(chosen, ways.tolist(), jumps.tolist(), strict=True))
        x, end = (torch.stack([one.x[jump[at], way] for one, way, jump in triples]) for at in (0, 1))
        times, turn = self._times(model, jumps, x.device)
        strength = torch.tensor([one.strength for one in chosen], device=x.device)
        ids = padded([one.ids[way] for one, way, _ in triples]).to(x.device)
        with torch.no_grad():
            context, counts = self._text(ids)
        asked = model.unet.words(context, counts)
        x = x.contiguous(memory_format=torch.channels_last)
        return model(x, times[0], times[1], strength, asked) - jump_of(x, end, turn)

    def _text(self, ids: Tensor) -> tuple[Tensor, Tensor]:
        text = self.teacher.network.text
        assert text is not None
        context, counts = text(ids)
        return context, counts

    def _times(
        self, model: FewStep, jumps: np.ndarray[tuple[int, int], np.dtype[np.int64]], device: torch.device
    ) -> tuple[Tensor, Tensor]:
        """From and to which times (2, B), and over which angles (B, 1, 1, 1)."""
        times = lay_grid(model.config.schedule, N_WAY).times
        angles = np.array([angle_at(model.config.schedule, float(time)) for time in times])
        turn = torch.from_numpy(angles[jumps[:, 0]] - angles[jumps[:, 1]]).float().to(device)
        return torch.from_numpy(times[jumps.T]).float().to(device), turn[:, None, None, None]


def huber(errors: Tensor) -> Tensor:
    """The mean pseudo-Huber loss of errors (B, C, H, W), item by item (Song and Dhariwal 2023, arXiv 2310.14189)."""
    squared = errors.square().mean((1, 2, 3))
    return ((squared + HUBER**2).sqrt() - HUBER).mean()


def padded(rows: list[Tensor]) -> Tensor:
    """Rows of pieces (L,) each as (B, L), -1 behind the end."""
    return torch.nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=-1)
