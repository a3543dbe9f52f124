"""A model's card: what it is, what it learnt from, under which licence, and how good it was measured and must be."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from studio.core.atomic import atomic_write
from studio.core.error import UserError
from studio.core.translation import N_

MAX_CARD_BYTES = 4 << 20
_NUMBERS: Final = re.compile(r"\[\n\s+([-+\d.,eE\s]+?)\n\s*\]")
"""A list of numbers in JSON with a line for each, which reads better in one."""


@dataclass(frozen=True)
class Card:
    """The keys that every card has; `more` holds what only its own family reads.

    Attributes:
        figures: held-out figures by their plain name, as measured
            ("Negative ELBO on test pictures, nats": 148.2).
        trained: date, minutes, machine, n_steps and seed of the training, as text or numbers.
    """

    id: str
    title: str
    task: str
    licence: str
    data: str
    n_params: int
    figures: Mapping[str, float | str] = field(default_factory=dict)
    trained: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def family(self) -> str:
        """The first half of the id."""
        return self.id.partition("/")[0]


def parse_card(text: str) -> Card:
    """Read a card; raises UserError where a required key is missing or of the wrong kind."""
    try:
        values = json.loads(text)
        names = [name for name in Card.__dataclass_fields__ if name in values and name != "more"]
        card = Card(**{name: values.pop(name) for name in names}, more=values)
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise UserError(N_("This model card cannot be read.")) from error
    words = (card.id, card.title, card.task, card.licence, card.data)
    tables = (card.figures, card.trained, card.settings)
    has_words = all(isinstance(value, str) for value in words) and isinstance(card.n_params, int)
    if not has_words or not all(isinstance(value, dict) for value in tables):
        raise UserError(N_("This model card cannot be read."))
    return card


def read_card(path: Path) -> Card:
    """Read the card at `path`: an ordinary file of at most 4 MiB."""
    try:
        if not path.is_file() or path.stat().st_size > MAX_CARD_BYTES:
            raise UserError(N_("This model card is missing or too large."))
        return parse_card(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(N_("This model card cannot be read.")) from error


@dataclass(frozen=True)
class Check:
    """A held-out figure and the floor, or ceiling, that it had to reach; None where it is only stated."""

    name: str
    value: float
    floor: float | None = None
    is_higher_better: bool = True

    @property
    def is_reached(self) -> bool:
        """Whether the figure is on the right side of its floor."""
        if self.floor is None:
            return True
        return self.value >= self.floor if self.is_higher_better else self.value <= self.floor


def write_card(path: Path, card: Mapping[str, Any], checks: Sequence[Check], n_digits: int = 4) -> None:
    """Write a card; figures are taken from the checks, numbers are rounded to what can be read off them."""
    figures = {check.name: check.value for check in checks}
    whole = {**card, "figures": figures, "checks": [asdict(check) for check in checks]}
    text = json.dumps(_rounded(whole, n_digits), indent=1, ensure_ascii=False)
    in_rows = _NUMBERS.sub(lambda found: f"[{' '.join(found[1].split())}]", text)
    atomic_write(path, (in_rows + "\n").encode())


def _rounded(value: Any, n_digits: int) -> Any:
    if isinstance(value, float):
        return float(f"{value:.{n_digits}g}")
    if isinstance(value, Mapping):
        return {key: _rounded(item, n_digits) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(item, n_digits) for item in value]
    return value
