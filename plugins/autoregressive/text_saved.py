"""A text as plain values, from which it can be read again as it was."""

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from studio.core.error import UserError
from studio.core.text import N_
from studio.core.view import State

from .next_tokens import UNKNOWN
from .text_state import OUTDATED, SETTINGS, Trace, started

_KEYS: Final = {"ids", "n_prompt", "rolls", "settings"}
_NOT_KNOWN: Final = [0] * len(SETTINGS)
"""Of a text that was saved without its settings: no die is shown then."""


def text_to_json(trace: Trace | None) -> dict[str, Any] | None:
    """Its tokens, how many of them were given, the dice that drew the others, and the settings that these fit."""
    if trace is None:
        return None
    n_prompt = min(trace.n_prompt, len(trace))
    return {"ids": trace.ids.tolist(), "n_prompt": n_prompt, "rolls": trace.roll.tolist(),
            "settings": trace.settings.tolist()}  # fmt: skip


def start_from_json(text: Any) -> State | None:
    """The state from which a saved text goes on, None for none; raises UserError where it is unsound."""
    if text is None:
        return None
    if not isinstance(text, dict) or set(text) | {"settings"} != _KEYS:
        raise _unfit()
    ids, n_prompt, rolls, settings = text["ids"], text["n_prompt"], text["rolls"], text.get("settings", _NOT_KNOWN)
    if not _is_row(ids, lambda one: type(one) is int and 0 <= one < 2**31) or not ids:
        raise _unfit()
    if not _is_row(rolls, lambda one: one in (UNKNOWN, OUTDATED) or 0 <= one < 1) or len(rolls) != len(ids):
        raise _unfit()
    if not _is_row(settings, lambda one: 0 <= one < 1e6) or len(settings) != len(SETTINGS):
        raise _unfit()
    if type(n_prompt) is not int or not 0 <= n_prompt <= len(ids):
        raise _unfit()
    state = started(ids)
    state["facts"][:, 3] = np.array(rolls, np.float32)
    return {**state, "prompt": state["prompt"][:n_prompt], "settings": np.array(settings, np.float64)}


def _is_row(values: Any, is_fit: Callable[[Any], bool]) -> bool:
    """Whether it is a list of numbers of which each one is fit."""
    return isinstance(values, list) and all(isinstance(one, int | float) and is_fit(one) for one in values)


def _unfit() -> UserError:
    return UserError(N_("This saved text does not fit the model."))
