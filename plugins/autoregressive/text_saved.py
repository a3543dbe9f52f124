"""A text as plain values, from which it can be read again as it was."""

from typing import Any, Final

import numpy as np

from studio.core.error import UserError
from studio.core.text import N_
from studio.core.view import State

from .text_state import UNKNOWN, Trace, started

_KEYS: Final = {"ids", "n_prompt", "rolls"}


def text_to_json(trace: Trace | None) -> dict[str, Any] | None:
    """Its tokens, how many of them were given, and the dice that drew the others."""
    if trace is None:
        return None
    n_prompt = min(trace.n_prompt, len(trace))
    return {"ids": trace.ids.tolist(), "n_prompt": n_prompt, "rolls": trace.roll.tolist()}


def start_from_json(text: Any) -> State | None:
    """The state from which a saved text goes on, None for none; raises UserError where it is unsound."""
    if text is None:
        return None
    if not isinstance(text, dict) or set(text) != _KEYS:
        raise _unfit()
    ids, n_prompt, rolls = text["ids"], text["n_prompt"], text["rolls"]
    is_ids = isinstance(ids, list) and ids and all(type(one) is int and 0 <= one < 2**31 for one in ids)
    is_rolls = isinstance(rolls, list) and all(isinstance(one, int | float) and UNKNOWN <= one < 1 for one in rolls)
    if not is_ids or not is_rolls or len(rolls) != len(ids):
        raise _unfit()
    if type(n_prompt) is not int or not 0 <= n_prompt <= len(ids):
        raise _unfit()
    state = started(ids)
    state["facts"][:, 3] = np.array(rolls, np.float32)
    return {**state, "prompt": state["prompt"][:n_prompt]}


def _unfit() -> UserError:
    return UserError(N_("This saved text does not fit the model."))
