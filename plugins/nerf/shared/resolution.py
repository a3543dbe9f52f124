"""How large a picture may be, so that moving stays smooth and resting gets sharp: by measured costs."""

import math
from collections import deque
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import numpy as np

N_DISCARDED = 2
UNIT_RAYS = 65536.0
OVERHEAD_DRIFT, RAY_DRIFT = 0.003, 0.02
FIRST_NOISE, LEAST_NOISE, MOST_NOISE, NOISE_MEMORY = 0.1, 0.03, 0.25, 0.9
JUMP, MOST_DEVIATION, N_LASTING, N_SIGMAS = 0.3, 0.5, 3, 2.5
Size: TypeAlias = tuple[int, int]
State: TypeAlias = Literal["moving", "resting"]

MARGIN = 0.92
MIN_HEIGHT, FIRST_HEIGHT, MULTIPLE = 96, 192, 8
LARGEST_CHANGE, SMALLEST_CHANGE = 0.2, 0.08
MEMORY = 0.85
LONGEST_REST_S = 30.0


class FrameCost:
    """seconds = overhead + per_ray * rays, followed by a Kalman filter, picture by picture.

    The time of a ray may change from picture to picture by 8 %, since views differ; the overhead hardly changes.
    Therefore pictures of one size move the one, and only pictures of different sizes move the other: the size that
    somebody chooses by this does not come back as a change of the cost. A hitch counts little, unless three follow each
    other. The first pictures, in which things are still loaded, do not count.
    """

    def __init__(self) -> None:
        self._n_noted = 0
        self._state = np.zeros(2)
        self._covariance = np.zeros((2, 2))
        self._noise = FIRST_NOISE
        self._deviations: deque[float] = deque(maxlen=N_LASTING)

    @property
    def is_known(self) -> bool:
        """Whether a picture counted already."""
        return self._n_noted > N_DISCARDED

    @property
    def overhead_s(self) -> float:
        """Seconds that any picture takes."""
        return float(self._state[0])

    @property
    def per_ray_s(self) -> float:
        """Seconds that each ray adds."""
        return float(self._state[1]) / UNIT_RAYS

    def seconds(self, rays: float) -> float:
        """How long a picture of so many rays is going to take."""
        return self.overhead_s + self.per_ray_s * rays

    def rays(self, seconds: float) -> float:
        """How many rays fit into a time; where the overhead takes most of it, those that take half as long as it.

        Fewer would not make it fast, only ugly.
        """
        return max(seconds - self.overhead_s, self.overhead_s / 2) / self.per_ray_s

    def note(self, rays: int, seconds: float) -> None:
        """Learn from a picture that was drawn."""
        if rays <= 0 or not 0 < seconds < math.inf:
            return
        self._n_noted += 1
        if self._n_noted == N_DISCARDED + 1:
            self._begin(rays / UNIT_RAYS, seconds)
        elif self.is_known:
            self._correct(rays / UNIT_RAYS, seconds)

    def _begin(self, units: float, seconds: float) -> None:
        self._state = np.array([0.2 * seconds, 0.8 * seconds / units])
        self._covariance = np.diag([(0.5 * seconds) ** 2, (0.5 * seconds / units) ** 2])

    def _correct(self, units: float, seconds: float) -> None:
        factors = np.array([1.0, units])
        predicted = float(factors @ self._state)
        deviation = seconds / predicted - 1
        is_lasting = self._is_lasting(deviation)
        noise = self._noise_at(deviation, is_lasting)
        drift = np.array([OVERHEAD_DRIFT * predicted, (JUMP if is_lasting else RAY_DRIFT) * self._state[1]])
        covariance = self._covariance + np.diag(drift**2)
        gain = covariance @ factors / (factors @ covariance @ factors + (noise * predicted) ** 2)
        state = self._state + gain * min(deviation, MOST_DEVIATION) * predicted
        self._state = np.maximum(state, [0.0, 0.05 * self._state[1]])
        self._covariance = covariance - np.outer(gain, factors @ covariance)

    def _is_lasting(self, deviation: float) -> bool:
        """Whether the last three were far off, all to one side."""
        self._deviations.append(deviation)
        far = [value > 0 for value in self._deviations if abs(value) > JUMP]
        return len(far) == N_LASTING and len(set(far)) == 1

    def _noise_at(self, deviation: float, is_lasting: bool) -> float:
        """The deviation that is usual here; more for a hitch, which thereby counts less (Huber 1964)."""
        bound = N_SIGMAS * self._noise
        usual = min(abs(deviation), bound)
        noise = math.sqrt(NOISE_MEMORY * self._noise**2 + (1 - NOISE_MEMORY) * usual**2)
        self._noise = min(max(noise, LEAST_NOISE), MOST_NOISE)
        return self._noise * (1.0 if is_lasting else max(abs(deviation) / bound, 1.0))


