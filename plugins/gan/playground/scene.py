"""What a person has set in the playground: what is forged, how the two learn, how fast, and what a run begins with."""

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from studio.core.scene_codec import SceneCodec, Stored, decimal_rows, flag, one_of, stored, whole
from studio.core.seed import MAX_SEED
from studio.core.translation import N_
from studio.core.view import State

from .frames import PlaygroundMoment, preset, start_of
from .model.network import Floats
from .model.target import OWN, TITLES, Target, check_painted
from .params import STORED_SETTINGS, PlaygroundParams, PlaygroundSettings

N_DECIMALS: Final = 3
MAX_RUNS: Final = 10**6


@dataclass(frozen=True)
class PlaygroundSpeed:
    """A frame every `interval_ms`, with `stride` steps of learning in it."""

    interval_ms: int
    stride: int


SPEEDS: Final = {
    "slow": PlaygroundSpeed(500, 1),
    "calm": PlaygroundSpeed(80, 2),
    "normal": PlaygroundSpeed(80, 25),
    "fast": PlaygroundSpeed(80, 80),
}
SPEED_TEXTS: Final = {"slow": N_("Slow"), "calm": N_("Gentle"), "normal": N_("Normal"), "fast": N_("Fast")}
COLLAPSE_SEED: Final = 2
COLLAPSE: Final = PlaygroundSettings(forger_rate=1e-2, detective_rate=5e-4)
"""The generator runs after each answer of a discriminator that is far too slow: it makes one thing at a time."""


def _painted(values: Any) -> Floats:
    points = np.array(values, np.float32).reshape(len(values), 2)
    check_painted(points)
    return points


_PAINTED: Final = Stored(lambda points: decimal_rows(points, N_DECIMALS), _painted)


@dataclass(frozen=True, eq=False)
class PlaygroundScene:
    """One state of the panel; never changed, only replaced.

    Attributes:
        name: a preset, or "own" for the painted points.
        painted: float32 (N, 2), kept also while a preset is chosen.
        is_learnt: whether the run begins with the shipped pair.
        n_run: another number means another run.
    """

    seed: int = stored(whole(0, MAX_SEED), default=1)
    name: str = stored(one_of(TITLES), default="ring")
    painted: Floats = stored(_PAINTED, default_factory=lambda: np.zeros((0, 2), np.float32))
    settings: PlaygroundSettings = stored(STORED_SETTINGS, default_factory=PlaygroundSettings)
    speed: str = stored(one_of(SPEEDS), default="normal")
    is_learnt: bool = stored(flag(), default=False)
    n_run: int = stored(whole(0, MAX_RUNS), default=0)

    @property
    def params(self) -> PlaygroundParams:
        """Which run it is; how the two learn travels as the state."""
        return PlaygroundParams(seed=self.seed)

    @property
    def target(self) -> Target:
        """What the generator has to imitate."""
        return Target(OWN, self.painted) if self.name == OWN else preset(self.name)

    @property
    def stride(self) -> int:
        """Steps of learning in a frame."""
        return SPEEDS[self.speed].stride

    def anew(self, **changes: Any) -> "PlaygroundScene":
        """The same scene with other values, as another run from an untrained pair."""
        return replace(self, **{"is_learnt": False, **changes}, n_run=self.n_run + 1)

    def at(self, moment: PlaygroundMoment) -> "PlaygroundScene":
        """The same with the settings and the shape that a moment of a run has; painted points stay under a preset."""
        target = moment.target
        painted = target.painted if target.name == OWN and target.painted is not None else self.painted
        return replace(self, settings=moment.settings, name=target.name, painted=painted)

    def start(self) -> State:
        """What its run starts from."""
        return start_of(self.settings, self.target, self.stride, self.is_learnt)


def collapsing(scene: PlaygroundScene) -> PlaygroundScene:
    """The same scene where the generator is sure to collapse."""
    return scene.anew(seed=COLLAPSE_SEED, name="ring", settings=COLLAPSE)


CODEC: Final = SceneCodec(PlaygroundScene)
