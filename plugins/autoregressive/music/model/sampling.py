"""Makes the cells of a piece that are not given, sixteenth by sixteenth, in plain arrays.

A step of a network this small is a hundred tiny operations, and what torch spends on each of them is most of the time.

The network's keys and values are kept, and each die depends on its seed, its sixteenth and its voice alone.

Shape letters: T sixteenths, V = 4 voices, S sixteenths so far, D width, H heads, K tokens, R reach.
"""

import math
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from studio.api.engine import limited_threads
from studio.core.seed import generator

from ..grid import (
    HOLD,
    HOLD_TOKEN,
    LOWEST,
    N_SOUNDS,
    N_TOKENS,
    N_VOICES,
    NO_KEY,
    ORDER,
    UNKNOWN,
    Bytes,
    Flags,
    VoiceGrid,
    sounds_of,
    tokens_of,
    value_of,
)
from .encoding import examples, nothing_before
from .transformer import MOST_STEP, N_DEGREES, N_STATES, N_STEPS, ChoraleBlock, ChoraleTransformer, VoiceHead

Floats = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.int64]
_PITCHES: Final = np.arange(1, N_SOUNDS)
_NORM_EPSILON: Final = np.float32(1e-5)
# Abramowitz and Stegun 7.1.26: the error function to 1.5e-7, with no more than an exponential.
_GELU_P: Final = np.float32(0.3275911)
_GELU_SERIES: Final = tuple(map(np.float32, (1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592)))
MIN_TEMPERATURE: Final = 1e-3
PERFECT: Final = (0, 7)
"""Semitones of octaves and fifths, whatever octaves lie between."""


def gelu(x: Floats) -> Floats:
    """x times the normal distribution's share below x."""
    z = np.abs(x) * np.float32(0.70710678)
    t = 1 / (1 + _GELU_P * z)
    tail = (
        ((((_GELU_SERIES[0] * t + _GELU_SERIES[1]) * t + _GELU_SERIES[2]) * t + _GELU_SERIES[3]) * t + _GELU_SERIES[4])
        * t
        * np.exp(-z * z)
    )
    return x * np.where(x >= 0, 1 - 0.5 * tail, 0.5 * tail).astype(np.float32)


def softmax(x: Floats) -> Floats:
    """Along the last axis."""
    weights = np.exp(x - x.max(-1, keepdims=True))
    return np.asarray(weights / weights.sum(-1, keepdims=True), np.float32)


class ArrayNorm:
    """A layer norm."""

    def __init__(self, norm: nn.Module) -> None:
        self.scale, self.shift = _array(norm.weight), _array(norm.bias)

    def __call__(self, x: Floats) -> Floats:
        centred = x - x.mean()
        return centred / np.sqrt((centred * centred).mean() + _NORM_EPSILON) * self.scale + self.shift


class ArrayLinear:
    """A linear layer."""

    def __init__(self, layer: nn.Module) -> None:
        self.weight, self.bias = _array(layer.weight), _array(layer.bias)

    def __call__(self, x: Floats) -> Floats:
        return self.weight @ x + self.bias


class BlockStep:
    """One block, with the keys and values of all sixteenths so far."""

    def __init__(self, block: ChoraleBlock, n_steps: int) -> None:
        self.before_attention, self.before_layers = ArrayNorm(block.before_attention), ArrayNorm(block.before_layers)
        self.project, self.out = ArrayLinear(block.project), ArrayLinear(block.out)
        self.rise, self.fall = ArrayLinear(block.rise), ArrayLinear(block.fall)
        self.n_heads, self.reach = block.n_heads, block.reach
        far_first = _array(block.distances.weight)[::-1]  # (R, D): row -1 is that of a sixteenth to itself
        self.distances = np.ascontiguousarray(far_first.reshape(self.reach, self.n_heads, -1).swapaxes(0, 1))
        shape = (self.n_heads, n_steps, self.distances.shape[-1])
        self.keys, self.values = np.zeros(shape, np.float32), np.zeros(shape, np.float32)

    def __call__(self, x: Floats, at: int) -> Floats:
        """The output (D,) at sixteenth `at`; all before it went through already."""
        query, key, value = self.project(self.before_attention(x)).reshape(3, self.n_heads, -1)
        self.keys[:, at], self.values[:, at] = key, value
        first = max(0, at + 1 - self.reach)
        n = at + 1 - first
        near = self.keys[:, first : at + 1] + self.distances[:, self.reach - n :]  # (H, S, D / H)
        scaled = np.asarray(query * np.float32(query.shape[-1] ** -0.5), np.float32)
        scores = np.asarray((near @ scaled[..., None])[..., 0], np.float32)
        mixed = softmax(scores)[:, None] @ self.values[:, first : at + 1]  # (H, 1, D / H)
        x = x + self.out(mixed.ravel())
        return x + self.fall(gelu(self.rise(self.before_layers(x))))


