"""The names that a pipeline's index gives to the classes of its network."""

from collections.abc import Mapping
from typing import Any, Final

from studio.core.container.source import printable
from studio.core.error import UserError
from studio.core.translation import N_

MAX_CLASSES: Final = 100_000
MAX_DIGITS: Final = 7
MAX_NAME: Final = 1000


def read_class_names(values: Any, n_classes: int) -> Mapping[str, int]:
    """The classes by each of their names, in small letters, of an index ("3": "tiger shark, Galeocerdo cuvieri").

    Raises:
        UserError: they are no names of classes that the network has.
    """
    if not isinstance(values, dict) or len(values) > MAX_CLASSES:
        raise _unreadable()
    found: dict[str, int] = {}
    for number, names in values.items():
        if not (number.isascii() and number.isdigit() and len(number) < MAX_DIGITS and int(number) < n_classes):
            raise _unreadable()
        if not isinstance(names, str) or len(names) > MAX_NAME:
            raise _unreadable()
        found |= {name.strip().lower(): int(number) for name in names.split(",")}
    return found


def _unreadable() -> UserError:
    return UserError(N_("The names of this pipeline’s classes cannot be read."))


def number_of_class(text: str, n_classes: int, names: Mapping[str, int]) -> int:
    """The class that a text asks for, by its number or one of its names; raises UserError where there is none."""
    wanted = text.strip().lower()
    is_number = wanted.isascii() and wanted.isdigit() and len(wanted) < MAX_DIGITS
    number = int(wanted) if is_number else names.get(wanted, -1)
    if 0 <= number < n_classes:
        return number
    raise UserError(
        N_("This model does not know the class “{name}”.").format(name=printable(text.strip()))
        if wanted
        else N_("This model only draws pictures of a class."),
        N_("Write a number from 0 to {last}, or a class by its name.").format(last=n_classes - 1),
    )
