"""In which order a picture's tokens are written. No torch.

From coarse to fine, a scale at a time (next-scale prediction, Tian et al. 2024, arXiv 2404.02905), or line by line, a
token at a time (Ramesh et al. 2021, arXiv 2102.12092), where several tokens of a cell follow each other (Lee et al.
2022, arXiv 2203.01941).
"""

from dataclasses import dataclass
from itertools import accumulate
from typing import Final

MAX_TOKENS: Final = 1024
NEAR: Final = 4
"""Cells of a side that are shown around a token."""


@dataclass(frozen=True)
class Order:
    """Attributes:
    scales: cells of a side of each.
    is_by_line: whether tokens follow each other cell by cell; all scales are full then.
    """

    scales: tuple[int, ...]
    is_by_line: bool = False

    def __post_init__(self) -> None:
        if not self.scales or min(self.scales) < 1 or self.n_tokens > MAX_TOKENS:
            raise ValueError("there are no scales, or too many tokens")
        if self.is_by_line and len(set(self.scales)) > 1:
            raise ValueError("lines are of full size")

    @property
    def side(self) -> int:
        """Cells of the picture's side."""
        return self.scales[-1]

    @property
    def n_tokens(self) -> int:
        """Tokens of a picture."""
        return sum(scale * scale for scale in self.scales)

    @property
    def blocks(self) -> tuple[int, ...]:
        """How many tokens are written at once."""
        return (1,) * self.n_tokens if self.is_by_line else tuple(scale * scale for scale in self.scales)

    @property
    def ends(self) -> tuple[int, ...]:
        """How many tokens there are after each block."""
        return tuple(accumulate(self.blocks))

    def block_of(self, token: int) -> int:
        """The block that a token is written in."""
        return next(block for block, end in enumerate(self.ends) if token < end)

    def scale_of(self, block: int) -> int:
        """How many cells a side has while a block is written."""
        return self.side if self.is_by_line else self.scales[block]

    def token_at(self, block: int, row: int, column: int) -> int:
        """The newest token at a place of a scale, once a block is written; one behind that block where none is."""
        if not self.is_by_line:
            return self.ends[block] - self.blocks[block] + row * self.scales[block] + column
        first = (row * self.side + column) * len(self.scales)
        return max(first, min(first + len(self.scales) - 1, block)) if first <= block else first

    def around(self, token: int) -> tuple[float, float, float]:
        """(left, top, side) of what a person looks at to see a token, in shares of the picture: itself and its like."""
        scale, row, column = self.place(token)
        n = min(scale, NEAR)
        left, top = (min(max(one - (n - 1) / 2, 0.0), float(scale - n)) for one in (column, row))
        return left / scale, top / scale, n / scale

    def place(self, token: int) -> tuple[int, int, int]:
        """(scale, row, column): the side of the token's scale in cells, and where in it the token stands."""
        if self.is_by_line:
            return self.side, *divmod(token // len(self.scales), self.side)
        block = self.block_of(token)
        return self.scales[block], *divmod(token - self.ends[block] + self.blocks[block], self.scales[block])
