"""From what a network says to the next token: the likeliest ones, temperature and a die; no torch.

Shape letters: V vocabulary, N the likeliest, at most 50 of them.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from studio.core.seed import generator
from studio.core.text.token import Candidate, Die
from studio.core.text.vocabulary import TextVocabulary
from studio.core.view import Bars

N_NEXT: Final = 50
N_BARS: Final = 10
N_ROWS: Final = 8
UNKNOWN: Final = -1.0
FACTS: Final = ("surprise", "rank", "entropy", "roll")
"""In bits, 0 for the likeliest, in bits of all that could have stood there, and of the die that drew it."""


@dataclass(frozen=True, eq=False)
class Chances:
    """How likely each token is to be drawn.

    Attributes:
        order: (V,) all tokens, likeliest first. shares: (V,) float64, of the tokens in this order; 0 if ruled out.
    """

    order: npt.NDArray[np.intp]
    shares: npt.NDArray[np.float64]

    def drawn(self, roll: float) -> int:
        """On which the die falls: they lie side by side in their order, each as wide as it is likely."""
        place = int(np.searchsorted(np.cumsum(self.shares), roll, side="right"))
        return int(self.order[min(place, int(np.count_nonzero(self.shares)) - 1)])


@dataclass(frozen=True)
class Choosing:
    """How the next token is chosen.

    Attributes:
        temperature: logits are divided by it; above 0.
        top_p: only the fewest likeliest tokens that have this much together may come (nucleus, arXiv 1904.09751).
    """

    temperature: float = 1.0
    top_p: float = 1.0

    def chances(self, log_probabilities: npt.NDArray[Any]) -> Chances:
        """What the network says (V,), with these settings."""
        order = likeliest(log_probabilities)
        logits = log_probabilities[order].astype(np.float64) / self.temperature
        shares = np.exp(logits - logits[0])
        shares /= shares.sum()
        if self.top_p < 1:
            shares[int(np.searchsorted(np.cumsum(shares), self.top_p)) + 1 :] = 0
            shares /= shares.sum()
        return Chances(order, shares)


def likeliest(values: npt.NDArray[Any]) -> npt.NDArray[np.intp]:
    """All tokens, likeliest first, equally likely ones by number."""
    return np.argsort(-values, kind="stable")


def die_roll(seed: int, place: int) -> float:
    """The die for the token at a place of the text, in [0, 1): hash(seed, place), whatever was drawn before."""
    return float(generator(seed, "token", place).random())


@dataclass(frozen=True, eq=False)
class NextTokens:
    """The likeliest tokens of a place, by number.

    Attributes:
        ids: (N,) int32, the likeliest first.
        raw: (N,) float16, their probabilities as the network says them. after: as they may be drawn.
    """

    ids: npt.NDArray[Any]
    raw: npt.NDArray[Any]
    after: npt.NDArray[Any]


@dataclass(frozen=True)
class TokenChoice:
    """What could stand at a place as it was drawn there.

    Attributes:
        rows: the likeliest, and the one that stands there.
        others: the probability of all that have no row.
        die: None where none was rolled, or by other settings than the run has.
        chosen: the token that stands there, None behind the end.
    """

    rows: tuple[Candidate, ...]
    others: float
    die: Die | None
    chosen: int | None


def next_tokens(said: npt.NDArray[Any], chances: Chances) -> NextTokens:
    """From the log-probabilities (V,) that the network says, and how they may be drawn."""
    top, after = chances.order[:N_NEXT], chances.shares[:N_NEXT]
    raw = np.exp(said[top].astype(np.float64))
    return NextTokens(top.astype(np.int32), raw.astype(np.float16), after.astype(np.float16))


def next_bars(found: NextTokens, vocabulary: TextVocabulary) -> Bars:
    """The likeliest of what comes next, as they may be drawn."""
    after = found.after.astype(np.float64)
    order = likeliest(after)[:N_BARS]
    labels = tuple(vocabulary.name(int(found.ids[at])) for at in order)
    return Bars(labels, tuple(after[order].tolist()), tuple((after[order] == 0).tolist()))


def token_choice(
    found: NextTokens, chosen: int | None, bits: float, roll: float, vocabulary: TextVocabulary
) -> TokenChoice:
    """What could stand at a place, where a token was chosen that surprised by so many bits.

    A `roll` below 0 is none.
    """
    rows = [
        Candidate(int(one), vocabulary.name(int(one)), float(raw), float(after), int(one) == chosen)
        for one, raw, after in zip(found.ids, found.raw, found.after, strict=True)
    ]
    shown = rows[:N_ROWS]
    if chosen is not None and not any(row.is_chosen for row in shown):
        listed = next((row for row in rows if row.is_chosen), None)
        shown = [*shown[:-1], listed or _unlisted(chosen, bits, vocabulary)]
    others = max(0.0, 1.0 - sum(row.after for row in shown))
    die = None if roll < 0 else _die(found, roll, chosen, vocabulary)
    return TokenChoice(tuple(shown), others, die, chosen)


def _unlisted(chosen: int, bits: float, vocabulary: TextVocabulary) -> Candidate:
    """A token that was not among the captured ones: its probability is that of its surprise."""
    share = 2.0**-bits
    return Candidate(chosen, vocabulary.name(chosen), share, share, True)


def _die(found: NextTokens, roll: float, chosen: int | None, vocabulary: TextVocabulary) -> Die:
    """The parts of the bar are as long as they were when the die was rolled, so it falls on what stands there.

    A run shows no die that was read by other settings (`text.state.OUTDATED`).
    """
    after = found.after.astype(np.float64)
    order = likeliest(after)
    ends = np.cumsum(after[order])
    shares = tuple((vocabulary.name(int(found.ids[at])), float(end)) for at, end in zip(order, ends, strict=True))
    return Die(roll, shares, chosen, "" if chosen is None else vocabulary.name(chosen))


def facts_of(token: int, said: npt.NDArray[Any] | None, roll: float) -> npt.NDArray[np.float32]:
    """What is known of a token from the log-probabilities (V,) of its place, None where nothing was said of it."""
    if said is None:
        return np.array([UNKNOWN, UNKNOWN, UNKNOWN, roll], np.float32)
    chances = np.exp(said.astype(np.float64))
    entropy = -float((chances * said).sum()) / np.log(2)
    rank = np.count_nonzero(said > said[token])
    return np.array([-said[token] / np.log(2), rank, entropy, roll], np.float32)
