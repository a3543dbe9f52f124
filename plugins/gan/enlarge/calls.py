"""The calls that the panel sends to its engine; torch stays behind it, where only the Lane goes."""

from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from studio.core.translation import N_, translate

from .state import EnlargeSheet, EnlargeSource, Pixels, check_size, mixed, plainly_enlarged, read_small, sheet_of

if TYPE_CHECKING:
    from .engine import EnlargeEngine, Nearness


@dataclass(frozen=True, eq=False)
class EnlargeFinished:
    """A picture that both networks have drawn.

    Attributes:
        sheet: both enlargements; None where the engine has gone on to another picture.
    """

    opened: EnlargeSource
    sheet: EnlargeSheet | None


@dataclass(frozen=True, eq=False)
class EnlargeMeasured:
    """How near each enlargement is to the original, by name; empty where the original is not known."""

    nearness: dict[str, "Nearness"] = field(default_factory=dict)


def examples(engine: "EnlargeEngine") -> list[EnlargeSource]:
    """The examples that come with the program."""
    return engine.examples


def opened_of(engine: "EnlargeEngine", seed: int, picture: Pixels | None, name: str) -> EnlargeSource:
    """The picture that is enlarged: the person's own one, or the example of the seed."""
    return engine.example(seed) if picture is None else EnlargeSource(picture, None, name)


def finished(engine: "EnlargeEngine", opened: EnlargeSource) -> EnlargeFinished:
    """What both networks have drawn."""
    return EnlargeFinished(opened, engine.sheet(opened.small))


def compared(engine: "EnlargeEngine", opened: EnlargeSource, name: str) -> EnlargeSheet:
    """What lies left of the divider: a plain enlargement, or the original where it is known."""
    if name == "original" and opened.large is not None:
        return sheet_of(opened.large)
    return sheet_of(plainly_enlarged(opened.small, "bicubic" if name == "original" else name))


def measured(
    engine: "EnlargeEngine", opened: EnlargeSource, sheet: EnlargeSheet, vividness: float, known: EnlargeMeasured
) -> Generator[None, None, EnlargeMeasured]:
    """Hold the present mix, both networks and the plain enlargements against the original.

    What does not depend on the vividness is taken from what is known of the same picture.
    """
    from .engine import nearness

    if opened.large is None:
        return EnlargeMeasured()
    found: dict[str, Nearness] = {}
    faithful, vivid = sheet.parts
    pictures = {"now": mixed(faithful, vivid, vividness), "faithful": faithful, "vivid": vivid}
    for name in ("now", "faithful", "vivid", "bicubic", "lanczos"):
        if name != "now" and name in known.nearness:
            found[name] = known.nearness[name]
            continue
        picture = pictures[name] if name in pictures else plainly_enlarged(opened.small, name)
        found[name] = nearness(opened.large, picture)
        yield
    return EnlargeMeasured(found)


def read_own(engine: "EnlargeEngine", source: Path | Pixels) -> EnlargeSource:
    """A person's picture, from a file or as pixels; raises UserError where it is none or too large."""
    if isinstance(source, Path):
        return read_small(source)
    check_size(source.shape[1], source.shape[0])
    return EnlargeSource(source, None, translate(N_("From the clipboard")))
