"""A run of the playground: where it stands, as a frame to show and as arrays from which it goes on bit for bit."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Final

import numpy as np

from studio.core.frame import Frame
from studio.core.translation import N_
from studio.core.view import Image, State

from .model import network as net
from .model.network import AdamMoments, Floats, n_weights
from .model.pair import PlaygroundLosses, PlaygroundPair, PlaygroundPlayer, step, untrained
from .model.target import MAX_PAINTED, OWN, TITLES, Target
from .params import PlaygroundSettings, settings_from_array, settings_to_array, unfit
from .training.evaluation import PlaygroundMeasures, measure
from .view_model import PairView, draw_view, view_of_pair

N_COUNTS: Final = 7
MAX_COUNT: Final = 10**9
MAX_STRIDE: Final = 1000
PICTURE: Final = "playground"
_NOT_LEARNT: Final = float(np.finfo(np.float64).max)
"""Stands for a loss that there is none of: arrays of a frame are finite."""
_NAMES: Final = tuple(TITLES)
_PLAYERS: Final = {"forger": net.GENERATOR, "detective": net.DISCRIMINATOR}
SETTINGS, TARGET, PAINTED, COUNTS, LOSSES, LEARNT = "settings", "target", "painted", "counts", "losses", "learnt"


@dataclass(frozen=True, eq=False)
class PlaygroundMoment:
    """Where a run stands.

    Attributes:
        index: the number of its frame.
        n_steps: how many steps were taken.
        stride: how many steps lie between two frames.
        lost: mean losses of the steps since the frame before.
    """

    pair: PlaygroundPair
    settings: PlaygroundSettings = field(default_factory=PlaygroundSettings)
    target: Target = field(default_factory=Target)
    index: int = 0
    n_steps: int = 0
    stride: int = 25
    lost: PlaygroundLosses = field(default_factory=PlaygroundLosses)


def advanced(moment: PlaygroundMoment, seed: int) -> PlaygroundMoment:
    """The run one frame later."""
    pair, lost = moment.pair, []
    for _ in range(moment.stride):
        pair, losses = step(pair, moment.settings, moment.target, seed)
        lost.append((losses.discriminator, losses.generator))
    mean = np.mean(lost, axis=0)
    losses = PlaygroundLosses(float(mean[0]), float(mean[1]))
    return replace(moment, pair=pair, index=moment.index + 1, n_steps=moment.n_steps + moment.stride, lost=losses)


def view_of_moment(moment: PlaygroundMoment, seed: int) -> PairView:
    """What there is to see of it."""
    return view_of_pair(moment.pair, moment.settings, moment.target, seed)


def frame_of(moment: PlaygroundMoment, seed: int, n_frames: int, side_px: int) -> Frame:
    """The frame that shows it, with a picture of side_px."""
    picture = Image(draw_view(view_of_moment(moment, seed), side_px))
    label = N_("Step {n:,}").format(n=moment.n_steps)
    found = measure(moment.pair, moment.settings, moment.target, seed)
    return Frame(moment.index, n_frames, label, {PICTURE: picture}, figures(moment, found), state_of(moment))


def figures(moment: PlaygroundMoment, found: PlaygroundMeasures | None) -> dict[str, float]:
    """The figures of a frame; those that were not measured are left out."""
    values = {"steps": float(moment.n_steps), "loss": moment.lost.discriminator, "forger loss": moment.lost.generator}
    if found is not None:
        values |= {
            "JS divergence": found.js,
            "KL divergence": found.kl,
            "parts found": found.n_found,
            "parts": found.n_parts,
            "on a part": found.near,
            "variety": found.variety,
            "collapsed": float(found.is_collapsed),
            "right": found.right,
            "gap": found.gap,
        }
    return {name: value for name, value in values.items() if np.isfinite(value)}


# As arrays


def start_of(settings: PlaygroundSettings, target: Target, stride: int, is_learnt: bool = False) -> State:
    """What a run starts from that begins with an untrained pair, or with the one that was learnt."""
    return {
        SETTINGS: settings_to_array(settings),
        COUNTS: np.array([0, 0, 0, 0, 0, 0, stride], np.int64),
        **target_arrays(target),
        **({LEARNT: np.ones(1, np.int64)} if is_learnt else {}),
    }


def state_of(moment: PlaygroundMoment) -> State:
    """The arrays from which the run goes on: weights, what the optimisers keep, settings, target and counts."""
    pair = moment.pair
    counts = [
        moment.index,
        pair.n_generator,
        pair.n_discriminator,
        pair.generator.moments.n_steps,
        pair.discriminator.moments.n_steps,
        moment.n_steps,
        moment.stride,
    ]
    state: State = {COUNTS: np.array(counts, np.int64), SETTINGS: settings_to_array(moment.settings)}
    for name, player in (("forger", pair.generator), ("detective", pair.discriminator)):
        arrays = {name: player.weights, f"{name} mean": player.moments.mean, f"{name} square": player.moments.square}
        state |= {key: np.asarray(array, np.float32) for key, array in arrays.items()}
    lost = np.nan_to_num([moment.lost.discriminator, moment.lost.generator], nan=_NOT_LEARNT)
    return {**state, LOSSES: lost, **target_arrays(moment.target)}


def is_moment(state: Mapping[str, Any] | None) -> bool:
    """Whether a frame's state is a moment of a run."""
    return state is not None and "forger" in state


