"""How the text is shown: words or tokens, colours or lines, signs for spaces; and what is drawn over it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class TextLook:
    """What a person chose.

    Attributes:
        shows_tokens: each token a chip of its own, not each word.
        is_underlined: surprise as the thickness of a line, not as a colour.
        shows_signs: spaces and ends of lines can be seen.
    """

    shows_tokens: bool = False
    is_underlined: bool = False
    shows_signs: bool = False


@dataclass(frozen=True)
class Arc:
    """A line from one token to another over the text; `weight` is 0 to 1."""

    token: int
    to: int
    weight: float
