"""Learns splats from photos on the processor, one photo a step (Kerbl et al. 2023)."""

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from studio.api.kernel import kernel

from ...field.photos.photos import Photos
from ...shared.threads import share
from ..model.splats import Splats
from .density_control import DensitySettings, changed_splats, with_lower_opacities
from .picture_loss import PictureLoss
from .splat_pass import PassRoom, SplatPass, no_gradients

FloatArray = npt.NDArray[np.float32]

BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-15
_NAMES: Final = ("centres", "log_scales", "rotations", "opacity_logits", "harmonics")
_F, _ONE = np.float32, np.float32(1)


@dataclass(frozen=True)
class LearnSettings:
    """How splats are learnt.

    Attributes:
        n_steps: after which the rate of the centres has fallen to its last.
        rates: of log scales, rotations, opacities, and the first and the other harmonics.
        centre_rates: of the centres at first and at last, in parts of the scene's size.
        degree: of the harmonics at last; one more every `degree_every` steps.
        near: what is nearer to a camera than this part of the scene's size is left out.
    """

    n_steps: int = 6000
    rates: tuple[float, float, float, float, float] = (5e-3, 1e-3, 2.5e-2, 2.5e-3, 5e-4)
    centre_rates: tuple[float, float] = (1.6e-4, 1.6e-6)
    degree: int = 3
    degree_every: int = 300
    near: float = 0.01
    density: DensitySettings = field(default_factory=DensitySettings)


