"""A parameter is declared once, as a dataclass field; forms, files, tooltips and the command line read it."""

import dataclasses
import math
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from studio.core.error import UserError
from studio.core.seed import MAX_SEED
from studio.core.translation import N_

Kind = Literal["int", "float", "bool", "str", "choice"]
MAX_TEXT = 100_000
P = TypeVar("P")


@dataclass(frozen=True)
class ParamSpec:
    """What is known about one parameter: its kind, range [low, high], unit, label and help.

    `near` is the part of a wide range that a slider reaches; the rest can be typed.
    """

    name: str
    kind: Kind
    default: Any
    label: str
    help: str
    low: float | None = None
    high: float | None = None
    step: float | None = None
    unit: str = ""
    choices: tuple[str, ...] = ()
    near: tuple[float, float] | None = None

    def clamped(self, value: float) -> float:
        """The number of the range that is nearest to `value`."""
        low = -math.inf if self.low is None else self.low
        high = math.inf if self.high is None else self.high
        return min(max(value, low), high)


def param(
    default: Any,
    *,
    label: str,
    help: str,
    low: float | None = None,
    high: float | None = None,
    step: float | None = None,
    unit: str = "",
    choices: tuple[str, ...] = (),
    near: tuple[float, float] | None = None,
) -> Any:
    """Declare a dataclass field as a parameter; numbers need `low` and `high`."""
    about = {"label": label, "help": help, "low": low, "high": high, "step": step, "unit": unit, "near": near}
    return dataclasses.field(default=default, metadata={"param": {**about, "choices": choices}})


def seed_param(help: str, default: int = 1, high: int = MAX_SEED) -> Any:
    """The number of a run; `help` says what is made from it."""
    return param(default, label=N_("Seed"), help=help, low=0, high=high, step=1)


def temperature_param(help: str, default: float = 1.0) -> Any:
    """How daring the choice of what comes next is; `help` says what that means for it."""
    return param(default, label=N_("Temperature"), help=help, low=0.05, high=3.0, step=0.05)


def prompt_param() -> Any:
    """The text that is there already."""
    return param(
        "", label=N_("Prompt"), help=N_("The text to continue. The model continues it; it does not answer questions.")
    )


def length_param(default: int, high: int) -> Any:
    """How long a text is written."""
    about = N_("How many tokens to write; a token is a word or part of one.")
    return param(default, label=N_("Length"), help=about, low=0, high=high, step=1)


def top_p_param() -> Any:
    """How many of the likeliest tokens may come, by their probability together."""
    return share_param(
        N_("Top-p"),
        N_("Only the likeliest tokens that together have this much probability may come next (nucleus); 1 allows all."),
        low=0.01,
    )


def text_param(label: str, help: str) -> Any:
    """A text, empty unless one is given."""
    return param("", label=label, help=help)


def count_param(label: str, help: str, default: int, high: int, low: int = 1) -> Any:
    """How many there are, from `low` to `high`."""
    return param(default, label=label, help=help, low=low, high=high, step=1)


def number_param(label: str, help: str, default: float, low: float, high: float, step: float) -> Any:
    """A number from `low` to `high`, in steps."""
    return param(default, label=label, help=help, low=low, high=high, step=step)


def share_param(label: str, help: str, default: float = 1.0, low: float = 0.0) -> Any:
    """A share from `low` to 1, in hundredths."""
    return param(default, label=label, help=help, low=low, high=1.0, step=0.01)


def param_specs(params_type: type) -> dict[str, ParamSpec]:
    """Return the specification of every parameter of a params dataclass, by name and in order."""
    hints = get_type_hints(params_type)
    return {
        field.name: ParamSpec(
            name=field.name,
            kind=_kind(hints[field.name], field.metadata["param"]["choices"]),
            default=field.default,
            **field.metadata["param"],
        )
        for field in dataclasses.fields(params_type)
        if "param" in field.metadata
    }


