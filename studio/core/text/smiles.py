"""Where a SMILES is not one: signs, brackets, rings and branches are checked, and the first mistake has a place.

SMILES: Weininger 1988; the grammar follows OpenSMILES 1.0. Whether atoms can have such bonds is not looked at.
"""

import re
from dataclasses import dataclass
from typing import Final

from studio.core.error import UserError
from studio.core.translation import N_

MAX_SMILES: Final = 1000
N_LOOKED_AT: Final = 100
_SPACE: Final = re.compile(r"[\s,;]+")
_TOKEN: Final = re.compile(
    r"(?P<atom>\[\d*(?:[A-Z][a-z]?|[a-z]{1,2}|\*)@{0,2}(?:H\d?)?(?:[+-]\d?|\++|-+)?(?::\d+)?\]|Br|Cl|[BCNOPSFI]|[bcnops]|\*)"
    r"|(?P<bond>[-=#$:/\\])|(?P<ring>\d|%\d\d)|(?P<open>\()|(?P<close>\))|(?P<dot>\.)"
)


@dataclass(frozen=True)
class Mistake:
    """The first mistake in a SMILES.

    Attributes:
        place: of the sign, counted from 0; the length where something is missing at the end.
        what: a sentence.
    """

    place: int
    what: str


def smiles_mistake(text: str) -> Mistake | None:
    """The first mistake of a SMILES, None where it is well-formed."""
    if not text or len(text) > MAX_SMILES:
        return Mistake(0, N_("A SMILES has 1 to {n} signs.").format(n=MAX_SMILES))
    place, before, branches, rings = 0, "", list[int](), dict[str, int]()
    while place < len(text):
        found = _TOKEN.match(text, place)
        if found is None:
            return Mistake(place, N_("“{sign}” does not belong there.").format(sign=text[place]))
        kind, sign = str(found.lastgroup), found[0]
        if not _may_follow(kind, before) or (kind == "close" and not branches):
            return Mistake(place, N_("“{sign}” does not belong there.").format(sign=sign))
        if kind == "open":
            branches.append(place)
        elif kind == "close":
            branches.pop()
        elif kind == "ring":
            number = sign.lstrip("%0")
            if rings.pop(number, None) is None:
                rings[number] = place
        place, before = found.end(), kind
    return _unfinished(text, before, branches, rings)


def _may_follow(kind: str, before: str) -> bool:
    """Whether a kind of sign may stand behind another one; "" is the beginning."""
    after_atom = before in ("atom", "ring", "close")
    if kind == "atom":
        return True
    if kind == "bond":
        return after_atom or before == "open"
    if kind == "ring":
        return before in ("atom", "ring", "bond")
    return after_atom


def _unfinished(text: str, before: str, branches: list[int], rings: dict[str, int]) -> Mistake | None:
    if branches:
        return Mistake(branches[-1], N_("This bracket is never closed."))
    if rings:
        number, place = next(iter(rings.items()))
        return Mistake(place, N_("Ring {number} is opened and never closed.").format(number=number))
    if before not in ("atom", "ring", "close"):
        return Mistake(len(text), N_("An atom is missing at the end."))
    return None


def checked_smiles(text: str) -> str:
    """The same text, without space around it.

    Raises:
        UserError: it is no SMILES; says at which sign.
    """
    smiles = text.strip()
    mistake = smiles_mistake(smiles)
    if mistake is not None:
        raise UserError(
            N_("This is not a SMILES: at sign {place}, {what}").format(place=mistake.place + 1, what=mistake.what),
            N_("SMILES look like CC(=O)Oc1ccccc1C(=O)O."),
        )
    return smiles


def read_smiles_list(text: str, n_most: int) -> tuple[list[str], list[tuple[int, Mistake]]]:
    """The molecules in a list, the first word of each line, and the lines (counted from 1) that are none.

    Where names stand first, it is the second word. An empty line, one that begins with “#” and a first line that is
    a heading are passed over.
    """
    good, bad = list[str](), list[tuple[int, Mistake]]()
    rows = [(number, _SPACE.split(line.strip())) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if rows and rows[0][0] == 1 and "smiles" in " ".join(rows[0][1]).lower():
        del rows[0]
    rows = [(number, words) for number, words in rows if not words[0].startswith("#")]
    column = max((0, 1), key=lambda one: sum(_is_smiles_at(one, words) for _number, words in rows[:N_LOOKED_AT]))
    for number, words in rows:
        word = words[min(column, len(words) - 1)]
        mistake = smiles_mistake(word)
        if mistake is None:
            good.append(word)
        else:
            bad.append((number, mistake))
        if len(good) >= n_most:
            break
    return good, bad


def _is_smiles_at(column: int, words: list[str]) -> bool:
    return column < len(words) and smiles_mistake(words[column]) is None
