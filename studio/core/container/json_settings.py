"""Reads a foreign config.json by name: each value is of its type and in bounds, or a sentence says why it is not."""

from collections.abc import Mapping
from typing import Any, Final

from studio.core.container.source import printable
from studio.core.error import UserError
from studio.core.translation import N_

MAX_NUMBER: Final = 1e9


class Settings:
    """A table of settings; `where` names the file in what is said about it.

    A missing value and null are the same, as they are for the programs that write such files.
    """

    def __init__(self, values: Mapping[str, Any], where: str = "config.json") -> None:
        self.values = values
        self.where = where

    def has(self, name: str) -> bool:
        """Whether there is a value."""
        return self.values.get(name) is not None

    def integer(self, name: str, default: int | None = None) -> int:
        """A whole number from 0; raises UserError where it is none, or missing without a default."""
        value = self._value(name, default)
        if type(value) is not int or not 0 <= value <= MAX_NUMBER:
            raise self.wrong(name)
        return value

    def number(self, name: str, default: float | None = None) -> float:
        """A number; raises UserError where it is none, or missing without a default."""
        value = self._value(name, default)
        if type(value) not in (int, float) or not abs(value) <= MAX_NUMBER:
            raise self.wrong(name)
        return float(value)

    def amount(self, name: str, missing: float) -> float:
        """A number where null is 0, and a missing value is `missing`, as where null switches something off."""
        return self.number(name, 0.0 if name in self.values else missing)

    def flag(self, name: str, default: bool) -> bool:
        """Yes or no; raises UserError where it is neither."""
        value = self._value(name, default)
        if type(value) is not bool:
            raise self.wrong(name)
        return value

    def text(self, name: str, default: str) -> str:
        """A text; raises UserError where it is none."""
        value = self._value(name, default)
        if not isinstance(value, str):
            raise self.wrong(name)
        return value

    def table(self, name: str) -> "Settings":
        """The settings in a table of settings, none where it is missing; raises UserError where it is no table."""
        value = self._value(name, {})
        if not isinstance(value, Mapping):
            raise self.wrong(name)
        return Settings(value, self.where)

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts; raises UserError where it is none."""
        value = self._value(name, [])
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise self.wrong(name)
        return tuple(value)

    def integers(self, name: str) -> tuple[int, ...]:
        """A list of whole numbers from 0; raises UserError where it is none."""
        value = self._value(name, [])
        if not isinstance(value, list) or not all(type(one) is int and 0 <= one <= MAX_NUMBER for one in value):
            raise self.wrong(name)
        return tuple(value)

    def numbers(self, name: str) -> tuple[float, ...]:
        """A list of numbers; raises UserError where it is none."""
        value = self._value(name, [])
        is_list = isinstance(value, list) and all(type(one) in (int, float) and 0 < one <= MAX_NUMBER for one in value)
        if not is_list:
            raise self.wrong(name)
        return tuple(float(one) for one in value)

    def refuse(self, name: str, *harmless: object) -> None:
        """Raise UserError where a setting is there that would make another model, and is none of these values."""
        value = self.values.get(name)
        if value is not None and value not in harmless:
            raise UserError(
                N_("“{file}” asks for “{name}” = {value}, which is not supported here.").format(
                    file=self.where, name=name, value=printable(str(value))
                )
            )

    def wrong(self, name: str) -> UserError:
        """What to say of a setting that is missing or cannot be."""
        if not self.has(name):
            return UserError(N_("“{file}” does not give “{name}”.").format(file=self.where, name=name))
        shown = printable(str(self.values[name]))
        return UserError(N_("In “{file}”, “{name}” cannot be {value}.").format(file=self.where, name=name, value=shown))

    def _value(self, name: str, default: Any) -> Any:
        value = self.values.get(name)
        return default if value is None else value
