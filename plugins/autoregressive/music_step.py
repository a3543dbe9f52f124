"""The same network for one sixteenth at a time in plain arrays, with all keys and values kept: many times as fast.

A step of a network this small is a hundred tiny operations, and what torch spends on each of them is most of the time.

Shape letters: D width, H heads, S sixteenths so far, K tokens, R reach.
"""

from typing import Any, Final

import numpy as np
import numpy.typing as npt
from torch import Tensor, nn

from .music_grid import LOWEST, N_SOUNDS, NO_KEY, ORDER
from .music_model import MOST_STEP, N_DEGREES, N_STATES, N_STEPS, Block, ChoraleTransformer, VoiceHead

Floats = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.int64]
_PITCHES: Final = np.arange(1, N_SOUNDS)
_NORM_EPSILON: Final = np.float32(1e-5)
# Abramowitz and Stegun 7.1.26: the error function to 1.5e-7, with no more than an exponential.
_P: Final = np.float32(0.3275911)
_A: Final = tuple(map(np.float32, (1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592)))


def gelu(x: Floats) -> Floats:
    """x times the normal distribution's share below x."""
    z = np.abs(x) * np.float32(0.70710678)
    t = 1 / (1 + _P * z)
    tail = ((((_A[0] * t + _A[1]) * t + _A[2]) * t + _A[3]) * t + _A[4]) * t * np.exp(-z * z)
    return x * np.where(x >= 0, 1 - 0.5 * tail, 0.5 * tail).astype(np.float32)


def softmax(x: Floats) -> Floats:
    """Along the last axis."""
    weights = np.exp(x - x.max(-1, keepdims=True))
    return np.asarray(weights / weights.sum(-1, keepdims=True), np.float32)


class Norm:
    """A layer norm."""

    def __init__(self, norm: nn.Module) -> None:
        self.scale, self.shift = _array(norm.weight), _array(norm.bias)

    def __call__(self, x: Floats) -> Floats:
        centred = x - x.mean()
        return centred / np.sqrt((centred * centred).mean() + _NORM_EPSILON) * self.scale + self.shift


class Line:
    """A linear layer."""

    def __init__(self, layer: nn.Module) -> None:
        self.weight, self.bias = _array(layer.weight), _array(layer.bias)

    def __call__(self, x: Floats) -> Floats:
        return self.weight @ x + self.bias


class BlockStep:
    """One block, with the keys and values of all sixteenths so far."""

    def __init__(self, block: Block, n_steps: int) -> None:
        self.before_attention, self.before_layers = Norm(block.before_attention), Norm(block.before_layers)
        self.project, self.out = Line(block.project), Line(block.out)
        self.rise, self.fall = Line(block.rise), Line(block.fall)
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
        self.state, self.inner, self.out = Line(head.state), Line(head.inner), Line(head.out)
        self.norm, self.own, self.begins = Norm(head.norm), _array(head.own.weight), _array(head.begins)
        self.others = [_array(table.weight) for table in head.others]
        self.own_degrees = _array(head.own_degrees.weight)
        self.other_degrees = [_array(table.weight) for table in head.other_degrees]
        self.steps, self.degrees = Line(head.steps), Line(head.degrees)
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
    """One piece on its way through the network. `heads` tell the voices in the order of `music_grid.ORDER`."""

    def __init__(self, network: ChoraleTransformer, context: Tensor, key: int) -> None:
        """`context` (T, D) is what each sixteenth knows before anything is made."""
        self.key = key
        self.context = _array(context)
        self.sounds = _array(network.cells.sounds.weight).reshape(len(ORDER), N_STATES, -1)
        self.degrees = _array(network.cells.degrees.weight).reshape(len(ORDER), N_DEGREES, -1)
        self.begins = _array(network.cells.begins)
        self.blocks = [BlockStep(block, len(self.context)) for block in network.blocks]  # type: ignore[arg-type]
        self.norm = Norm(network.norm)
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
