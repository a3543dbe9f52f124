"""What could stand at a place of a text, as bars and the die show it; no drawing."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Candidate:
    """A token that may come.

    Attributes:
        token: its number. text: what it says.
        raw: its probability before any stage. after: after the stage on show; 0 where it is ruled out.
        is_chosen: whether it is the one that stands there.
    """

    token: int
    text: str
    raw: float
    after: float
    is_chosen: bool = False


@dataclass(frozen=True)
class Die:
    """The die that chooses.

    Attributes:
        roll: 0 to 1.
        shares: of the tokens in the order of the die, as far as they are shown: (text, where its part ends).
        would: the token on which it falls with these settings, `word` its name; None where that is not known, since
            it is not among the captured ones.
        is_greedy: nothing is rolled, the likeliest is taken.
    """

    roll: float
    shares: tuple[tuple[str, float], ...]
    would: int | None
    word: str = ""
    is_greedy: bool = False
