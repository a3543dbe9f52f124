"""The calls that the panel of texts sends to its engine; what computes stays behind it, where only the Lane goes."""

from collections.abc import Generator, Sequence
from typing import TYPE_CHECKING, Any

from .text_about import TextAbout
from .text_reread import MemoryBits, Reread

if TYPE_CHECKING:
    from .text_engine import TextEngine


def about(engine: "TextEngine") -> TextAbout:
    """What there is to know of the open model."""
    return engine.about()


def passage(engine: "TextEngine", number: int) -> str:
    """Some lines that the model never saw."""
    return engine.passage(number)


def reread(
    engine: "TextEngine", ids: Sequence[int], n_memory: int, cut: int, key: Any
) -> Generator[None, None, tuple[Any, Reread]]:
    """A text with so much memory; what it was asked for comes back with it."""
    return key, (yield from engine.reread(ids, n_memory, cut))


def memory_bits(
    engine: "TextEngine", ids: Sequence[int], lengths: Sequence[int], cut: int, key: Any
) -> Generator[None, None, MemoryBits]:
    """What a token of a text costs with each length of memory."""
    found = []
    for length in lengths:
        surprise = yield from engine.surprises(ids, length, cut)
        found.append(float(surprise[1:].mean()) if len(surprise) > 1 else 0.0)
    return MemoryBits(key, tuple(lengths), tuple(found))
