"""What the strip of the memory shows of a text: its segments, how far back a token sees, and where that is cut."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from studio.core.text import N_, translate


@dataclass(frozen=True, eq=False)
class StripScene:
    """What the strip shows.

    Attributes:
        n_segment: tokens of a segment. n_tokens: of the text. place: the marked one.
        memory: how many tokens before its segment are remembered. cut: where that is cut, 0 for nowhere.
        looked: (G,) the share of its attention for each segment. bits: (G,) what a token of each costs.
    """

    n_segment: int
    n_tokens: int
    place: int
    memory: int
    cut: int
    looked: npt.NDArray[np.float32]
    bits: npt.NDArray[np.float32]

    @property
    def n_blocks(self) -> int:
        """How many segments the text has."""
        return -(-self.n_tokens // self.n_segment)

    @property
    def own(self) -> int:
        """The segment of the marked token."""
        return self.place // self.n_segment

    @property
    def first_seen(self) -> int:
        """The first token that the marked one can look at."""
        begin = self.own * self.n_segment
        return max(begin - self.memory, self.cut if self.place >= self.cut else 0, 0)


def told(scene: StripScene) -> str:
    """The strip in words."""
    n_seen = scene.place + 1 - scene.first_seen
    past = float(scene.looked[: scene.own].sum())
    text = N_("The marked token sees {n:,} tokens, and {share:.0f} % of its attention lies before its segment.")
    return translate(text).format(n=n_seen, share=100 * past)