def moment_of(state: Mapping[str, Any], seed: int, learnt: PlaygroundPair | None = None) -> PlaygroundMoment:
    """Read what `state_of` or `start_of` gave; raises UserError where it is unsound.

    `learnt` is the pair of a run that begins with the shipped one.
    """
    counts = _counts(state.get(COUNTS, [0, 0, 0, 0, 0, 0, PlaygroundMoment.stride]))
    settings = settings_from_array(state[SETTINGS]) if SETTINGS in state else PlaygroundSettings()
    target = _target(state) if TARGET in state else Target()
    if LEARNT in state and learnt is not None:
        return PlaygroundMoment(learnt, settings, target, 0, learnt.n_generator, counts[6])
    pair, lost = untrained(seed), PlaygroundLosses()
    if "forger" in state:
        generator, discriminator = (
            _player(state, name, counts[place]) for place, name in ((3, "forger"), (4, "detective"))
        )
        pair = PlaygroundPair(generator, discriminator, counts[1], counts[2])
        lost = _losses(state.get(LOSSES))
    return PlaygroundMoment(pair, settings, target, counts[0], counts[5], counts[6], lost)


def target_arrays(target: Target) -> State:
    """What a state says of the target."""
    arrays: State = {TARGET: np.array([_NAMES.index(target.name)], np.int64)}
    if target.name == OWN and target.painted is not None:
        arrays[PAINTED] = target.painted
    return arrays


def _target(state: Mapping[str, Any]) -> Target:
    place = np.asarray(state[TARGET])
    if place.shape != (1,) or not 0 <= int(place[0]) < len(_NAMES):
        raise unfit()
    name = _NAMES[int(place[0])]
    painted = state.get(PAINTED)
    if name == OWN and painted is not None:
        return _painted_target(painted)
    return _PRESET_TARGETS[name]


_PRESET_TARGETS: Final = {name: Target(name) for name in _NAMES}
"""One object each, so that what is known of a preset is worked out once."""


def preset(name: str) -> Target:
    """The target of a preset's name."""
    return _PRESET_TARGETS[name]


def _painted_target(painted: Any) -> Target:
    points = np.asarray(painted)
    if points.dtype != np.float32 or points.ndim != 2 or points.shape[1] != 2 or len(points) > MAX_PAINTED:
        raise unfit()
    return _target_of_bytes(points.tobytes())


@lru_cache(8)
def _target_of_bytes(data: bytes) -> Target:
    """One object for the same points, since what is known of a target is kept with it."""
    return Target(OWN, np.frombuffer(data, np.float32).reshape(-1, 2))


def _counts(values: Any) -> tuple[int, ...]:
    counts = np.asarray(values)
    if counts.shape != (N_COUNTS,) or counts.dtype.kind not in "iu":
        raise unfit()
    numbers = tuple(int(number) for number in counts)
    if min(numbers) < 0 or max(numbers) > MAX_COUNT or not 1 <= numbers[-1] <= MAX_STRIDE:
        raise unfit()
    return numbers


def _player(state: Mapping[str, Any], name: str, n_steps: int) -> PlaygroundPlayer:
    arrays = [_weights(state.get(key), name) for key in (name, f"{name} mean", f"{name} square")]
    if (arrays[2] < 0).any():
        raise unfit()
    return PlaygroundPlayer(arrays[0], AdamMoments(arrays[1], arrays[2], n_steps))


def _weights(values: Any, name: str) -> Floats:
    weights = np.asarray(values)
    if weights.shape != (n_weights(_PLAYERS[name]),) or weights.dtype != np.float32 or not np.isfinite(weights).all():
        raise unfit()
    return weights


def _losses(values: Any) -> PlaygroundLosses:
    numbers = np.asarray(values, np.float64)
    if numbers.shape != (2,):
        raise unfit()
    discriminator, generator = (float("nan") if number == _NOT_LEARNT else float(number) for number in numbers)
    return PlaygroundLosses(discriminator, generator)