class HeadStep:
    """What tells one voice."""

    def __init__(self, head: VoiceHead) -> None:
        self.voice, self.earlier = head.voice, head.earlier
        self.state, self.inner, self.out = ArrayLinear(head.state), ArrayLinear(head.inner), ArrayLinear(head.out)
        self.norm, self.own, self.begins = ArrayNorm(head.norm), _array(head.own.weight), _array(head.begins)
        self.others = [_array(table.weight) for table in head.others]
        self.own_degrees = _array(head.own_degrees.weight)
        self.other_degrees = [_array(table.weight) for table in head.other_degrees]
        self.steps, self.degrees = ArrayLinear(head.steps), ArrayLinear(head.degrees)
        self.pairs = [_array(table.weight) for table in head.pairs]

    def __call__(self, state: Floats, before: Numbers, sounds: Numbers, begins: Floats, key: int) -> Floats:
        """Logits (K,) from the state, what sounded before (V,), what is told of this sixteenth (V,), and the key."""
        own = before[self.voice]
        x = self.state(state) + self.own[own] + self.own_degrees[_degree_index(own, key)]
        for table, degrees, other in zip(self.others, self.other_degrees, self.earlier, strict=True):
            here = sounds[other]
            x = x + table[here] + degrees[_degree_index(here, key)] + begins[other] * self.begins[other]
        x = gelu(self.norm(x))
        x = x + gelu(self.inner(x))
        logits, by_step = self.out(x), self.steps(x).reshape(-1, N_STEPS)
        logits[1:N_SOUNDS] += self.degrees(x)[_degree_index(_PITCHES, key)]
        self._add(logits, own, by_step[0])
        for number, (table, other) in enumerate(zip(self.pairs, self.earlier, strict=True), 1):
            row = _step_index(own, before[other]) + (N_STEPS + 1) * int(sounds[other] != before[other])
            self._add(logits, sounds[other], by_step[number] + table[row])
        return logits

    def _add(self, logits: Floats, base: int, by_step: Floats) -> None:
        """Add what steps from a sound say for each pitch."""
        if 0 < base < N_SOUNDS:
            logits[1:N_SOUNDS] += by_step[(_PITCHES - base).clip(-MOST_STEP, MOST_STEP) + MOST_STEP]


class StepNetwork:
    """One piece on its way through the network. `heads` tell the voices in the order of `grid.ORDER`."""

    def __init__(self, network: ChoraleTransformer, context: Tensor, key: int) -> None:
        """`context` (T, D) is what each sixteenth knows before anything is made."""
        self.key = key
        self.context = _array(context)
        self.sounds = _array(network.cells.sounds.weight).reshape(len(ORDER), N_STATES, -1)
        self.degrees = _array(network.cells.degrees.weight).reshape(len(ORDER), N_DEGREES, -1)
        self.begins = _array(network.cells.begins)
        self.blocks = [BlockStep(block, len(self.context)) for block in network.blocks]  # type: ignore[arg-type]
        self.norm = ArrayNorm(network.norm)
        self.heads = [HeadStep(head) for head in network.heads]  # type: ignore[arg-type]

    def state(self, at: int, before: Numbers, begins: Floats) -> Floats:
        """The state (D,) of a sixteenth from what sounded (V,) before it, and whether it began there."""
        voices = np.arange(len(before))
        cells = self.sounds[voices, before] + self.degrees[voices, _degree_index(before, self.key)]
        x = self.context[at] + cells.sum(0) + begins @ self.begins
        for block in self.blocks:
            x = block(x, at)
        return self.norm(x)


def _degree_index(sounds: Any, key: int) -> Any:
    if key == NO_KEY:
        return np.full_like(sounds, N_DEGREES - 1)
    is_pitch = (sounds > 0) & (sounds < N_SOUNDS)
    return np.where(is_pitch, (sounds - 1 + LOWEST - key) % 12, N_DEGREES - 1)


def _step_index(sound: int, other: int) -> int:
    if not (0 < sound < N_SOUNDS and 0 < other < N_SOUNDS):
        return N_STEPS
    return int(min(max(sound - other, -MOST_STEP), MOST_STEP)) + MOST_STEP


def _array(value: Tensor | nn.Module) -> Floats:
    assert isinstance(value, Tensor)
    return np.ascontiguousarray(value.detach().numpy(), np.float32)


