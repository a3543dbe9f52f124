"""What scenes can do alike, and how they are saved: each field says how it is kept, and one codec does the rest."""

import base64
import dataclasses
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final, Generic, Self, TypeVar, cast

import numpy as np
import numpy.typing as npt

from studio.core.error import UserError
from studio.core.param import check_value, param_specs, params_to_json, saved_params
from studio.core.translation import N_

T = TypeVar("T")
UNFIT_STATE: Final = N_("This saved state belongs to another model.")
UNFIT_TEXT: Final = N_("This saved text belongs to another model.")
UNFIT_PLACE: Final = N_("This saved place belongs to another model.")
_WRONG: Final = (AttributeError, IndexError, KeyError, TypeError, ValueError, OverflowError)


@dataclass(frozen=True)
class Stored:
    """How a value is kept.

    Attributes:
        write: makes plain JSON values of it.
        read: takes such values back; raises ValueError, TypeError or the like where they are unsound.
        keys: where it stands under several keys beside those of other fields, which; both work on a mapping then.
    """

    write: Callable[[Any], Any]
    read: Callable[[Any], Any]
    keys: tuple[str, ...] = ()


def stored(how: Stored, *, key: str = "", former: str = "", is_later: bool = False, **default: Any) -> Any:
    """Declare a field of a scene; `default` or `default_factory` as a dataclass takes them.

    It is kept under its name unless a `key` is given; files that were saved before there was such a key say it under
    the key `former`, or not at all where it `is_later`: the default is meant then.
    """
    return dataclasses.field(metadata={"stored": how, "key": key, "former": former, "is_later": is_later}, **default)


def settings(params_type: type) -> Stored:
    """Parameters; names of earlier versions are passed over."""
    return Stored(params_to_json, lambda values: saved_params(params_type, values))


def setting(params_type: type, name: str) -> Stored:
    """One value, within the range of a parameter."""
    spec = param_specs(params_type)[name]
    return Stored(_same, lambda value: check_value(spec, value))


def whole(low: int, high: int) -> Stored:
    """A whole number in [low, high]."""
    return Stored(_same, lambda value: _sound(value, type(value) is int and low <= value <= high))


def number(low: float, high: float) -> Stored:
    """A number in [low, high]."""
    return Stored(_same, lambda value: _sound(float(value), low <= float(value) <= high))


def flag() -> Stored:
    """True or False."""
    return Stored(_same, lambda value: _sound(value, type(value) is bool))


def one_of(choices: Collection[str]) -> Stored:
    """One of some words."""
    return Stored(_same, lambda value: _sound(value, value in tuple(choices)))


def text(most: int) -> Stored:
    """At most so many characters."""
    return Stored(_same, lambda value: _sound(value, isinstance(value, str) and len(value) <= most))


def row(how: Stored, least: int, most: int) -> Stored:
    """A tuple of `least` to `most` values that are kept alike."""

    def read(values: Any) -> tuple[Any, ...]:
        return tuple(map(how.read, _sound(values, isinstance(values, list) and least <= len(values) <= most)))

    return Stored(lambda values: list(map(how.write, values)), read)


def by_name(how: Stored, most: int) -> Stored:
    """At most so many values that are kept alike, by names of which 60 characters count."""

    def read(values: Any) -> dict[str, Any]:
        return {str(name)[:60]: how.read(value) for name, value in _sound(values, len(values) <= most).items()}

    return Stored(lambda values: {name: how.write(value) for name, value in values.items()}, read)


def decimal_rows(values: npt.NDArray[Any], n_decimals: int) -> list[list[float]]:
    """Numbers (N, M) as they are saved where so many decimals are enough."""
    return [[round(float(value), n_decimals) for value in row] for row in values]


def array(dtype: npt.DTypeLike, low: float, high: float, n_axes: int) -> Stored:
    """An array of numbers in [low, high] as lists; flags as 0 and 1."""
    is_real = np.issubdtype(dtype, np.floating)

    def read(values: Any) -> npt.NDArray[Any]:
        found = np.array(values, np.float64 if is_real else np.int64)
        is_sound = found.ndim == n_axes and bool(((found >= low) & (found <= high)).all())
        return _sound(found, is_sound).astype(dtype)

    return Stored(lambda values: (values if is_real else values.astype(int)).tolist(), read)


