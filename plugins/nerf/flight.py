"""The way from one camera to another that starts and ends slowly."""

from dataclasses import replace

import numpy as np

from studio.core.easing import cubic_progress
from studio.core.position import WAYS

from .camera import RULES, Camera, camera_from_position


class Flight:
    """A flight that takes so many seconds, of which none has passed.

    Args:
        is_eye_fixed: the eye stays where it is at the start; the camera only turns.
    """

    def __init__(self, start: Camera, end: Camera, seconds: float, is_eye_fixed: bool = False) -> None:
        self.start, self.end = start, end
        self.seconds, self.is_eye_fixed = seconds, is_eye_fixed
        self._passed_s = 0.0

    @property
    def is_over(self) -> bool:
        """Whether it has arrived."""
        return self._passed_s >= self.seconds

    def advance(self, dt_s: float) -> Camera:
        """Let time pass and return the camera there."""
        self._passed_s += dt_s
        return self.at(min(self._passed_s / self.seconds, 1.0))

    def at(self, share: float) -> Camera:
        """The camera after a share of the time, 0 to 1."""
        if share >= 1:
            return self.end
        done = float(cubic_progress(share, 0.0, 0.0))
        start, end = self.start.position(), self.end.position()
        camera = camera_from_position({name: WAYS[RULES[name]](start[name], end[name], done) for name in RULES})
        if not self.is_eye_fixed:
            return camera
        pivot = self.start.eye + camera.distance * camera.forward
        return replace(camera, pivot=pivot.astype(np.float32))