@dataclass(frozen=True)
class Figures:
    """What was measured; None where nothing was yet.

    Attributes:
        fps: pictures a second that were shown while the camera moved.
        draft, full: width and height in pixels of the last picture in motion and the last one at rest.
        full_seconds: from the camera's rest until that one stood.
        samples_per_ray: places of the field that were looked at.
    """

    fps: float | None = None
    draft: Size | None = None
    full: Size | None = None
    full_seconds: float | None = None
    samples_per_ray: float | None = None


class Resolution:
    """Chooses the size of pictures in motion and at rest. Viewports are told in the screen's own pixels.

    Args:
        target_fps: pictures a second to aim at in motion.
        least_height: in pixels, of a picture in motion, where the viewport is not lower.

    Attributes:
        target_fps: may be changed.
    """

    def __init__(self, target_fps: float = 30.0, least_height: int = MIN_HEIGHT) -> None:
        self.target_fps = target_fps
        self._least_height = least_height
        self._viewport: Size = (FIRST_HEIGHT, FIRST_HEIGHT)
        self.restart()

    def restart(self) -> None:
        """Forget what was measured: from now on, other things are drawn, or in another way."""
        self._costs: dict[State, FrameCost] = {"moving": FrameCost(), "resting": FrameCost()}
        self._side = float(FIRST_HEIGHT)  # of a square with as many rays as a picture in motion has
        self._asked: Size | None = None
        self._figures = Figures()

    def moving_size(self, viewport: Size) -> Size:
        """Width and height of a picture in motion: multiples of 8, or all of the viewport."""
        self._viewport = viewport
        self._asked = fit(self._side**2, viewport, self._least_height)
        return self._asked

    def resting_size(self, viewport: Size) -> Size:
        """Width and height of the picture at rest: the viewport, unless that would take more than 30 s."""
        cost = self._costs["resting"]
        return fit(cost.rays(LONGEST_REST_S), viewport) if cost.is_known else viewport

    def note(self, state: State, rays: int, seconds: float, samples: int) -> None:
        """Learn from a picture, or a pass of one, that took so long to draw.

        Args:
            samples: places of the field that were looked at, all rays together.
        """
        self._costs[state].note(rays, seconds)
        if rays > 0:
            mean = _mean(self._figures.samples_per_ray, samples / rays)
            self._figures = replace(self._figures, samples_per_ray=mean)
        if state == "moving":
            if self._asked is not None and self._asked[0] * self._asked[1] == rays:
                self._figures = replace(self._figures, draft=self._asked)
            self._adapt()

    def note_interval(self, seconds: float) -> None:
        """Tell how long after the one before it a picture in motion was shown."""
        if seconds > 0:
            fps = self._figures.fps
            self._figures = replace(self._figures, fps=1 / _mean(None if fps is None else 1 / fps, seconds))

    def note_shown(self, size: Size) -> None:
        """Tell that a picture in motion had this size and cost this program nothing: a graphics card drew it."""
        self._figures = replace(self._figures, draft=size)

    def note_full(self, size: Size, seconds: float) -> None:
        """Tell that the whole picture at rest stood so long after the camera did."""
        self._figures = replace(self._figures, full=size, full_seconds=seconds)

    def figures(self) -> Figures:
        """What was measured until now."""
        return self._figures

    def _adapt(self) -> None:
        cost = self._costs["moving"]
        if not cost.is_known:
            return
        wanted = math.sqrt(cost.rays(MARGIN / self.target_fps))
        width, height = self._viewport
        lowest = min(self._least_height / height, 1.0) * math.sqrt(width * height)
        wanted = min(max(wanted, lowest), math.sqrt(width * height))
        if abs(wanted - self._side) > SMALLEST_CHANGE * self._side:
            low, high = self._side * (1 - LARGEST_CHANGE), self._side * (1 + LARGEST_CHANGE)
            self._side = min(max(wanted, low), high)


def _mean(old: float | None, value: float) -> float:
    """A mean in which a value counts less with every one that follows."""
    return value if old is None else MEMORY * old + (1 - MEMORY) * value


def fit(rays: float, viewport: Size, least: int = MIN_HEIGHT) -> Size:
    """The size with about so many rays and a viewport's shape: multiples of 8, `least` high, at most all of it."""
    width, height = viewport
    wanted = max(math.sqrt(rays * height / width), least)
    if wanted >= height:
        return viewport
    rounded = max(MULTIPLE * round(wanted / MULTIPLE), least)
    if rounded >= height:
        return viewport
    return min(max(MULTIPLE * round(rounded * width / height / MULTIPLE), MULTIPLE), width), rounded
