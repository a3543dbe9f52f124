"""Paths: keyframes in time, the route through them, and how fast it is walked."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, TypeVar

import numpy as np

from studio.core.error import UserError
from studio.core.path.easing import EASINGS, SPEEDS, Easing, cubic_progress
from studio.core.path.position import RULES, Array, Float64Array, Position, Rule, constant_speed, shift
from studio.core.path.route import CURVES, Curve, Route
from studio.core.translation import N_

DEFAULT_DURATION_S = 1.5
MIN_DURATION_S, MAX_DURATION_S = 0.02, 600.0
MAX_KEYFRAMES = 500
EVEN_PACE = (0.0, 1.0)
MAX_ARRAYS, MAX_DIMENSIONS = 16, 8
MAX_NUMBERS = 1 << 20
MIN_SIZE, MAX_SIZE = 1e-6, 1e6
PACE_TIMES_PER_PIECE, MAX_PACE = 4, 1 << 16
T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Keyframe:
    """A place on a path, and how the way goes on from there.

    Attributes:
        position: named arrays.
        duration_s: how long the way to the next keyframe takes, 0.02 to 600 seconds.
        easing: how that way starts and ends.
    """

    position: Position
    duration_s: float = DEFAULT_DURATION_S
    easing: Easing = "linear"

    def __post_init__(self) -> None:
        if not MIN_DURATION_S <= self.duration_s <= MAX_DURATION_S or self.easing not in EASINGS:
            raise ValueError((self.duration_s, self.easing))


@dataclass(frozen=True, eq=False)
class KeyframePath:
    """A path through keyframes; never changed, every edit returns a new one.

    The route is the course without time: a number from 0 to `n_segments` whose whole part is a keyframe. Time comes
    to it in two steps. First the easing of each segment, between the times of its two keyframes. Then, where there
    is one, the pace: it hands out the whole duration so that the picture changes equally fast everywhere, so the
    durations of single keyframes no longer count, and within a segment the easing is a change of that even speed.
    On a smooth path without pace the speed does not jump at a keyframe between two segments that are not eased there.

    Attributes:
        keyframes: up to 500, all with the same names and shapes.
        rules: how each array is interpolated.
        curve: "linear" walks straight, "spherical" along the rules, "smooth" a Catmull–Rom spline through all.
        is_loop: whether the way leads back from the last keyframe to the first.
        pace: shares of the route, 0 to 1 and rising, at equal times of the whole; empty for the keyframes' own times.
        is_pace_current: whether the pace was measured on this very course; an older one is better than none.
    """

    keyframes: tuple[Keyframe, ...] = ()
    rules: Mapping[str, Rule] = field(default_factory=dict)
    curve: Curve = "smooth"
    is_loop: bool = False
    pace: Sequence[float] = ()
    is_pace_current: bool = True

    def __post_init__(self) -> None:
        if len(self.keyframes) > MAX_KEYFRAMES or self.curve not in CURVES:
            raise ValueError((len(self.keyframes), self.curve))
        shapes = [{name: np.shape(array) for name, array in k.position.items()} for k in self.keyframes]
        if any(shape != shapes[0] for shape in shapes) or (shapes and set(shapes[0]) != set(self.rules)):
            raise ValueError((shapes, self.rules))

    def __len__(self) -> int:
        return len(self.keyframes)

    @cached_property
    def route(self) -> Route:
        """The course of the path, without time."""
        return Route([keyframe.position for keyframe in self.keyframes], self.rules, self.curve, self.is_loop)

    @property
    def n_segments(self) -> int:
        """How many ways from one keyframe to the next there are."""
        return self.route.n_segments

    @property
    def is_paced(self) -> bool:
        """Whether the whole is walked at constant perceived speed."""
        return len(self.pace) > 0

    @property
    def needs_pace(self) -> bool:
        """Whether an even pace is wanted that was not measured yet on this course."""
        return self.is_paced and self.n_segments > 0 and (not self.is_pace_current or tuple(self.pace) == EVEN_PACE)

    @cached_property
    def duration_s(self) -> float:
        """How long the whole path takes; 0 with fewer than two keyframes."""
        return float(sum(keyframe.duration_s for keyframe in self.keyframes[: self.n_segments]))

    @cached_property
    def _ends_s(self) -> Float64Array:
        """The times of the segments' ends, 0 first, (n_segments + 1,)."""
        if self.is_paced:
            return self.duration_s * self._clock_share(np.linspace(0.0, 1.0, self.n_segments + 1))
        durations = [keyframe.duration_s for keyframe in self.keyframes[: self.n_segments]]
        return np.concatenate([[0.0], np.cumsum(durations)])

    @cached_property
    def times_s(self) -> tuple[float, ...]:
        """When each keyframe is met; never falling."""
        return tuple(float(time) for time in self._ends_s[: len(self.keyframes)])

    def n_frames(self, fps: float) -> int:
        """Return how many frames the path has; those of a loop do not show its start twice."""
        if not self.keyframes:
            return 0
        n = round(self.duration_s * fps)
        return max(1, n if self.is_loop else n + 1)

    def frame_time_s(self, index: int, fps: float) -> float:
        """Return the time of a frame; the frames lie evenly over the whole path, from its start."""
        n_steps = self.n_frames(fps) - (not self.is_loop)
        return self.duration_s * (index / n_steps) if n_steps > 0 else 0.0

    def frame_of(self, keyframe: int, fps: float) -> int:
        """Return the frame at which a keyframe is met, by its index."""
        n_steps = self.n_frames(fps) - (not self.is_loop)
        return round(self.times_s[keyframe] / self.duration_s * n_steps) if self.n_segments else 0

    # Where one is at a time.

    def position_at(self, time_s: float) -> dict[str, Array]:
        """Return the position at a time; a loop goes round, another path stays at its ends.

        At the times of its keyframes a path returns their very arrays. Raises ValueError without keyframes.
        """
        return self.route.at(self.progress_at(time_s))

    def progress_at(self, time_s: float) -> float:
        """Return where on the route one is: the index of a keyframe plus the share of the way to the next."""
        return float(self._progress(np.array([time_s], np.float64))[0])

    def _progress(self, times_s: Float64Array) -> Float64Array:
        if self.n_segments == 0:
            return np.zeros(len(times_s))
        ends, duration = self._ends_s, self.duration_s
        times = np.mod(times_s, duration) if self.is_loop else np.clip(times_s, 0.0, duration)
        segment = np.clip(np.searchsorted(ends, times, side="right") - 1, 0, self.n_segments - 1)
        width = ends[segment + 1] - ends[segment]
        u = np.clip((times - ends[segment]) / np.where(width > 0, width, 1.0), 0.0, 1.0)
        done = cubic_progress(u, *self._speeds[:, segment])
        if not self.is_paced:
            return segment + done
        share = (ends[segment] + done * width) / duration
        progress = np.interp(share, np.linspace(0.0, 1.0, len(self.pace)), self.pace) * self.n_segments
        return np.where(done <= 0, segment, np.clip(progress, segment, segment + 1))

    @cached_property
    def _speeds(self) -> Float64Array:
        """The speeds at start and end of each segment in units of its mean speed, (2, n_segments).

        Where nothing is eased, the speed at a keyframe of a smooth path is one and the same on both sides: the
        weighted harmonic mean of Fritsch and Butland (1984), with which time never runs back.
        """
        speeds = np.array([SPEEDS[keyframe.easing] for keyframe in self.keyframes[: self.n_segments]]).T
        if self.curve != "smooth" or self.is_paced:
            return speeds
        durations = np.array([keyframe.duration_s for keyframe in self.keyframes[: self.n_segments]])
        means = self.route.spline.intervals / durations
        for ahead in range(0 if self.is_loop else 1, self.n_segments):
            back = ahead - 1
            if speeds[1, back] and speeds[0, ahead]:
                weights = durations[back] + 2 * durations[ahead], 2 * durations[back] + durations[ahead]
                speed = sum(weights) / (weights[0] / means[back] + weights[1] / means[ahead])
                speeds[1, back], speeds[0, ahead] = speed / means[back], speed / means[ahead]
        return speeds

    def _clock_share(self, shares: Float64Array) -> Float64Array:
        """The shares of the whole duration at which shares of the route are reached."""
        return np.interp(shares, self.pace, np.linspace(0.0, 1.0, len(self.pace)))

    # Edits; each returns a new path.

    def inserted(self, index: int, keyframe: Keyframe) -> "KeyframePath":
        """Put a keyframe before the one at `index`; raises UserError where there are too many."""
        if len(self.keyframes) == MAX_KEYFRAMES:
            raise UserError(N_("A path can have at most {n} keyframes.").format(n=MAX_KEYFRAMES))
        return self._with_keyframes([*self.keyframes[:index], keyframe, *self.keyframes[index:]])

    def appended(self, keyframe: Keyframe) -> "KeyframePath":
        """Put a keyframe at the end."""
        return self.inserted(len(self.keyframes), keyframe)

    def replaced(self, index: int, position: Position) -> "KeyframePath":
        """Let a keyframe stand elsewhere."""
        moved = self._with_keyframe(index, replace(self.keyframes[index], position=position))
        return replace(moved, is_pace_current=False)

    def removed(self, index: int) -> "KeyframePath":
        """Leave a keyframe out; the times of the others after it stay, where the way now passes by."""
        keyframes = list(self.keyframes)
        gone = keyframes.pop(index)
        if 0 < index < len(keyframes) or (self.is_loop and index > 0):
            before = keyframes[index - 1]
            keyframes[index - 1] = replace(before, duration_s=_in_bounds(before.duration_s + gone.duration_s))
        return self._with_keyframes(keyframes)

    def moved(self, index: int, to: int) -> "KeyframePath":
        """Let a keyframe come at another place in the order; times and easing stay where they are."""
        positions = [keyframe.position for keyframe in self.keyframes]
        positions.insert(to, positions.pop(index))
        pairs = zip(self.keyframes, positions, strict=True)
        return self._with_keyframes([replace(keyframe, position=position) for keyframe, position in pairs])

    def retimed(self, index: int, duration_s: float) -> "KeyframePath":
        """Let the way from a keyframe to the next take so long; a pace gives way to the keyframes' own times."""
        path = self.unpaced()
        return path._with_keyframe(index, replace(path.keyframes[index], duration_s=_in_bounds(duration_s)))

    def retimed_at(self, index: int, time_s: float) -> "KeyframePath":
        """Meet a keyframe at another time, between its neighbours, which stay; the first is always met at 0.

        The last of an open path has only one neighbour, so that the whole gets longer or shorter.
        """
        if index == 0 or self.n_segments == 0:
            return self
        path, ends = self.unpaced(), self._ends_s
        before_s, has_next = ends[index - 1], index < self.n_segments
        latest_s = ends[index + 1] - MIN_DURATION_S if has_next else math.inf
        time_s = max(min(time_s, latest_s), before_s + MIN_DURATION_S)
        path = path.retimed(index - 1, time_s - before_s)
        return path.retimed(index, ends[index + 1] - time_s) if has_next else path

    def stretched(self, duration_s: float) -> "KeyframePath":
        """Let the whole take so long, each part its share."""
        if self.n_segments == 0:
            return self
        factor = duration_s / self.duration_s
        keyframes = [replace(k, duration_s=_in_bounds(k.duration_s * factor)) for k in self.keyframes]
        return replace(self, keyframes=tuple(keyframes))

    def with_easing(self, index: int, easing: Easing) -> "KeyframePath":
        """Ease the way from a keyframe to the next."""
        return self._with_keyframe(index, replace(self.keyframes[index], easing=easing))

    def with_curve(self, curve: Curve) -> "KeyframePath":
        """Go another way through the same keyframes."""
        return replace(self, curve=curve, is_pace_current=False)

    def looped(self, is_loop: bool) -> "KeyframePath":
        """Close the path, or open it."""
        return replace(self, is_loop=is_loop, pace=self._unmeasured_pace())

    def shifted(self, offsets: Mapping[str, Array]) -> "KeyframePath":
        """Move all keyframes alike: what a slider does while the path plays."""
        moved = tuple(replace(k, position=self._shift(k.position, offsets)) for k in self.keyframes)
        return replace(self, keyframes=moved, is_pace_current=False)

    def _shift(self, position: Position, offsets: Mapping[str, Array]) -> Position:
        moved = {name: shift(position[name], offset, self.rules[name]) for name, offset in offsets.items()}
        return {**position, **moved}

    def split_at(self, time_s: float) -> "KeyframePath":
        """Put a keyframe where one is at a time, which shares the way's duration; on another one, change nothing.

        A line and an arc keep their course; a smooth curve keeps all its keyframes.
        """
        if self.n_segments == 0:
            return self
        time_s = time_s % self.duration_s if self.is_loop else time_s
        index = int(np.clip(np.searchsorted(self._ends_s, time_s, side="right") - 1, 0, self.n_segments - 1))
        before_s, after_s = time_s - self._ends_s[index], self._ends_s[index + 1] - time_s
        if min(before_s, after_s) < MIN_DURATION_S:
            return self
        return self._split(index, before_s, after_s, self.position_at(time_s))

    def split_on_route(self, number: float) -> "KeyframePath":
        """Put a keyframe at a number on the route, 0 to n_segments; it shares the way's duration by that."""
        index = min(int(number), self.n_segments - 1)
        duration_s, share = self.unpaced().keyframes[index].duration_s, number - index
        return self._split(index, duration_s * share, duration_s * (1 - share), self.route.at(number))

    def _split(self, index: int, before_s: float, after_s: float, position: Position) -> "KeyframePath":
        path, easing = self.unpaced(), self.keyframes[index].easing
        starts: Easing = "in" if easing in ("in", "in_out") else "linear"
        stops: Easing = "out" if easing in ("out", "in_out") else "linear"
        first = Keyframe(path.keyframes[index].position, _in_bounds(before_s), starts)
        split = path._with_keyframe(index, first).inserted(index + 1, Keyframe(position, _in_bounds(after_s), stops))
        return replace(split, pace=self._unmeasured_pace())

    def paced(self, changes: Sequence[float] | Float64Array) -> "KeyframePath":
        """Walk at constant perceived speed.

        Args:
            changes: how much the picture changes over each of K equal pieces of the route, (K,), as measured at
                `route.stops(n)`; the pieces' lengths where nothing was measured yet.
        """
        n_times = min(PACE_TIMES_PER_PIECE * len(changes) + 1, MAX_PACE)
        pace = constant_speed(list(changes), n_times).astype(np.float64)
        pace[0], pace[-1] = EVEN_PACE
        return replace(self, pace=tuple(pace.tolist()), is_pace_current=True)

    def with_even_pace(self) -> "KeyframePath":
        """Walk at constant perceived speed, which is still to be measured: even along the route meanwhile."""
        return self if self.is_paced else replace(self, pace=EVEN_PACE)

    def without_pace(self) -> "KeyframePath":
        """Walk by the keyframes' own durations again."""
        return replace(self, pace=())

    def unpaced(self) -> "KeyframePath":
        """Let the keyframes have times of their own again: those at which they are met now."""
        if not self.is_paced:
            return self
        durations = np.diff(self._ends_s)
        timed = [replace(k, duration_s=_in_bounds(d)) for k, d in zip(self.keyframes, durations, strict=False)]
        return replace(self, keyframes=(*timed, *self.keyframes[self.n_segments :]), pace=())

    def _with_keyframe(self, index: int, keyframe: Keyframe) -> "KeyframePath":
        keyframes = list(self.keyframes)
        keyframes[index] = keyframe
        return replace(self, keyframes=tuple(keyframes))

    def _with_keyframes(self, keyframes: Sequence[Keyframe]) -> "KeyframePath":
        return replace(self, keyframes=tuple(keyframes), pace=self._unmeasured_pace())

    def _unmeasured_pace(self) -> Sequence[float]:
        """After a change of the course an old pace is wrong: an even one says that it is to be measured again."""
        return EVEN_PACE if self.is_paced else ()