def _kind(hint: Any, choices: tuple[str, ...]) -> Kind:
    if get_origin(hint) in (types.UnionType,):
        hint = next(arg for arg in get_args(hint) if arg is not type(None))
    if choices:
        return "choice"
    kinds: dict[Any, Kind] = {bool: "bool", int: "int", float: "float", str: "str"}
    return kinds[hint]


def check_value(spec: ParamSpec, value: Any) -> Any:
    """Return `value` in the type of `spec`, or raise a UserError that names the range."""
    converters: dict[Kind, Callable[[Any], Any]]
    converters = {"int": _to_int, "float": float, "bool": _to_bool, "str": str, "choice": str}
    try:
        converted = converters[spec.kind](value)
    except (TypeError, ValueError, OverflowError) as error:
        problem = N_("“{value}” is not a value for {name}.").format(value=str(value)[:60], name=spec.name)
        raise UserError(problem, _wanted(spec)) from error
    problem = _range_problem(spec, converted)
    if problem:
        raise UserError(problem)
    return converted


def _range_problem(spec: ParamSpec, value: Any) -> str:
    if spec.choices and value not in spec.choices:
        return _wanted(spec)
    if isinstance(value, str) and len(value) > MAX_TEXT:
        return N_("{name} is longer than {limit:,} characters.").format(name=spec.name, limit=MAX_TEXT)
    if spec.kind not in ("int", "float"):
        return ""
    low = -math.inf if spec.low is None else spec.low
    high = math.inf if spec.high is None else spec.high
    is_finite = isinstance(value, int) or math.isfinite(value)
    if is_finite and low <= value <= high:
        return ""
    return _wanted(spec)


def _wanted(spec: ParamSpec) -> str:
    """A sentence that says what a parameter can be."""
    if spec.choices:
        return N_("{name} must be one of: {choices}.").format(name=spec.name, choices=", ".join(spec.choices))
    if spec.kind == "bool":
        return N_("{name} must be yes or no.").format(name=spec.name)
    low, high = -math.inf if spec.low is None else spec.low, math.inf if spec.high is None else spec.high
    return N_("{name} must be between {low:g} and {high:g}.").format(name=spec.name, low=low, high=high)


def _to_int(value: Any) -> int:
    if isinstance(value, float) and not value.is_integer():
        raise ValueError(value)
    return int(value)


def _to_bool(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    word = str(value).lower()
    if word in ("1", "true", "yes", "on"):
        return True
    if word in ("0", "false", "no", "off"):
        return False
    raise ValueError(value)


def make_params(params_type: type[P], values: Mapping[str, Any]) -> P:
    """Build checked params from plain values (command line, file, form); unknown names raise a UserError."""
    return params_type(**_checked(params_type, values))


def saved_params(params_type: type[P], values: Mapping[str, Any]) -> P:
    """Build checked params from what a file says; names that the params lack are dropped.

    Files of earlier versions hold settings of all kinds of a family, and a recipe's card may know more than we do.
    """
    known = param_specs(params_type)
    return make_params(params_type, {name: value for name, value in values.items() if name in known})


def first_params(params_type: type[P], card: Mapping[str, Any]) -> P:
    """What a model opens with that is asked for something: its first example, in its own settings."""
    prompt = next(iter(card.get("examples", ())), "")
    return saved_params(params_type, {"prompt": prompt, **card.get("defaults", {})})


def changed_params(params: P, values: Mapping[str, Any]) -> P:
    """Return a params dataclass with other plain values, checked; unknown names raise a UserError."""
    return dataclasses.replace(params, **_checked(type(params), values))  # type: ignore[type-var]


def _checked(params_type: type, values: Mapping[str, Any]) -> dict[str, Any]:
    specs = param_specs(params_type)
    unknown = [name for name in values if name not in specs]
    if unknown:
        raise UserError(
            N_("There is no setting called “{name}”.").format(name=unknown[0][:60]),
            N_("The settings are: {known}.").format(known=", ".join(specs)),
        )
    return {name: check_value(specs[name], value) for name, value in values.items()}


def params_to_json(params: Any) -> dict[str, Any]:
    """Return the parameters as plain JSON values."""
    return {name: getattr(params, name) for name in param_specs(type(params))}
