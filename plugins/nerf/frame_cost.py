"""What a picture costs on this machine: a part for any picture, and a part for each of its rays."""

import math
from collections import deque

import numpy as np

N_DISCARDED = 2
UNIT_RAYS = 65536.0
OVERHEAD_DRIFT, RAY_DRIFT = 0.003, 0.02
FIRST_NOISE, LEAST_NOISE, MOST_NOISE, NOISE_MEMORY = 0.1, 0.03, 0.25, 0.9
JUMP, MOST_DEVIATION, N_LASTING, N_SIGMAS = 0.3, 0.5, 3, 2.5


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
