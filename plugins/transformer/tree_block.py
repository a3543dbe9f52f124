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
        """Its height; in proportion to its probability after the block that is zoomed to."""
        return self.bottom - self.top


def placed(blocks: Sequence[TreeBlock], root: int = -1) -> list[PlacedBlock]:
    """Where all blocks below `root` stand: under each other, their heights in proportion to their probabilities.

    Those right after `root` fill the height; deeper down, what no block has stays empty at the foot.
    """
    children: dict[int, list[int]] = {}
    for number, block in enumerate(blocks):
        children.setdefault(block.parent, []).append(number)
    followed = followed_share(blocks, root)
    return list(_placed(blocks, children, root, 0.0, 1 / followed)) if followed > 0 else []


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
    y = top
    for child in sorted(children.get(number, []), key=lambda one: -blocks[one].share):
        end = y + (bottom - top) * blocks[child].share
        yield PlacedBlock(child, blocks[child], y, end)
        yield from _placed(blocks, children, child, y, end)
        y = end
