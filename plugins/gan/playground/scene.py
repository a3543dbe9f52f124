"""What a person has set in the playground: what is forged, how the two learn, how fast, and what a run begins with."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np

from studio.core.seed import MAX_SEED
from studio.core.translation import N_
from studio.core.view import State

from .frames import preset, start_of
from .model.network import Floats
from .model.target import MAX_PAINTED, OWN, TITLES, Target
from .params import PlaygroundSettings, settings_from_json, settings_to_json, unfit

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
SPEED_TEXTS: Final = {"slow": N_("Slow"), "calm": N_("Calm"), "normal": N_("Normal"), "fast": N_("Fast")}
COLLAPSE_SEED: Final = 2
COLLAPSE: Final = PlaygroundSettings(forger_rate=1e-2, detective_rate=5e-4)
"""The generator runs after each answer of a discriminator that is far too slow: it makes one thing at a time."""


@dataclass(frozen=True, eq=False)
class PlaygroundScene:
    """One state of the panel; never changed, only replaced.

    Attributes:
        name: a preset, or "own" for the painted points.
        painted: float32 (N, 2), kept also while a preset is chosen.
        is_learnt: whether the run begins with the shipped pair.
        n_run: another number means another run.
    """

    seed: int = 1
    name: str = "ring"
    painted: Floats = field(default_factory=lambda: np.zeros((0, 2), np.float32))
    settings: PlaygroundSettings = field(default_factory=PlaygroundSettings)
    speed: str = "normal"
    is_learnt: bool = False
    n_run: int = 0

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

    def start(self) -> State:
        """What its run starts from."""
        return start_of(self.settings, self.target, self.stride, self.is_learnt)


def collapsing(scene: PlaygroundScene) -> PlaygroundScene:
    """The same scene where the generator is sure to collapse."""
    return scene.anew(seed=COLLAPSE_SEED, name="ring", settings=COLLAPSE)


def scene_to_json(scene: PlaygroundScene) -> dict[str, Any]:
    """The scene as plain JSON values; painted points to a thousandth."""
    return {
        "seed": scene.seed,
        "name": scene.name,
        "painted": [[round(float(value), N_DECIMALS) for value in point] for point in scene.painted],
        "settings": settings_to_json(scene.settings),
        "speed": scene.speed,
        "is_learnt": scene.is_learnt,
        "n_run": scene.n_run,
    }


def scene_from_json(values: Any) -> PlaygroundScene:
    """Read what `scene_to_json` gave; raises UserError where it is unsound."""
    if not isinstance(values, Mapping) or set(values) != set(PlaygroundScene.__dataclass_fields__):
        raise unfit()
    seed, n_run, name, speed = (values[key] for key in ("seed", "n_run", "name", "speed"))
    is_sound = type(seed) is int and 0 <= seed <= MAX_SEED and type(n_run) is int and 0 <= n_run <= MAX_RUNS
    if not is_sound or not isinstance(values["is_learnt"], bool) or name not in TITLES or speed not in SPEEDS:
        raise unfit()
    painted = painted_from_json(values["painted"])
    return PlaygroundScene(
        seed, name, painted, settings_from_json(values["settings"]), speed, values["is_learnt"], n_run
    )


def painted_from_json(values: Any) -> Floats:
    """Painted points (N, 2); raises UserError where they are none, too many or outside of the square."""
    if not isinstance(values, list) or len(values) > MAX_PAINTED:
        raise unfit()
    try:
        painted = np.array(values, np.float32).reshape(len(values), 2)
    except (TypeError, ValueError, OverflowError) as error:
        raise unfit() from error
    Target(OWN, painted)  # checks where they lie
    return painted