class MusicSampler:
    """A piece that is being made.

    Attributes:
        values: (T, V), of which all before `place` are settled, and given ones beyond.
        surprise: (T, V) float32 bits of every settled cell at temperature 1, given ones too.
    """

    def __init__(
        self,
        network: ChoraleTransformer,
        grid: VoiceGrid,
        is_given: Flags,
        seed: int,
        temperature: float = 1.0,
        is_known: Flags | None = None,
        no_parallels: bool = False,
    ) -> None:
        """`is_known` are cells that the network knows beforehand, all given ones where it is None.

        Others that are given are settled already: they were made before, and are only read as they come. With
        `no_parallels` nothing is drawn that makes a parallel fifth or octave with a voice that is told or known.
        """
        self.network, self.is_given = network, is_given
        self.seed, self.temperature = seed, max(temperature, MIN_TEMPERATURE)
        self.no_parallels = no_parallels
        self.values: Bytes = np.where(is_given, grid.values, HOLD).astype(np.uint8)
        self.surprise: Floats = np.zeros(self.values.shape, np.float32)
        self.place = 0
        self._sounds = nothing_before().astype(np.int64)  # (V,) of the sixteenth before
        self._begins = np.zeros(N_VOICES, np.float32)
        self.is_known = known = is_given if is_known is None else is_known
        asked = examples([VoiceGrid(self.values, grid.places, grid.bars, grid.key)], [known], [0], [nothing_before()])
        with limited_threads(1), torch.no_grad():
            context = network.context(asked.known)[0]  # (T, D)
        self._steps = StepNetwork(network, context, grid.key)

    def __len__(self) -> int:
        return len(self.values)

    def advance(self) -> None:
        """Settle the four cells of the next sixteenth."""
        at = self.place
        state = self._steps.state(at, self._sounds, self._begins)
        sounds, begins = self._sounds.copy(), np.zeros(N_VOICES, np.float32)
        for head, voice in zip(self._steps.heads, ORDER, strict=True):
            logits = head(state, self._sounds, sounds, begins, self._steps.key).astype(np.float64)
            value = self._told(voice, logits, self._ruled_out(voice, sounds) if self.no_parallels else [])
            if value != HOLD:
                sounds[voice] = int(sounds_of(np.array(value, np.uint8)))
            elif sounds[voice] == UNKNOWN:
                sounds[voice] = 0  # nothing to go on with: a rest
            begins[voice] = value != HOLD
        self._sounds, self._begins, self.place = sounds, begins, at + 1

    def _ruled_out(self, voice: int, sounds: npt.NDArray[np.int64]) -> list[int]:
        """Tokens by which a voice would go in parallel with one that is told (its sound differs) or known."""
        found = []
        for other in range(N_VOICES):
            value = int(self.values[self.place, other]) if self.is_known[self.place, other] else HOLD
            now = int(sounds[other]) if value == HOLD else int(sounds_of(np.array(value, np.uint8)))
            token = parallel_sound(int(self._sounds[voice]), int(self._sounds[other]), now)
            if other != voice and token is not None:
                found.append(token)
        return found

    def _told(self, voice: int, logits: npt.NDArray[np.float64], ruled_out: list[int]) -> int:
        """The cell of a voice: as given, or drawn; its surprise is noted, as the network told it."""
        if self._sounds[voice] == UNKNOWN:
            logits[HOLD_TOKEN] = -np.inf
        allowed = logits.copy()
        allowed[ruled_out] = -np.inf
        if not self.is_given[self.place, voice]:
            roll = generator(self.seed, "note", self.place, voice).random()
            heap = np.cumsum(_softmax(allowed / self.temperature))
            token = int(np.searchsorted(heap, roll * heap[-1], side="right").clip(0, N_TOKENS - 1))
            self.values[self.place, voice] = value_of(token)
        value = int(self.values[self.place, voice])
        chance = float(_softmax(logits)[int(tokens_of(np.array(value, np.uint8)))])
        self.surprise[self.place, voice] = -math.log2(max(chance, 1e-12))
        return value


def parallel_sound(own: int, other: int, now: int) -> int | None:
    """The sound with which a voice would follow another from a fifth or an octave to the next one.

    Args:
        own, other: what both sang. now: what the other one sings. All are sounds of `grid`.
    """
    is_sung = all(0 < sound < N_SOUNDS for sound in (own, other, now))
    if not is_sung or now == other or abs(own - other) % 12 not in PERFECT:
        return None
    follows = own + now - other
    return follows if 0 < follows < N_SOUNDS else None


def _softmax(logits: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    weights = np.exp(logits - logits.max())
    return weights / weights.sum()