def _in_bounds(duration_s: float) -> float:
    return float(min(max(duration_s, MIN_DURATION_S), MAX_DURATION_S))


def path_to_json(path: KeyframePath) -> dict[str, Any]:
    """Return the path as plain JSON values."""
    return {
        "keyframes": [
            {
                "position": {name: _array_to_json(array) for name, array in keyframe.position.items()},
                "duration_s": keyframe.duration_s,
                "easing": keyframe.easing,
            }
            for keyframe in path.keyframes
        ],
        "rules": dict(path.rules),
        "curve": path.curve,
        "is_loop": path.is_loop,
        "pace": [float(share) for share in (EVEN_PACE if path.needs_pace else path.pace)],
    }


def _array_to_json(array: Array) -> dict[str, Any]:
    return {"shape": list(np.shape(array)), "values": np.asarray(array, np.float32).ravel().tolist()}


def path_from_json(
    values: Any, rules: Mapping[str, Rule] | None = None, shapes: Mapping[str, tuple[int, ...]] | None = None
) -> KeyframePath:
    """Read a path; raises UserError where anything is amiss, or its arrays are not named as in `rules`.

    The path keeps the rules it was saved with. Where `shapes` are given, its arrays must have them.
    It has at most 500 keyframes and 1,048,576 numbers, none beyond a million; quaternions are not zero, and what
    changes by factors is positive.
    """
    try:
        _check_keys(values, {"keyframes", "rules", "curve", "is_loop", "pace"})
        own = {str(name): _one_of(rule, RULES) for name, rule in values["rules"].items()}
        if rules is not None:
            _check_keys(own, set(rules))
        is_small = len(own) <= MAX_ARRAYS and len(values["keyframes"]) <= MAX_KEYFRAMES
        if not is_small or not isinstance(values["keyframes"], list) or not isinstance(values["is_loop"], bool):
            raise ValueError(len(own))
        keyframes = tuple(_keyframe(keyframe, own) for keyframe in values["keyframes"])
        if sum(array.size for keyframe in keyframes for array in keyframe.position.values()) > MAX_NUMBERS:
            raise ValueError(len(keyframes))
        if keyframes and any(keyframes[0].position[name].shape != shape for name, shape in (shapes or {}).items()):
            raise ValueError(shapes)
        curve, pace = _one_of(values["curve"], CURVES), _pace(values["pace"])
        return KeyframePath(keyframes, own, curve, values["is_loop"], pace)
    except (TypeError, ValueError, KeyError, AttributeError, OverflowError) as error:
        raise UserError(N_("This saved path cannot be read.")) from error


