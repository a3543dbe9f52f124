"""The calls that the panel of texts in any order sends to its engine, where only the Lane goes."""

from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from studio.core.container.encoding import text_of
from studio.core.error import UserError
from studio.core.text import N_

from .order_about import CutText, OrderAbout
from .order_comparison import Compared
from .order_passage import Passage

if TYPE_CHECKING:
    from .order_engine import OrderEngine

MAX_CHARS: Final = 20_000
"""Of a text, as it is typed, pasted or dropped."""


def about(engine: "OrderEngine") -> OrderAbout:
    """What there is to know of the open model."""
    return engine.about()


def cut(engine: "OrderEngine", text: str) -> CutText:
    """A text as the model reads it."""
    return engine.cut(text)


def unseen(engine: "OrderEngine", number: int) -> CutText:
    """Some lines that no model of ours ever saw."""
    return engine.cut(engine.passage(number))


def dropped(engine: "OrderEngine", path: Path) -> CutText:
    """The beginning of a text file in any usual encoding; raises UserError where it is none or cannot be read."""
    try:
        with path.open("rb") as file:
            content = file.read(4 * MAX_CHARS)
    except OSError as error:
        raise UserError(N_("This text cannot be read."), str(error.strerror or "")) from error
    text = text_of(content)[:MAX_CHARS].strip()
    if not text:
        raise UserError(N_("This file holds no text."))
    return engine.cut(text)


def surest(engine: "OrderEngine", passage: Passage) -> Generator[None, None, tuple[Passage, tuple[int, ...]]]:
    """The order in which the network is surest, with the text that it was asked for."""
    return passage, (yield from engine.surest(passage))


def compare(
    engine: "OrderEngine", passage: Passage, told: tuple[int, ...], key: Any
) -> Generator[None, None, Compared]:
    """What some words cost in several orders."""
    return (yield from engine.compare(passage, told, key))
