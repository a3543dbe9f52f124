"""The likeliest ways on, as blocks whose height is their probability; no drawing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class TreeBlock:
    """A token of the tree.

    Attributes:
        token: its number. parent: the number of the block before it in the list, -1 for the text itself.
        depth: 1 for the first token after the text.
        share: its probability after its parent.
    """

    token: int
    parent: int
    depth: int
    share: float


@dataclass(frozen=True)
class PlacedBlock:
    """A block and where it stands, 0 to 1 from top to bottom, in the column `depth`."""

    number: int
    block: TreeBlock
    top: float
    bottom: float

    @property
    def height(self) -> float:
        """Its height, as a share of all."""
        return self.bottom - self.top


def placed(blocks: Sequence[TreeBlock], root: int = -1) -> list[PlacedBlock]:
    """Where all blocks below `root` stand: those behind a block share its height in proportion to their probabilities.

    What no block has takes no room: a tree of the three likeliest would be too thin to see four words deep.
    """
    children: dict[int, list[int]] = {}
    for number, block in enumerate(blocks):
        children.setdefault(block.parent, []).append(number)
    return list(_placed(blocks, children, root, 0.0, 1.0))


def followed_share(blocks: Sequence[TreeBlock], root: int = -1) -> float:
    """The probability that the next token after `root` is one of its blocks, 0 where it has none."""
    return sum(block.share for block in blocks if block.parent == root)


def path_to(blocks: Sequence[TreeBlock], number: int) -> list[int]:
    """The tokens from the text to a block, that of the block included."""
    tokens: list[int] = []
    while number >= 0:
        tokens.insert(0, blocks[number].token)
        number = blocks[number].parent
    return tokens


def joint_of(blocks: Sequence[TreeBlock], number: int) -> float:
    """The probability of the whole way to a block."""
    share = 1.0
    while number >= 0:
        share *= blocks[number].share
        number = blocks[number].parent
    return share


def _placed(
    blocks: Sequence[TreeBlock], children: dict[int, list[int]], number: int, top: float, bottom: float
) -> Iterator[PlacedBlock]:
    y, followed = top, sum(blocks[child].share for child in children.get(number, []))
    for child in sorted(children.get(number, []), key=lambda one: -blocks[one].share):
        end = y + (bottom - top) * blocks[child].share / max(followed, 1e-300)
        yield PlacedBlock(child, blocks[child], y, end)
        yield from _placed(blocks, children, child, y, end)
        y = end
