"""Marks every visible sentence, so that a translator finds it and a widget can look it up."""

import gettext
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any, Final

DOMAIN: Final = "manifold_studio"
LOCALE: Final = Path(__file__).parent / "locale"
SYSTEM: Final = "system"
LANGUAGES: Final = {"en": "English", "de": "Deutsch"}
"""What each language calls itself."""

CAPITAL_NOUNS: Final = ("de",)
THOUSANDS: Final = {"de": "\u202f"}
"""What stands between thousands where it is no comma: a narrow space is never read as a decimal sign."""

_chosen: list[str] = []  # the language that a person has chosen; none: what the system says


class Filled(str):
    """A marked message with its values in it, which remembers both, so that it can still be translated.

    Anything else made of it, and what is kept in a file, is the plain sentence as it stands.
    """

    __slots__ = ("message", "values")
    message: str
    values: Mapping[str, object]


class Marked(str):
    """A marked message in English."""

    __slots__ = ()

    def format(self, *args: object, **values: object) -> str:
        """Put values into it, by their names."""
        filled = Filled(super().format(*args, **values))
        filled.message, filled.values = str(self), values
        return filled


class _Grouping(Formatter):
    def format_field(self, value: Any, format_spec: str) -> Any:
        return grouped(value, format_spec) if "," in format_spec else super().format_field(value, format_spec)


class _Spoken(str):
    """A translated message whose large numbers are written as in its language."""

    __slots__ = ()

    def format(self, *args: object, **values: object) -> str:
        return _GROUPING.format(self, *args, **values)


_GROUPING: Final = _Grouping()
_OURS: Final = (Filled, Marked)


def N_(message: str) -> str:  # noqa: N802 - the name that gettext's extractors look for
    """Mark `message` for translation; the widget that shows it translates, with the values that were put into it."""
    return Marked(message)


def translate(message: str) -> str:
    """Return `message` in the user's language, or unchanged where no catalogue has it."""
    if isinstance(message, Filled):
        values = {name: translate(one) if isinstance(one, _OURS) else one for name, one in message.values.items()}
        return translate(message.message).format(**values)
    if not message:
        return message
    found = _catalogue().gettext(message)
    if found == message:
        found = _catalogue().ngettext(message, message, 1)  # Python 3.11.2 finds no plural's
    return _Spoken(found) if ":," in found and language() in THOUSANDS else found


def grouped(number: float, form: str = ",") -> str:
    """A number with what this language puts between its thousands; `form` as for `format`."""
    return format(number, form).replace(",", THOUSANDS.get(language(), ","))


def _(message: str) -> str:
    """Mark a sentence for translation where it is shown at once, and return it in the user's language."""
    return translate(message)


def within(text: str) -> str:
    """A translated title as it stands within a sentence; German nouns keep their capitals there."""
    return text if language() in CAPITAL_NOUNS else text.lower()


def at_the_start(text: str) -> str:
    """A translated phrase as it begins a sentence; the capitals within it stay."""
    return text[:1].upper() + text[1:]


def plural(singular: str, plural_form: str, count: int) -> str:
    """Return the right form for `count`, with `{n}` replaced by the count."""
    return _catalogue().ngettext(singular, plural_form, count).replace("{n}", grouped(count))


def languages(locale: Path = LOCALE) -> tuple[str, ...]:
    """The languages that can be chosen, by their codes: English, and each whose catalogue was built."""
    return tuple(code for code in LANGUAGES if code == "en" or gettext.find(DOMAIN, locale, [code]))


def language() -> str:
    """The code of the language that is spoken now, which its catalogue names."""
    return _catalogue().info().get("language", "en")


def choose_language(code: str) -> None:
    """Speak this language from now on; SYSTEM is that of the system. What is on screen already stays as it is."""
    _chosen[:] = [] if code == SYSTEM else [code]
    _catalogue.cache_clear()


@cache  # gettext.dgettext would look for the file at every call: a seventh of the time that a panel takes to stand
def _catalogue() -> gettext.NullTranslations:
    return gettext.translation(DOMAIN, LOCALE, _chosen or None, fallback=True)