def packed(most: int) -> Stored:
    """1 to `most` bytes (n,), uint8, in Base64."""

    def read(value: Any) -> npt.NDArray[np.uint8]:
        data = base64.b64decode(_sound(value, isinstance(value, str) and len(value) <= 2 * most), validate=True)
        return np.frombuffer(_sound(data, 0 < len(data) <= most), np.uint8)

    return Stored(lambda values: base64.b64encode(values.tobytes()).decode("ascii"), read)


def optional(how: Stored) -> Stored:
    """The same, or None."""
    return Stored(
        lambda value: None if value is None else how.write(value),
        lambda value: None if value is None else how.read(value),
    )


def part(part_type: type, check: Callable[[Any], bool] | None = None) -> Stored:
    """A dataclass whose fields are declared in the same way, as a mapping; `check` says whether one is sound."""
    codec = SceneCodec(part_type, check=check)
    return Stored(codec.write, codec.take)


def spread(part_type: type, absent: Mapping[str, Any], check: Callable[[Any], bool] | None = None) -> Stored:
    """The same, kept among the keys of the scene, or None, in whose place `absent` stands."""
    codec = SceneCodec(part_type, check=check)
    return Stored(
        lambda value: dict(absent) if value is None else codec.write(value),
        lambda values: None if values == absent else codec.take(values),
        tuple(absent),
    )


class SettingsScene:
    """A frozen dataclass with `params` takes this as its base; it is never changed, only replaced."""

    params: Any

    def anew(self, params: Any) -> Self:
        """What these settings alone ask for."""
        return self._with(params=params)

    def with_params(self, **changes: Any) -> Self:
        """The same with other settings."""
        return self._with(params=dataclasses.replace(self.params, **changes))

    def _with(self, **changes: Any) -> Self:
        return cast(Self, dataclasses.replace(cast(Any, self), **changes))


class SceneCodec(Generic[T]):
    """Keeps dataclasses of one type; `problem` is the sentence for values that are none of it."""

    def __init__(
        self,
        scene_type: type[T],
        problem: str = UNFIT_STATE,
        check: Callable[[T], bool] | None = None,
        outdated: Collection[str] = (),
    ) -> None:
        """`check` says whether a scene of sound fields is sound; `outdated` are keys of former versions."""
        self._type, self._problem, self._check, self._outdated = scene_type, problem, check, frozenset(outdated)
        dataclass_type: Any = scene_type
        self._fields = dataclasses.fields(dataclass_type)

    def unfit(self) -> UserError:
        """What is said of values that do not fit."""
        return UserError(self._problem)

    def write(self, scene: T) -> dict[str, Any]:
        """The scene as plain values."""
        plain: dict[str, Any] = {}
        for field in self._fields:
            how, value = field.metadata["stored"], getattr(scene, field.name)
            plain.update(how.write(value) if how.keys else {_key(field): how.write(value)})
        return plain

    def read(self, values: Any) -> T:
        """The scene that these values stand for; raises UserError where they are unsound."""
        found: T = self.read_part(Stored(self.write, self.take), values)
        return found

    def read_part(self, how: Stored, value: Any) -> Any:
        """Something else of the same state; raises UserError where it is unsound."""
        try:
            return how.read(value)
        except _WRONG as error:
            raise self.unfit() from error

    def take(self, values: Mapping[str, Any]) -> T:
        """The same as part of something that is read; raises what its fields raise."""
        given = {_key(field): values[former] for field in self._fields if (former := field.metadata["former"])}
        given.update({key: value for key, value in values.items() if key not in self._outdated})
        fields = [field for field in self._fields if not field.metadata["is_later"] or _key(field) in given]
        found = {field.name: _taken(field, given) for field in fields}
        if given:
            raise ValueError(sorted(given))
        scene = self._type(**found)
        return _sound(scene, self._check is None or self._check(scene))


def _taken(field: Any, given: dict[str, Any]) -> Any:
    """The value of a field; its keys go from what is given."""
    how = field.metadata["stored"]
    return how.read({key: given.pop(key) for key in how.keys} if how.keys else given.pop(_key(field)))


def _key(field: Any) -> str:
    return field.metadata["key"] or str(field.name)


def _same(value: Any) -> Any:
    return value


def _sound(value: T, is_sound: bool) -> T:
    if not is_sound:
        raise ValueError(value)
    return value