class SplatLearner:
    """Splats that learn.

    Attributes:
        splats: as they are now. settings: how they learn.
        step_number: steps done. seconds: time spent on them.
    """

    def __init__(self, splats: Splats, photos: Photos, settings: LearnSettings, size: float, seed: int) -> None:
        self.splats = Splats(**{name: array.copy() for name, array in splats.arrays().items()})
        self.settings = settings
        self.step_number, self.seconds = 0, 0.0
        self._photos, self._size, self._seed = photos, size, seed
        self._loss = PictureLoss(photos.height, photos.width)
        self._forget()
        self._degree = 0

    def _forget(self) -> None:
        """Begin with no moments and no gradients."""
        self._moments = {name: np.zeros((2, *array.shape), np.float32) for name, array in self.splats.arrays().items()}
        self._start_counting()

    def _start_counting(self) -> None:
        self._gradients, self._room = no_gradients(self.splats), PassRoom(len(self.splats))
        self._shifts = np.zeros((2, len(self.splats)), np.float32)

    def step(self) -> dict[str, float]:
        """Learn from one photo; returns the loss and how many splats there are."""
        started = time.perf_counter()
        random = np.random.default_rng([self._seed, self.step_number])
        photo = self._photo_of(self.step_number)
        background = random.random(3, np.float32)
        self._raise_degree()
        loss = self._learn(photo, background)
        self._move()
        self.step_number += 1
        self._control(random)
        self.seconds += time.perf_counter() - started
        return {"loss": loss, "splats": float(len(self.splats))}

    def _photo_of(self, step: int) -> int:
        """All photos in turn, each time in another order."""
        n = len(self._photos)
        return int(np.random.default_rng([self._seed, step // n, 1]).permutation(n)[step % n])

    def _raise_degree(self) -> None:
        self._degree = min(self.step_number // self.settings.degree_every, self.settings.degree)

    def _learn(self, photo: int, background: FloatArray) -> float:
        """Put the gradients of one photo's loss into `_gradients`."""
        pixels = self._photos.pixels[photo].astype(np.float32) / _F(255)
        wanted = pixels[..., :3] + (_ONE - pixels[..., 3:]) * background
        drawn = SplatPass(self.splats, self._photos.ray_grid(photo), self.settings.near * self._size, self._room)
        loss = self._loss.of(drawn.on(background), wanted)
        drawn.back(self._loss.gradient, self._gradients)
        if self._degree < self.splats.degree:
            self._gradients.harmonics[:, (self._degree + 1) ** 2 :] = 0
        self._shifts[0] += self._gradients.shifts * self._gradients.is_seen
        self._shifts[1] += self._gradients.is_seen
        return loss

    def _move(self) -> None:
        """Take a step of Adam with the splats that were seen."""
        settings = self.settings
        done = min(self.step_number / settings.n_steps, 1)
        first, last = settings.centre_rates
        centre_rate = self._size * math.exp((1 - done) * math.log(first) + done * math.log(last))
        scale_rate, turn_rate, opacity_rate, base_rate, other_rate = settings.rates
        n_harmonics = 3 * self.splats.harmonics.shape[1]
        harmonic_rates = [base_rate] * 3 + [other_rate] * (n_harmonics - 3)
        rates = [[centre_rate] * 3, [scale_rate] * 3, [turn_rate] * 4, [opacity_rate], harmonic_rates]
        n = len(self.splats)
        for name, rate in zip(_NAMES, rates, strict=True):
            arrays = (getattr(self.splats, name), getattr(self._gradients, name), *self._moments[name])
            rows = [array.reshape(n, len(rate)) for array in arrays]
            _share_adam(rows, np.array(rate, np.float32), self._gradients.is_seen)
        _unit_rows(self.splats.rotations)
        self._gradients.is_seen[:] = False

    def _control(self, random: np.random.Generator) -> None:
        """Add and remove splats where it is time for that."""
        density = self.settings.density
        if self.step_number % density.every or not density.first <= self.step_number <= density.last:
            return
        means = self._shifts[0] / np.maximum(self._shifts[1], 1)
        changed, sources = changed_splats(self.splats, means, density, self._size, random)
        kept = sources >= 0
        self.splats = changed
        for name, moments in self._moments.items():
            self._moments[name] = np.ascontiguousarray(moments[:, np.maximum(sources, 0)])
            self._moments[name][:, ~kept] = 0
        self._start_counting()
        if density.reset_every and self.step_number % density.reset_every == 0:
            self.splats = with_lower_opacities(self.splats, density.reset_to)
            self._moments["opacity_logits"][:] = 0

    def state(self) -> dict[str, Any]:
        """All that goes on from here, as copies: arrays and plain values."""
        arrays = {name: array.copy() for name, array in self.splats.arrays().items()}
        moments = {f"moments.{name}": moments.copy() for name, moments in self._moments.items()}
        values = {"step_number": self.step_number, "seconds": self.seconds, "seed": self._seed}
        return {**arrays, **moments, "shifts": self._shifts.copy(), **values}

    def load(self, state: Mapping[str, Any]) -> None:
        """Go on from a state of the same settings and photos, to the same bits."""
        self.splats = Splats(**{name: np.array(state[name], np.float32) for name in _NAMES})
        self._forget()
        for name in _NAMES:
            self._moments[name][:] = state[f"moments.{name}"]
        self._shifts[:] = state["shifts"]
        self.step_number, self.seconds = int(state["step_number"]), float(state["seconds"])
        self._seed = int(state["seed"])


def _share_adam(rows: list[FloatArray], rates: FloatArray, is_seen: npt.NDArray[np.bool_]) -> None:
    values, gradient, first_moment, second_moment = rows

    def move(first: int, last: int) -> None:
        adam_rows(values, gradient, first_moment, second_moment, rates, is_seen, first, last)

    share(move, len(values), max(4096, len(values) // 4))


@kernel(fast_math=True)
def adam_rows(
    values: FloatArray,
    gradient: FloatArray,
    first_moment: FloatArray,
    second_moment: FloatArray,
    rates: FloatArray,
    is_seen: npt.NDArray[np.bool_],
    first: int,
    last: int,
) -> None:
    """Move the rows `first` to `last` - 1 of values (N, C) that were seen; `rates` (C,) are those of the columns."""
    for row in range(first, last):
        if is_seen[row]:
            for i in range(values.shape[1]):
                g = gradient[row, i]
                m = _F(BETA_1) * first_moment[row, i] + _F(1 - BETA_1) * g
                v = _F(BETA_2) * second_moment[row, i] + _F(1 - BETA_2) * g * g
                first_moment[row, i], second_moment[row, i] = m, v
                values[row, i] -= rates[i] * m / (np.sqrt(v) + _F(EPSILON))


def _unit_rows(rotations: FloatArray) -> None:
    rotations /= np.linalg.norm(rotations, axis=1, keepdims=True)
