"""One token of a text as a person sees it, what could stand in its place, and from which surprise on that is shown."""

import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from studio.core.translation import N_, _, grouped, translate

VISIBLE: Final = str.maketrans({" ": "\N{MIDDLE DOT}", "\n": "\N{DOWNWARDS ARROW WITH CORNER LEFTWARDS}", "\t": "→"})
"""Spaces and ends of lines as signs that can be seen."""
EXPECTED_BITS: Final = 1.0
"""Below, a token was expected: it had half of the probability or more."""
SURPRISING_BITS: Final = 3.0
"""Above, it was a surprise: less than an eighth."""
MOST_BITS: Final = 10.0
_THICKEST_PX: Final = 6.0
_UNSPACED: Final = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u9fff\U00020000-\U0003ffff]")
"""Letters of scripts that put no space between words: Thai, Lao, Burmese, Khmer, Japanese, Chinese."""


@dataclass(frozen=True)
class TextToken:
    """A token of the text.

    Attributes:
        piece: what it adds to the text; empty for a part of a character.
        surprise_bits: minus the binary logarithm of its probability; None where there was nothing before it.
        rank: how many were likelier; None where that is not known.
        expected: the likeliest token at its place and its probability; None where that is not known.
        is_written: whether the model wrote it.
        is_forced: whether a person put it where the model would have drawn one.
        mark: what it is called where it has no letters of its own, such as the end of the text.
        is_untold: whether nobody says how likely it was, though there was something before it.
    """

    piece: str
    surprise_bits: float | None = None
    rank: int | None = None
    expected: tuple[str, float] | None = None
    is_written: bool = False
    is_forced: bool = False
    mark: str = ""
    is_untold: bool = False

    @property
    def name(self) -> str:
        """How it is spoken of."""
        return named(self.piece or self.mark)

    @property
    def probability(self) -> float | None:
        """What the model gave it, before any sampler."""
        return None if self.surprise_bits is None else 2.0**-self.surprise_bits


def goes_on(before: str, piece: str) -> bool:
    """Whether a piece belongs to the word that stands before it; without spaces between words, each is one."""
    return _is_of_a_word(before[-1:]) and _is_of_a_word(piece[:1])


def _is_of_a_word(char: str) -> bool:
    is_letter = bool(char) and (char.isalnum() or unicodedata.category(char).startswith("M"))
    return is_letter and not is_unspaced(char)


def is_unspaced(char: str) -> bool:
    """Whether it is a letter of a script that puts no space between words."""
    return _UNSPACED.match(char) is not None


def joined(tokens: Sequence[TextToken]) -> list[tuple[int, ...]]:
    """The numbers of the tokens of each word: a word goes on until a space or a change to signs."""
    words: list[tuple[int, ...]] = []
    before = ""
    for number, token in enumerate(tokens):
        if words and (goes_on(before, token.piece) or not token.piece or not before):
            words[-1] = (*words[-1], number)
        else:
            words.append((number,))
        before = token.piece or before if token.piece else ""
    return words


def word_of(tokens: Sequence[TextToken], numbers: Sequence[int]) -> TextToken:
    """Tokens as one word: their surprise is the sum, since each stands after the one before."""
    parts = [tokens[number] for number in numbers]
    if len(parts) == 1:
        return parts[0]
    known = [part.surprise_bits for part in parts if part.surprise_bits is not None]
    bits = sum(known) if known else None
    return TextToken("".join(part.piece for part in parts), bits, is_written=parts[0].is_written)


def visible(piece: str) -> str:
    """A token with its spaces and ends of lines to be seen."""
    return piece.translate(VISIBLE)


def named(piece: str) -> str:
    """A token as it is spoken of: without the space before it, signs that cannot be seen by name."""
    plain = piece.strip()
    if plain:
        return plain
    if "\n" in piece:
        return _("new line") if piece.count("\n") == 1 else _("empty line")
    return _("space") if piece else _("part of a character")


