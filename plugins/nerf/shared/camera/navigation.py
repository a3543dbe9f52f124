"""The hand on the camera: what pointer, wheel and keys do to it as time goes by, the same for every frame rate."""

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from .camera import Array, Camera, look_at
from .camera_pose import CameraFlight, CameraPose, Momentum, bounded_radius
from .rotation import Angles, angles_of, rotation_of

Drag: TypeAlias = Literal["orbit", "pan", "roll", "look"]
Mode: TypeAlias = Literal["orbit", "fly"]
View: TypeAlias = Literal["front", "side", "top"]

Z_UP, Y_UP = (0.0, 0.0, 1.0), (0.0, 1.0, 0.0)
VIEWS: dict[View, Angles] = {
    "front": Angles(-math.pi / 2, 0.0),
    "side": Angles(0.0, 0.0),
    "top": Angles(-math.pi / 2, math.pi / 2),
}
# The arrows carry the camera to that side when it turns about the pivot, and its view when it turns about the eye.
TURN_KEYS = {"left": (-1.0, 0.0), "right": (1.0, 0.0), "up": (0.0, 1.0), "down": (0.0, -1.0)}
ROLL_KEYS = {"z": (1.0,), "c": (-1.0,)}
DOLLY_KEYS = {"+": (-1.0,), "-": (1.0,)}
WALK_KEYS = {
    "d": (1.0, 0.0, 0.0),
    "a": (-1.0, 0.0, 0.0),
    "e": (0.0, 1.0, 0.0),
    "q": (0.0, -1.0, 0.0),
    "w": (0.0, 0.0, 1.0),
    "s": (0.0, 0.0, -1.0),
}
FASTER_KEY = "shift"
KEYS = {*TURN_KEYS, *ROLL_KEYS, *DOLLY_KEYS, *WALK_KEYS, FASTER_KEY}

ORBIT_RAD_PER_HEIGHT = 2 * math.pi
FOLLOW_S, MOMENTUM_S, DOLLY_S, WALK_S = 0.04, 0.25, 0.08, 0.12
TURN_RAD_PER_S, ROLL_RAD_PER_S, DOLLY_PER_S = 1.4, 1.0, 1.2
DOLLY_STEP = 0.85
FLY_RADII_PER_S, SLOWEST, FASTEST, FASTER_FACTOR, SPEED_STEP = 0.6, 0.02, 50.0, 4.0, 1.2
FLIGHT_S, PIVOT_FLIGHT_S = 0.6, 0.35
SUBSTEP_S = 0.01
STILL = 2e-4


