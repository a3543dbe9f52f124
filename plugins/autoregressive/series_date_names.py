"""Words that say when something was: months, weekdays and names of columns, in English and four other languages."""

import re
import unicodedata
from functools import lru_cache
from typing import Final


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_MONTHS: Final = (
    _words("january januar janvier enero gennaio"),
    _words("february februar fevrier febrero febbraio"),
    _words("march marz maerz mrz mars marzo"),
    _words("april avril abril aprile"),
    _words("may mai mayo maggio"),
    _words("june juni juin junio giugno"),
    _words("july juli juillet julio luglio"),
    _words("august aout agosto"),
    _words("september septembre septiembre setiembre settembre"),
    _words("october oktober octobre octubre ottobre"),
    _words("november novembre noviembre"),
    _words("december dezember decembre diciembre dicembre"),
)
_WEEKDAYS: Final = _words(
    "monday tuesday wednesday thursday friday saturday sunday montag dienstag mittwoch donnerstag freitag samstag "
    "sonnabend sonntag lundi mardi mercredi jeudi vendredi samedi dimanche lunes martes miercoles jueves viernes "
    "sabado domingo lunedi martedi mercoledi giovedi venerdi sabato domenica"
)
_FILLING: Final = _words("of the st nd rd th den der le er de del")
_NAME_PIECES: Final = re.compile(r"[^\W\d_]+")
_TIME_NAMES: Final = _words(
    "year years yr date dates time times day days month months week weeks quarter period when timestamp datetime epoch "
    "unix ts t jahr jahre datum zeit tag monat woche kw quartal annee annees an jour mois semaine heure fecha ano anno "
    "dia mes semana periodo data giorno mese"
)
_TIME_ENDINGS: Final = ("datum", "zeit", "jahr", "monat", "date", "stamp", "woche")
_WEEK_NAMES: Final = _words("week weeks woche kw kalenderwoche semaine semana settimana yearweek")


def folded(word: str) -> str:
    """A word in small letters, without accents."""
    parts = unicodedata.normalize("NFKD", word.lower())
    return "".join(part for part in parts if not unicodedata.combining(part))


@lru_cache(4096)
def month_named(word: str) -> int | None:
    """The month of a word, from 1, whole or cut after three letters or more; None where it is none, or could be two."""
    plain = folded(word)
    found = [n for n, names in enumerate(_MONTHS, 1) if any(name.startswith(plain) for name in names)]
    return found[0] if len(found) == 1 and len(plain) >= 3 else None


@lru_cache(4096)
def may_be_passed_over(word: str) -> bool:
    """Whether a word beside a month only fills: a weekday, or one such as “of”."""
    plain = folded(word)
    return plain in _FILLING or (len(plain) >= 2 and any(day.startswith(plain) for day in _WEEKDAYS))


def says_time(name: str) -> bool:
    """Whether the name of a column says that times stand in it."""
    return any(piece in _TIME_NAMES or piece.endswith(_TIME_ENDINGS) for piece in _pieces(name))


def says_week(name: str) -> bool:
    """Whether the name of a column says that weeks stand in it."""
    return any(piece in _WEEK_NAMES for piece in _pieces(name))


def _pieces(name: str) -> list[str]:
    return [folded(piece) for piece in _NAME_PIECES.findall(name)]