def percent(share: float | None) -> str:
    """A share of 0 to 1 as people read it; a dash for None."""
    if share is None:
        return "–"
    value = 100 * share
    if value >= 99.95:
        return f"{value:.0f} %"
    if value >= 0.1:
        return f"{value:.1f} %"
    return f"{value:.2g} %" if value > 1e-4 else "< 0.0001 %" if value > 0 else "0 %"


def short_percent(share: float) -> str:
    """The same as short as a column of figures needs it."""
    return "< 0.1 %" if 0 < share < 1e-3 else percent(share)


def sentence(token: TextToken) -> str:
    """What is known of a token, for whoever points at it."""
    name = token.name
    share = token.probability
    if token.is_untold:
        return _("“{word}”: how likely it was, the server does not say.").format(word=name)
    if share is None:
        return _("“{word}” comes first: the model had nothing to predict it from.").format(word=name)
    parts = [_("“{word}”: {share} likely").format(word=name, share=percent(share))]
    if token.rank is not None:
        parts.append(_("choice {n}").format(n=grouped(token.rank + 1)))
    parts.append(_("{n:.1f} bits of surprise").format(n=token.surprise_bits))
    lines = [", ".join(parts)]
    if token.expected is not None and token.rank:
        likely, chance = token.expected
        text = _("Expected: “{word}” ({share})")
        lines.append(text.format(word=named(likely), share=percent(chance)))
    return "\n".join(lines)


def surprise_lead(token: TextToken) -> str:
    """How much of a surprise it was, in a short sentence; for a token that has a surprise."""
    bits = token.surprise_bits or 0.0
    text = N_("“{word}” was one of the likely words.")
    if bits > SURPRISING_BITS:
        text = N_("“{word}” was a surprise.")
    elif bits < EXPECTED_BITS:
        text = N_("“{word}” was expected.")
    return translate(text).format(word=token.name)


def expected_words(token: TextToken, likeliest: str) -> str:
    """What the model had expected, and the share that it gave; `likeliest` says that of one that it had expected."""
    share = percent(token.probability)
    if token.rank == 0 or token.expected is None:
        return translate(likeliest).format(share=share)
    word, chance = token.expected
    text = N_("The model expected “{word}” ({chance}) and gave this one {share}.")
    return translate(text).format(word=named(word), chance=percent(chance), share=share)


def perplexity(tokens: Sequence[TextToken]) -> float | None:
    """Two to the mean surprise of the tokens in bits: among how many equal choices the model wavered."""
    known = [token.surprise_bits for token in tokens if token.surprise_bits is not None]
    return 2.0 ** (math.fsum(known) / len(known)) if known else None


def score_words(tokens: Sequence[TextToken]) -> str:
    """How surprising a whole text is."""
    value = perplexity(tokens)
    if value is None:
        return ""
    text = N_("On average the model wavered between {n} equally likely tokens (perplexity).")
    return translate(text).format(n=grouped(value, ",.1f"))


@dataclass(frozen=True)
class Candidate:
    """A token that may come.

    Attributes:
        token: its number. text: what it says.
        raw: its probability before any stage. after: after the stage on show; 0 where it is ruled out.
        is_chosen: whether it is the one that stands there.
        more: the tokens behind it where the text and both probabilities are those of a whole word.
    """

    token: int
    text: str
    raw: float
    after: float
    is_chosen: bool = False
    more: tuple[int, ...] = ()


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


def strength(bits: float) -> float:
    """How surprising, 0 below 3 bits to 1 at 10 and more."""
    return min(max((bits - SURPRISING_BITS) / (MOST_BITS - SURPRISING_BITS), 0.0), 1.0)


def thickness_px(bits: float | None) -> float:
    """The line under a token where surprise is a line: none for what was expected, 6 pixels from 10 bits on."""
    if bits is None or bits < EXPECTED_BITS:
        return 0.0
    return 1.0 + (_THICKEST_PX - 1.0) * min((bits - EXPECTED_BITS) / (MOST_BITS - EXPECTED_BITS), 1.0)
