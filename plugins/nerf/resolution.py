"""How large a picture may be, so that moving stays smooth and resting gets sharp: by what was measured."""

import math
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from .frame_cost import FrameCost

Size: TypeAlias = tuple[int, int]
State: TypeAlias = Literal["moving", "resting"]

MARGIN = 0.92
MIN_HEIGHT, FIRST_HEIGHT, MULTIPLE = 96, 192, 8
LARGEST_CHANGE, SMALLEST_CHANGE = 0.2, 0.08
MEMORY = 0.85
LONGEST_REST_S = 30.0


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

    Attributes:
        target_fps: may be changed.
    """

    def __init__(self, target_fps: float = 30.0) -> None:
        self.target_fps = target_fps
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
        self._asked = fit(self._side**2, viewport)
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
        lowest = min(MIN_HEIGHT / height, 1.0) * math.sqrt(width * height)
        wanted = min(max(wanted, lowest), math.sqrt(width * height))
        if abs(wanted - self._side) > SMALLEST_CHANGE * self._side:
            low, high = self._side * (1 - LARGEST_CHANGE), self._side * (1 + LARGEST_CHANGE)
            self._side = min(max(wanted, low), high)


def _mean(old: float | None, value: float) -> float:
    """A mean in which a value counts less with every one that follows."""
    return value if old is None else MEMORY * old + (1 - MEMORY) * value


def fit(rays: float, viewport: Size) -> Size:
    """The size with about so many rays and a viewport's shape: multiples of 8, at least 96 high, at most all of it."""
    width, height = viewport
    wanted = max(math.sqrt(rays * height / width), MIN_HEIGHT)
    if wanted >= height:
        return viewport
    rounded = max(MULTIPLE * round(wanted / MULTIPLE), MIN_HEIGHT)
    if rounded >= height:
        return viewport
    return min(max(MULTIPLE * round(rounded * width / height / MULTIPLE), MULTIPLE), width), rounded
