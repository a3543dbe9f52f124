"""The runs of a text as a tree: which one left which other one, at what token, and how likely each is; no drawing."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class BranchRun:
    """A run of the text.

    Attributes:
        id: that of its track. parent: of the run that it left, empty for a run of its own.
        place: the first token that is its own, counted from the beginning of the text.
        n_tokens: how long its text is.
        word: its first own token in words. other: the word at the same place in the run that it left.
        text: all of it. bits: the surprise of all that was written after the prompt, together.
    """

    id: str
    parent: str
    place: int
    n_tokens: int
    word: str = ""
    other: str = ""
    text: str = ""
    bits: float = 0.0


@dataclass(frozen=True)
class BranchLine:
    """A run as a line: from token `first` to token `last` in row `row`; it comes from `from_row`, -1 for none."""

    run: BranchRun
    row: int
    from_row: int
    first: int
    last: int


def lines_of(runs: Sequence[BranchRun]) -> list[BranchLine]:
    """Every run in a row of its own, below the run that it left; those that leave late come first.

    A run whose parent is gone stands as a run of its own, but begins where it has tokens of its own.
    """
    known = {run.id for run in runs}
    rows: dict[str, int] = {}
    lines: list[BranchLine] = []
    for run in _in_order([run for run in runs if run.parent not in known], runs):
        rows[run.id] = len(lines)
        is_child = run.parent in rows
        first = run.place if is_child or run.parent else 0
        lines.append(BranchLine(run, len(lines), rows.get(run.parent, -1), first, max(run.n_tokens - 1, first)))
    return lines


def joint_words(bits: float) -> str:
    """A joint probability in plain figures: "1 in 4,000", with powers of ten where it is tiny."""
    decimal = bits * math.log10(2)
    if decimal < 6:
        return f"1 in {2**bits:,.0f}" if bits >= 1 else f"{100 * 2.0**-bits:.0f} %"
    return f"1 in 10^{decimal:.0f}"


def _in_order(heads: Sequence[BranchRun], runs: Sequence[BranchRun]) -> Iterator[BranchRun]:
    for head in heads:
        yield head
        children = [run for run in runs if run.parent == head.id]
        yield from _in_order(sorted(children, key=lambda run: -run.place), runs)