class Navigator:
    """A camera in somebody's hand. The caller brings the pointer's pixels and the time that passed.

    Args:
        home: where `reset` flies to.
        radius: of the scene, in world units; speeds and bounds are measured by it.
        up: the axis that points up, `Z_UP` or `Y_UP` as a rule.

    Attributes:
        home: as given; may be replaced.
        mode: "orbit" turns about the pivot; "fly" turns about the eye and walks.
        speed: of walking, in world units a second.
    """

    def __init__(self, home: Camera, radius: float, up: npt.ArrayLike = Z_UP) -> None:
        self.home = home
        self.mode: Mode = "orbit"
        self._stance = CameraPose(home, radius, up)
        self.speed = FLY_RADII_PER_S * self._stance.radius
        self._turning, self._rolling = Momentum(2, STILL), Momentum(1, STILL)
        self._dollying, self._walking = Momentum(1, STILL), Momentum(3, STILL * self._stance.radius)
        self._anchor: Array = self._stance.pivot
        self._keys: set[str] = set()
        self._drag: Drag | None = None
        self._pointer = (0.0, 0.0)
        self._flight: CameraFlight | None = None
        self._has_changed = False

    @property
    def camera(self) -> Camera:
        """Where the camera is now."""
        return self._stance.camera

    @property
    def angles(self) -> Angles:
        """Azimuth and elevation of the camera about its pivot, and its roll."""
        return self._stance.angles

    @property
    def is_moving(self) -> bool:
        """Whether time alone moves the camera: it flies, glides, or a key is held."""
        glides = (self._turning, self._rolling, self._dollying, self._walking)
        return self._flight is not None or any(glide.is_moving for glide in glides) or bool(self._keys - {FASTER_KEY})

    @property
    def is_level(self) -> bool:
        """Whether turns keep the horizon's tilt and end at 89°; else they are about the camera's own axes."""
        return self._stance.is_level

    # At once

    def measure(self, radius: float) -> None:
        """The scene turned out to have another radius, in world units."""
        self._stance.radius = bounded_radius(radius)
        self.speed = FLY_RADII_PER_S * self._stance.radius

    def resize(self, width: float, height: float) -> None:
        """Tell the size of the viewport, in the units in which the pointer is told."""
        self._stance.width, self._stance.height = max(width, 1.0), max(height, 1.0)

    def jump(self, camera: Camera) -> None:
        """Be somewhere else at once; every motion ends."""
        self.stop()
        self._stance.take(camera)
        self._has_changed = True

    def stop(self) -> None:
        """End every motion here; what is held stays held."""
        self._flight = None
        for glide in (self._turning, self._rolling, self._dollying, self._walking):
            glide.stop()

    def set_mode(self, mode: Mode) -> None:
        """Turn about the pivot, or fly; every motion and hold ends."""
        self.stop()
        self.let_go()
        self.mode = mode

    def set_level(self, is_level: bool) -> None:
        """Hold the horizon, which is brought back to level, or let the camera turn freely."""
        self._stance.is_level = is_level
        if is_level and abs(self.angles.roll) > STILL:
            self.level()

    def set_up(self, up: npt.ArrayLike) -> None:
        """Let another axis point up; the camera turns until its horizon is level again."""
        self._stance.up = np.asarray(up, np.float64)
        self.level()

    # The pointer

    def press(self, kind: Drag, x: float, y: float) -> None:
        """Take hold: what glides or flies stands; who walks goes on."""
        self._flight = None
        for glide in (self._turning, self._rolling, self._dollying):
            glide.stop()
        self._drag, self._pointer = kind, (x, y)

    def move(self, x: float, y: float) -> None:
        """Bring the pointer elsewhere; without a hold, nothing happens."""
        (old_x, old_y), self._pointer = self._pointer, (x, y)
        dx, dy, stance = x - old_x, y - old_y, self._stance
        match self._drag:
            case None:
                return
            case "orbit":
                rad_per_pixel = ORBIT_RAD_PER_HEIGHT / stance.height
                self._turning.push((-dx * rad_per_pixel, dy * rad_per_pixel), FOLLOW_S)
                return
            case "pan":
                stance.pan(dx, dy)
            case "look":
                rad_per_pixel = stance.fov_y_rad / stance.height
                stance.turn(-dx * rad_per_pixel, dy * rad_per_pixel, True)
            case "roll":
                stance.roll(stance.angle_about_middle(old_x, old_y) - stance.angle_about_middle(x, y))
        self._has_changed = True

    def release(self) -> None:
        """Let go; a turn goes on with the speed that it has, and dies away."""
        self._drag = None

    def wheel(self, steps: float, x: float, y: float, hit_distance: float | None = None) -> None:
        """Come nearer by so many notches to what is under the pointer, which stays there; when flying, go faster.

        Args:
            steps: parts of a notch on touch pads; positive comes nearer.
            hit_distance: from the eye to the surface there; None where nothing is, for the plane of the pivot.
        """
        if self.mode == "fly":
            radius = self._stance.radius
            self.speed = float(np.clip(self.speed * SPEED_STEP**steps, SLOWEST * radius, FASTEST * radius))
            return
        self._flight = None
        self._anchor = self._stance.point(x, y, hit_distance)
        self._dollying.push(steps * math.log(DOLLY_STEP), DOLLY_S)

    def point_under(self, x: float, y: float, hit_distance: float) -> tuple[float, float, float]:
        """The point of the world under a pixel of the viewport, so far from the eye."""
        point = self._stance.point(x, y, hit_distance)
        return float(point[0]), float(point[1]), float(point[2])

    def set_pivot(self, x: float, y: float, hit_distance: float | None) -> bool:
        """Turn to the surface under the pointer and about it from now on; False where nothing is, or too near."""
        if hit_distance is None or hit_distance < 1e-3 * self._stance.radius:
            return False
        stance = self._stance
        camera = look_at(stance.eye, stance.point(x, y, hit_distance), stance.fov_y_rad, stance.up)
        angles = replace(angles_of(camera.rotation, stance.up), roll=self.angles.roll)
        self.fly_to(replace(camera, rotation=self._rotation(angles)), PIVOT_FLIGHT_S, is_eye_fixed=True)
        return True

    # Keys

    def key_down(self, name: str) -> bool:
        """Hold a key, told by its name in lower case; says whether it means anything now."""
        if name not in (KEYS if self.mode == "fly" else KEYS - set(WALK_KEYS)):
            return False
        if name in DOLLY_KEYS:
            self._anchor = self._stance.pivot
        if name != FASTER_KEY:
            self._flight = None
        self._keys.add(name)
        return True

    def key_up(self, name: str) -> None:
        """Let a key go."""
        self._keys.discard(name)

    def let_go(self) -> None:
        """Let go of keys and pointer, as when the window loses the keyboard."""
        self._keys.clear()
        self.release()

    # Flights

    def fly_to(self, camera: Camera, seconds: float = FLIGHT_S, is_eye_fixed: bool = False) -> None:
        """Go to another camera, slowly at both ends; with the eye fixed, only turn."""
        if seconds <= 0:
            self.jump(camera)
            return
        self.stop()
        self._flight = CameraFlight(self.camera, camera, seconds, is_eye_fixed)

    def reset(self) -> None:
        """Fly home."""
        self.fly_to(self.home)

    def fly_to_view(self, view: View) -> None:
        """Look at the middle of the scene from one of its sides, from as far away as at home."""
        self.fly_to(replace(self.home, rotation=self._rotation(VIEWS[view])))

    def level(self) -> None:
        """Bring the horizon back to level."""
        rotation = self._rotation(replace(self.angles, roll=0.0))
        self.fly_to(replace(self.camera, rotation=rotation), is_eye_fixed=self.mode == "fly")

    def _rotation(self, angles: Angles) -> npt.NDArray[np.float32]:
        return rotation_of(angles, self._stance.up).astype(np.float32)

    # Time

    def advance(self, dt_s: float) -> bool:
        """Let time pass; says whether the camera is somewhere else than at the last call."""
        if self._flight is not None:
            self._stance.take(self._flight.advance(dt_s))
            self._flight = None if self._flight.is_over else self._flight
            self._has_changed = True
        elif self.is_moving and dt_s > 0:
            n_steps = math.ceil(dt_s / SUBSTEP_S)
            for _ in range(n_steps):
                self._step(dt_s / n_steps)
        has_changed, self._has_changed = self._has_changed, False
        return has_changed

    def _step(self, dt_s: float) -> None:
        """Half of each turn, the whole way, the other halves in return: of second order (Strang 1968)."""
        self._turn_on(dt_s / 2)
        self._roll_on(dt_s / 2)
        (log_factor,) = self._dollying.advance(dt_s, self._held(DOLLY_KEYS, 1) * DOLLY_PER_S, DOLLY_S)
        walked = self._walking.advance(dt_s, self._held(WALK_KEYS, 3) * self._speed_now, WALK_S)
        if log_factor:
            self._stance.dolly(self._anchor, log_factor)
        if walked.any():
            self._stance.walk(walked[0], walked[1], walked[2])
        self._has_changed |= bool(log_factor or walked.any())
        self._roll_on(dt_s / 2)
        self._turn_on(dt_s / 2)

    def _turn_on(self, dt_s: float) -> None:
        tau_s, is_flying = FOLLOW_S if self._drag == "orbit" else MOMENTUM_S, self.mode == "fly"
        held = self._held(TURN_KEYS, 2) * (-TURN_RAD_PER_S if is_flying else TURN_RAD_PER_S)
        turned = self._turning.advance(dt_s, held, tau_s)
        if turned.any():
            self._stance.turn(turned[0], turned[1], is_flying)
            self._has_changed = True

    def _roll_on(self, dt_s: float) -> None:
        (rolled,) = self._rolling.advance(dt_s, self._held(ROLL_KEYS, 1) * ROLL_RAD_PER_S, MOMENTUM_S)
        if rolled:
            self._stance.roll(rolled)
            self._has_changed = True

    @property
    def _speed_now(self) -> float:
        return self.speed * (FASTER_FACTOR if FASTER_KEY in self._keys else 1.0)

    def _held(self, keys: Mapping[str, tuple[float, ...]], size: int) -> Array:
        """The sum of what the held keys push."""
        return np.sum([push for name, push in keys.items() if name in self._keys], axis=0) + np.zeros(size)
