"""What engine and panel tell each other of a text: an open model, each layer's guesses (logit lens), a saved text.

Shape letters: L layers, T tokens.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from studio.core.error import UserError
from studio.core.text.vocabulary import TextVocabulary
from studio.core.translation import N_
from studio.core.view import State

from .trace import UNKNOWN, TextTrace

Floats = npt.NDArray[Any]
Ints = npt.NDArray[Any]


@dataclass(frozen=True)
class OpenTransformer:
    """Attributes:
    vocabulary: its tokens.
    n_layers, n_heads: of the network.
    n_context: how many tokens it sees at once.
    """

    vocabulary: TextVocabulary
    n_layers: int
    n_heads: int
    n_context: int


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


def text_to_json(trace: TextTrace | None) -> dict[str, Any]:
    """Its tokens, how many of them are the prompt, the dice that drew the others, and what was cut off before it."""
    if trace is None:
        return {"ids": [], "n_prompt": 0, "rolls": []}
    cut = {"cut": trace.cut} if trace.cut else {}
    return {"ids": trace.ids.tolist(), "n_prompt": len(trace.prompt), "rolls": trace.roll.tolist(), **cut}


def start_from_json(text: Any) -> State | None:
    """The state from which a saved text goes on, None for an empty one; raises UserError where it is unsound."""
    if not isinstance(text, dict) or {*text, "cut"} != {"ids", "n_prompt", "rolls", "cut"}:
        raise UserError(N_("This saved text belongs to another model."))
    if not isinstance(text.get("cut", ""), str):
        raise UserError(N_("This saved text belongs to another model."))
    ids, n_prompt, rolls = text["ids"], text["n_prompt"], text["rolls"]
    is_ids = isinstance(ids, list) and all(isinstance(one, int) and 0 <= one < 2**31 for one in ids)
    is_rolls = isinstance(rolls, list) and all(isinstance(one, int | float) and UNKNOWN <= one < 1 for one in rolls)
    if not is_ids or not is_rolls or len(rolls) != len(ids):
        raise UserError(N_("This saved text belongs to another model."))
    if not isinstance(n_prompt, int) or not 0 <= n_prompt <= len(ids):
        raise UserError(N_("This saved text belongs to another model."))
    numbers = np.array(ids, np.int32)
    cut = {"cut": np.frombuffer(text["cut"].encode("utf-8", "replace"), np.uint8)} if text.get("cut") else {}
    known: State = {"ids": numbers, "prompt": numbers[:n_prompt], "rolls": np.array(rolls, np.float32), **cut}
    return known if ids else None
