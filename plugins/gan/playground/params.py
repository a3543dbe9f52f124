"""How generator and discriminator learn in the playground: everything that a hand may change while they do."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from studio.core.error import UserError
from studio.core.param import ParamSpec, count_param, make_params, param, param_specs, params_to_json, seed_param
from studio.core.scene_codec import UNFIT_STATE, Stored
from studio.core.translation import N_

LOSSES: Final = ("non_saturating", "minimax", "wasserstein")
LEARNERS: Final = ("both", "forger", "detective")
OPTIMISERS: Final = ("adam", "sgd")
NOISES: Final = ("gaussian", "uniform")
LOW_RATE: Final = 1e-5
HIGH_RATE: Final = 0.1
Numbers: TypeAlias = npt.NDArray[np.float64]


def forger_rate() -> Any:
    """Declares how fast the generator learns, in a run and in a training alike."""
    return _rate(2e-3, N_("Forger’s speed"), N_("How far the forger changes in a step (learning rate)."))


def detective_rate() -> Any:
    """The same of the discriminator."""
    return _rate(6e-3, N_("Detective’s speed"), N_("How far the detective changes in a step (learning rate)."))


def _rate(default: float, label: str, about: str) -> Any:
    return param(default, label=label, help=about, low=LOW_RATE, high=HIGH_RATE)


@dataclass(frozen=True)
class PlaygroundSettings:
    """What the next step does; a step is `n_detective` steps of the discriminator, then one of the generator."""

    loss: str = param(
        "non_saturating",
        label=N_("Loss"),
        help=N_("What the two compete for: each improves this number for itself at the other’s cost."),
        choices=LOSSES,
    )
    learner: str = param(
        "both", label=N_("Who learns"), help=N_("The one that does not learn stays as it is."), choices=LEARNERS
    )
    forger_rate: float = forger_rate()
    detective_rate: float = detective_rate()
    n_detective: int = count_param(
        N_("Detective’s turns"), N_("How many steps the detective takes before each step of the forger."), 1, 10
    )
    batch: int = param(
        128,
        label=N_("Points"),
        help=N_("How many real and how many fake points each step looks at (batch size)."),
        low=8,
        high=512,
        step=8,
    )
    optimiser: str = param(
        "adam",
        label=N_("Method"),
        help=N_("How a gradient becomes a step: Adam adapts it to each weight, SGD goes straight downhill."),
        choices=OPTIMISERS,
    )
    noise: str = param(
        "gaussian",
        label=N_("Forger’s noise"),
        help=N_("What the forger makes its points from: a round cloud of noise, or an even square of it."),
        choices=NOISES,
    )


SPECS: Final = param_specs(PlaygroundSettings)


def _settings_from_json(values: Mapping[str, Any]) -> PlaygroundSettings:
    if set(values) != set(SPECS):
        raise ValueError(sorted(values))
    return make_params(PlaygroundSettings, values)


STORED_SETTINGS: Final = Stored(params_to_json, _settings_from_json)
"""How settings are saved: all of them, since a run that goes on with others is another run."""


def settings_to_array(settings: PlaygroundSettings) -> Numbers:
    """The settings as numbers (8,), float64: choices by their place, so that a frame can keep them."""
    return np.array([_number(spec, getattr(settings, name)) for name, spec in SPECS.items()], np.float64)


def settings_from_array(numbers: Any) -> PlaygroundSettings:
    """Read what `settings_to_array` gave; raises UserError where it is unsound."""
    values = np.asarray(numbers, np.float64)
    if values.shape != (len(SPECS),) or not np.isfinite(values).all():
        raise unfit()
    pairs = zip(SPECS.items(), values, strict=True)
    return make_params(PlaygroundSettings, {name: _value(spec, float(value)) for (name, spec), value in pairs})


def unfit() -> UserError:
    """What to say of a state that is not one of the playground."""
    return UserError(UNFIT_STATE)


def _number(spec: ParamSpec, value: Any) -> float:
    return float(spec.choices.index(value)) if spec.choices else float(value)


def _value(spec: ParamSpec, number: float) -> Any:
    if not spec.choices:
        return number
    if number not in range(len(spec.choices)):
        raise unfit()
    return spec.choices[int(number)]


@dataclass(frozen=True)
class PlaygroundParams:
    """Which run; how both players learn is in a frame's state."""

    seed: int = seed_param(N_("The number that all randomness in the run comes from (R: another one)."))
