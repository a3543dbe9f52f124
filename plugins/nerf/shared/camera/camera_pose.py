"""A camera that can be moved: turning, panning, walking, a speed that dies away, the way to another camera."""

import math
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from studio.core.path.easing import cubic_progress
from studio.core.path.position import WAYS

from . import rotation as quaternion
from .camera import MIN_DISTANCE, RULES, Array, Camera, camera_from_position
from .rotation import Angles, angles_of, rotation_of

Vector = npt.NDArray[np.float64]
NEAREST_RADII, FARTHEST_RADII, OUTERMOST_RADII = 0.01, 100.0, 1000.0
MAX_RADIUS = 900.0


class CameraFlight:
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


class Momentum:
    """Speeds that near wanted ones like 1 - e^(-t/τ); solved exactly, so that the length of a step does not matter.

    Args:
        size: how many speeds.
        still: a way so short that it is not seen; what would go on for less stands.
    """

    def __init__(self, size: int, still: float) -> None:
        self.speed: Vector = np.zeros(size)
        self.still = still

    def push(self, way: npt.ArrayLike, tau_s: float) -> None:
        """Give an impulse that carries so far until it has died away."""
        self.speed = self.speed + np.asarray(way, np.float64) / tau_s

    def stop(self) -> None:
        """Stand at once."""
        self.speed = np.zeros_like(self.speed)

    @property
    def is_moving(self) -> bool:
        """Whether there is any speed left."""
        return bool(self.speed.any())

    def advance(self, dt_s: float, wanted: npt.ArrayLike, tau_s: float) -> Vector:
        """Let time pass and return the way gone meanwhile.

        Args:
            wanted: the speeds that are held, 0 where nobody pushes.
            tau_s: after that time, 1/e of the difference is left.
        """
        target = np.asarray(wanted, np.float64)
        left = math.exp(-dt_s / tau_s)
        way = target * dt_s + (self.speed - target) * tau_s * (1 - left)
        self.speed = target + (self.speed - target) * left
        if not target.any() and np.abs(self.speed).max() * tau_s < self.still:
            self.stop()
        return np.asarray(way)


def bounded_radius(radius: float) -> float:
    """A radius that bounds and speeds can be measured by."""
    return float(np.clip(radius, MIN_DISTANCE / NEAREST_RADII, MAX_RADIUS))


class CameraPose:
    """A camera in double precision, with the ground under it and a viewport in front.

    Args:
        camera: where it stands first.
        radius: of the scene, in world units; it gives the bounds.
        up: the axis that points up.

    Attributes:
        is_level: turns keep the tilt of the horizon and end at 89°; else they are about the camera's own axes.
        width, height: of the viewport in the units of the pointer.
    """

    def __init__(self, camera: Camera, radius: float, up: npt.ArrayLike) -> None:
        self.radius = bounded_radius(radius)
        self.up: Array = np.asarray(up, np.float64)
        self.is_level = True
        self.width, self.height = 1.0, 1.0
        self.take(camera)

    def take(self, camera: Camera) -> None:
        """Stand where a camera stands."""
        self.rotation: Array = camera.rotation.astype(np.float64)
        self.pivot: Array = camera.pivot.astype(np.float64)
        self.distance, self.fov_y_rad = camera.distance, camera.fov_y_rad

    @property
    def camera(self) -> Camera:
        """The camera as it stands now."""
        rotation, pivot = self.rotation.astype(np.float32), self.pivot.astype(np.float32)
        return Camera(rotation, pivot, self.distance, self.fov_y_rad)

    @property
    def angles(self) -> Angles:
        """Azimuth and elevation of the camera about its pivot, and its roll."""
        return angles_of(self.rotation, self.up)

    @property
    def eye(self) -> Array:
        """Where the camera is."""
        return np.asarray(self.pivot + self.distance * self.axes[:, 2])

    @property
    def axes(self) -> Array:
        """The camera's axes in the world: columns right, up and backward."""
        return quaternion.matrix_of(self.rotation)

    def turn(self, azimuth: float, elevation: float, is_about_eye: bool) -> None:
        """Go round the pivot, or turn about the eye."""
        eye = self.eye
        if self.is_level:
            self.rotation = rotation_of(self.angles.turned(azimuth, elevation), self.up)
        elif azimuth or elevation:
            own = quaternion.about((-elevation, azimuth, 0.0), math.hypot(azimuth, elevation))
            self.rotation = quaternion.unit(quaternion.product(self.rotation, own))
        if is_about_eye:
            self.pivot = eye - self.distance * self.axes[:, 2]

    def roll(self, angle_rad: float) -> None:
        """Tilt the camera counter-clockwise, so that the picture turns clockwise."""
        self.rotation = quaternion.unit(quaternion.product(self.rotation, quaternion.about((0, 0, 1), angle_rad)))

    def pan(self, dx: float, dy: float) -> None:
        """Let the plane through the pivot follow the pointer."""
        right, up, _ = self.axes.T
        self._shift(self._unit_per_pixel * (dy * up - dx * right))

    def dolly(self, anchor: Array, log_factor: float) -> None:
        """Shrink or grow the way to a point by a factor, within bounds; the point stays where it is in the picture."""
        nearest = max(NEAREST_RADII * self.radius, MIN_DISTANCE)
        farthest = FARTHEST_RADII * self.radius
        distance = self.distance * math.exp(log_factor)
        distance = min(max(distance, min(nearest, self.distance)), max(farthest, self.distance))
        self._shift((1 - distance / self.distance) * (anchor - self.pivot))
        self.distance = distance

    def walk(self, right: float, up: float, forward: float) -> None:
        """Carry the camera along its own side, the world's up axis and its view."""
        axes = self.axes
        above = self.up if self.is_level else axes[:, 1]
        self._shift(right * axes[:, 0] + up * above - forward * axes[:, 2])

    def point(self, x: float, y: float, hit_distance: float | None) -> Array:
        """The point under a pixel of the viewport, so far from the eye; None for the plane through the pivot."""
        tangent = 2 * math.tan(self.fov_y_rad / 2) / self.height
        local = np.array([(x - self.width / 2) * tangent, (self.height / 2 - y) * tangent, -1.0])
        length = self.distance if hit_distance is None else hit_distance / float(np.linalg.norm(local))
        return np.asarray(self.eye + self.axes @ local * length)

    def angle_about_middle(self, x: float, y: float) -> float:
        """Where a pixel lies about the middle of the viewport, counter-clockwise from the right, in radians."""
        return math.atan2(self.height / 2 - y, x - self.width / 2)

    @property
    def _unit_per_pixel(self) -> float:
        return 2 * self.distance * math.tan(self.fov_y_rad / 2) / self.height

    def _shift(self, way: Array) -> None:
        bound = OUTERMOST_RADII * self.radius
        self.pivot = np.clip(self.pivot + way, -bound, bound)