def _keyframe(values: Any, rules: Mapping[str, Rule]) -> Keyframe:
    _check_keys(values, {"position", "duration_s", "easing"})
    _check_keys(values["position"], set(rules))
    position = {name: _array_from_json(values["position"][name], rule) for name, rule in rules.items()}
    return Keyframe(position, _number(values["duration_s"]), _one_of(values["easing"], EASINGS))


def _array_from_json(values: Any, rule: Rule) -> Array:
    _check_keys(values, {"shape", "values"})
    shape, numbers = tuple(values["shape"]), values["values"]
    is_shape = len(shape) <= MAX_DIMENSIONS and all(type(n) is int and 0 < n <= MAX_NUMBERS for n in shape)
    if not is_shape or not len(numbers) == math.prod(shape) <= MAX_NUMBERS:
        raise ValueError(shape)
    array = np.array([_number(number) for number in numbers], np.float32).reshape(shape)
    match rule:
        case "rotation":
            is_sound = shape[-1:] == (4,) and bool((np.linalg.norm(array, axis=-1) > MIN_SIZE).all())
        case "logarithmic":
            is_sound = bool((array > MIN_SIZE).all())
        case _:
            is_sound = True
    if not is_sound:
        raise ValueError(rule)
    return array


def _pace(values: Any) -> tuple[float, ...]:
    if not isinstance(values, list) or len(values) > MAX_PACE:
        raise TypeError(type(values))
    pace = tuple(_number(share) for share in values)
    if pace and not (len(pace) > 1 and (pace[0], pace[-1]) == EVEN_PACE and list(pace) == sorted(pace)):
        raise ValueError(len(pace))
    return pace


def _check_keys(values: Any, names: set[str]) -> None:
    if not isinstance(values, Mapping) or set(values) != names:
        raise ValueError(names)


def _number(value: Any) -> float:
    if type(value) not in (int, float) or not abs(value) <= MAX_SIZE:
        raise ValueError(type(value))
    return float(value)


def _one_of(value: Any, choices: Sequence[T]) -> T:
    """Return the choice that equals an unknown value."""
    return choices[choices.index(value)]
