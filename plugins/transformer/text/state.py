"""What engine and panel tell each other of a text: an open model, each layer's guesses (logit lens), a saved text.

Shape letters: L layers, T tokens.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from studio.core.error import UserError
from studio.core.scene_codec import UNFIT_TEXT
from studio.core.text.vocabulary import TextVocabulary
from studio.core.view import State

from .trace import SPELLING, UNKNOWN, TextTrace

Floats = npt.NDArray[Any]
Ints = npt.NDArray[Any]


@dataclass(frozen=True)
class FeatureWords:
    """What a sparse feature answers to: its strongest words, and some places around them with the word in «marks»."""

    words: tuple[str, ...]
    contexts: tuple[str, ...]


@dataclass(frozen=True)
class OpenTransformer:
    """Attributes:
    vocabulary: its tokens.
    n_layers, n_heads: of the network.
    n_context: how many tokens it sees at once; 0 where nobody knows.
    features: what the sparse features that were learnt for it stand for, (F,); empty where none were.
    is_tuned: whether it has an adapter that can be switched off.
    is_server: whether it is one of a server, of whose inside nothing is known: 0 layers and heads.
    """

    vocabulary: TextVocabulary
    n_layers: int
    n_heads: int
    n_context: int
    features: tuple[FeatureWords, ...] = ()
    is_tuned: bool = False
    is_server: bool = False


@dataclass(frozen=True, eq=False)
class LogitLens:
    """The guesses for what comes after each token.

    Attributes:
        tokens: the likeliest token by each layer, before the first one and after each, (L + 1, T).
        probabilities: theirs, (L + 1, T).
        pinned: a word to follow, None for no word.
        pinned_probabilities, pinned_ranks: of that word, (L + 1, T); ranks from 0. Empty for no word.
    """

    tokens: Ints
    probabilities: Floats
    pinned: int | None
    pinned_probabilities: Floats
    pinned_ranks: Ints


@dataclass(frozen=True)
class SteerEffect:
    """What a small step along a direction does after a layer, counted from 0.

    Attributes:
        odds: by how much the words of the one text gain on those of the other, in nats.
        bits: how far what comes next moves (Kullback-Leibler divergence), the mean of both ways.
    """

    layer: int
    odds: float
    bits: float


@dataclass(frozen=True)
class SteerSearch:
    """The effects that were measured so far, of `n_layers`; `has_words` is whether each text has words of its own."""

    effects: tuple[SteerEffect, ...]
    n_layers: int
    has_words: bool

    @property
    def best(self) -> int:
        """The layer after which the words of both texts move most, else the one where anything does."""
        rank = (lambda one: one.odds) if self.has_words else (lambda one: one.bits)
        return max(self.effects, key=rank).layer


def text_to_json(trace: TextTrace | None) -> dict[str, Any]:
    """Its tokens, how many of them are the prompt, the dice that drew the others, and what was cut off before it."""
    if trace is None:
        return {"ids": [], "n_prompt": 0, "rolls": []}
    cut = {"cut": trace.cut} if trace.cut else {}
    told = {name: values.tolist() for name, values in trace.spelling.items()}  # of a server's text alone
    return {"ids": trace.ids.tolist(), "n_prompt": len(trace.prompt), "rolls": trace.roll.tolist(), **cut, **told}


def start_from_json(text: Any) -> State | None:
    """The state from which a saved text goes on, None for an empty one; raises UserError where it is unsound."""
    is_text = isinstance(text, dict) and set(text) - {*SPELLING, "cut"} == {"ids", "n_prompt", "rolls"}
    if not is_text or not isinstance(text.get("cut", ""), str):
        raise UserError(UNFIT_TEXT)
    ids, n_prompt, rolls = text["ids"], text["n_prompt"], text["rolls"]
    is_ids = isinstance(ids, list) and all(isinstance(one, int) and 0 <= one < 2**31 for one in ids)
    is_rolls = isinstance(rolls, list) and all(isinstance(one, int | float) and UNKNOWN <= one < 1 for one in rolls)
    if not (is_ids and is_rolls and len(rolls) == len(ids) and isinstance(n_prompt, int) and 0 <= n_prompt <= len(ids)):
        raise UserError(UNFIT_TEXT)
    numbers = np.array(ids, np.int32)
    if not ids:
        return None
    known: State = {"ids": numbers, "prompt": numbers[:n_prompt], "rolls": np.array(rolls, np.float32)}
    if text.get("cut"):
        known["cut"] = np.frombuffer(text["cut"].encode("utf-8", "replace"), np.uint8)
    return {**known, **_spelling_in(text)}


def _spelling_in(text: dict[str, Any]) -> State:
    """The spelling of a server's text; raises UserError where it is unsound."""
    try:
        found = {name: np.asarray(text[name], np.int64) for name in SPELLING if name in text}
        spelled = found["spelled"].reshape(-1, 2) if found else np.zeros((0, 2), np.int64)
        is_sound = (np.diff(spelled[:, 1], prepend=0) >= 0).all() and all((one >= 0).all() for one in found.values())
        ends_well = not len(spelled) or spelled[-1, 1] == len(found["spelling"])
        if len(found) not in (0, len(SPELLING)) or not is_sound or not ends_well or spelled.max(initial=0) >= 2**31:
            raise ValueError
        if found and found["spelling"].max(initial=0) > 255:
            raise ValueError
    except (ValueError, TypeError, KeyError, OverflowError) as error:
        raise UserError(UNFIT_TEXT) from error
    return {name: one.astype(np.uint8 if name == "spelling" else np.int32) for name, one in found.items()}
