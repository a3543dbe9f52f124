"""Which adapters (LoRA) change the networks of a run, and how strongly: as a parameter says it, and in parts.

One a line: "style.safetensors @ 0.8", with " off" behind it where it is not used just now.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from studio.core.container.source import printable
from studio.core.error import UserError
from studio.core.translation import N_

MAX_STRENGTH: Final = 2.0
MAX_ADAPTERS: Final = 8
MAX_CHARS: Final = 1000
OFF: Final = " off"
_LINE: Final = re.compile(r"(\S.*?) @ (-?\d{1,2}(?:\.\d{1,4})?)( off)?")


@dataclass(frozen=True)
class Adapter:
    """One file.

    Attributes:
        strength: -2..2, what its changes are multiplied by; below 0 it does the opposite.
        is_on: whether it is used at all.
    """

    path: Path
    strength: float = 1.0
    is_on: bool = True

    @property
    def title(self) -> str:
        """What it is called."""
        return printable(self.path.stem)


def adapters_of(text: str) -> tuple[Adapter, ...]:
    """Read what a parameter says; raises UserError where it is anything else."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) > MAX_ADAPTERS:
        raise UserError(N_("A model can use at most {n} adapters at once.").format(n=MAX_ADAPTERS))
    return tuple(map(_adapter, lines))


def _adapter(line: str) -> Adapter:
    found = _LINE.fullmatch(line) if len(line) <= MAX_CHARS else None
    is_elsewhere = line.startswith(("\\\\", "//"))  # another computer
    if found is None or is_elsewhere or "\0" in line or not abs(float(found[2])) <= MAX_STRENGTH:
        raise UserError(
            N_("“{text}” does not say which adapter is used, and how strongly.").format(text=printable(line[:60])),
            N_("Write “style.safetensors @ 0.8”: a file, and a strength from −2 to 2."),
        )
    return Adapter(Path(found[1]), float(found[2]), found[3] is None)


def text_of(adapters: Iterable[Adapter]) -> str:
    """As a parameter says them; `adapters_of` reads it."""
    return "\n".join(f"{one.path} @ {one.strength:g}{'' if one.is_on else OFF}" for one in adapters)
