"""What the bar shows of one recording among several."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from studio.widgets.theme import theme

_PALETTE: Final = ("transformer", "gan", "nerf", "autoregressive", "diffusion", "vae")


@dataclass(frozen=True)
class TrackRow:
    """What a row of the bar shows of a recording.

    Attributes:
        colour: 0 to 5; -1 for the path, which is no recording: it cannot be renamed, hidden, compared or deleted.
        branch: the id of the recording that it left, and the frame from which it goes on.
        first_number: what the first frame of an unbranched recording of its kind is called.
    """

    id: str
    name: str
    colour: int
    is_hidden: bool = False
    is_pinned: bool = False
    n_frames: int = 0
    branch: tuple[str, int] | None = None
    is_growing: bool = False
    first_number: int = 1

    @property
    def is_path(self) -> bool:
        """Whether this is the path."""
        return self.colour < 0


def track_colour(colour: int) -> str:
    """The colour of the tracks with this number, "#rrggbb"; grey for the path."""
    if colour < 0:
        return theme().colour.text_muted
    return theme().hues[_PALETTE[colour % len(_PALETTE)]].fill


def first_steps(rows: Sequence[TrackRow]) -> dict[str, int]:
    """At which step of its oldest ancestor each recording begins; one whose parent is gone keeps its own count."""
    known = {row.id: row for row in rows}

    def begin(row: TrackRow, seen: frozenset[str]) -> int:
        if row.branch is None or row.id in seen:
            return 0
        parent = known.get(row.branch[0])
        return row.branch[1] + (begin(parent, seen | {row.id}) if parent is not None else 0)

    return {row.id: begin(row, frozenset()) for row in rows}
