"""One thing to choose: how it is found, how it looks, and what it does."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from studio.commands.palette import Entry


@dataclass(frozen=True)
class Choice:
    """Something that can be chosen.

    Attributes:
        entry: how it is found; its title stands in a row of the palette.
        kind: what sort of thing it is ("Model").
        run: what it does.
        keys: the keys that do the same.
        name: what it is called on a tile, where the kind need not be said; the title of the entry where it is empty.
        sentence: what it is for.
        picture: a still picture on the disk; without one its first letter is drawn.
        hue: the colour of its family.
        group: what stands beside its name, such as its family.
        is_present: whether it is what is open now.
    """

    entry: Entry
    kind: str
    run: Callable[[], object]
    keys: str = ""
    name: str = ""
    sentence: str = ""
    picture: Path | None = None
    hue: str = ""
    group: str = ""
    is_present: bool = False

    @property
    def short_name(self) -> str:
        """What it is called on a tile."""
        return self.name or self.entry.title
