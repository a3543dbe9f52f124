"""What a person has set in the panel of texts: settings, prompt, how the text is shown, and the text itself."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from studio.api.panel import STORED_LOOK, TextLook
from studio.core.error import UserError
from studio.core.scene_codec import UNFIT_TEXT, SceneCodec, settings, stored
from studio.core.view import State

from ..shared.next_token import UNKNOWN
from ..shared.params import MAX_TOKENS
from .params import TextParams
from .state import OUTDATED, SETTINGS, XLTextTrace, started

MAX_CHARS: Final = 100_000
_WRITTEN_ANEW: Final = {"prompt", "seed", "length"}
"""Settings that make another text at once; all others are heeded by the next text that is written."""
_KEYS: Final = {"ids", "n_prompt", "rolls", "settings"}
_NOT_KNOWN: Final = [0] * len(SETTINGS)
"""Of a text that was saved without its settings: no die is shown then."""


@dataclass(frozen=True)
class XLTextScene:
    """One state of the panel; never changed, only replaced.

    Attributes:
        params: as they are set now. look: how the text is shown.
        written: those that the text is written with, so that undo brings back this very text.
    """

    params: TextParams = stored(settings(TextParams), default_factory=TextParams)
    look: TextLook = stored(STORED_LOOK, default_factory=TextLook)
    written: TextParams = stored(settings(TextParams), former="params", default_factory=TextParams)

    @classmethod
    def of(cls, params: TextParams, look: TextLook | None = None) -> "XLTextScene":
        """A text that is written with the settings as they are."""
        return cls(params, look or TextLook(), params)

    def anew(self, params: TextParams) -> "XLTextScene":
        """A text that is written with these settings, shown as now."""
        return XLTextScene.of(params, self.look)

    def with_params(self, **changes: Any) -> "XLTextScene":
        """The same with other settings."""
        params = replace(self.params, **changes)
        return replace(self, params=params, written=params if _WRITTEN_ANEW & set(changes) else self.written)

    def at_prompt(self, prompt: str) -> "XLTextScene":
        """The same with another text, of which the model is to write nothing yet."""
        return self.with_params(prompt=prompt[:MAX_CHARS], length=0)

    def longer(self, n_tokens: int) -> "XLTextScene":
        """The same with more to be written."""
        return self.with_params(length=min(self.params.length + n_tokens, MAX_TOKENS))


CODEC: Final = SceneCodec(XLTextScene, UNFIT_TEXT)


def text_to_json(trace: XLTextTrace | None) -> dict[str, Any] | None:
    """Its tokens, how many of them were given, the dice that drew the others, and the settings that these fit."""
    if trace is None:
        return None
    n_prompt = min(trace.n_prompt, len(trace))
    return {
        "ids": trace.ids.tolist(),
        "n_prompt": n_prompt,
        "rolls": trace.roll.tolist(),
        "settings": trace.settings.tolist(),
    }


def start_from_json(text: Any) -> State | None:
    """The state from which a saved text goes on, None for none; raises UserError where it is unsound."""
    if text is None:
        return None
    if not isinstance(text, dict) or set(text) | {"settings"} != _KEYS:
        raise UserError(UNFIT_TEXT)
    ids, n_prompt, rolls, settings = text["ids"], text["n_prompt"], text["rolls"], text.get("settings", _NOT_KNOWN)
    if not _is_row(ids, lambda one: type(one) is int and 0 <= one < 2**31) or not ids:
        raise UserError(UNFIT_TEXT)
    if not _is_row(rolls, lambda one: one in (UNKNOWN, OUTDATED) or 0 <= one < 1) or len(rolls) != len(ids):
        raise UserError(UNFIT_TEXT)
    if not _is_row(settings, lambda one: 0 <= one < 1e6) or len(settings) != len(SETTINGS):
        raise UserError(UNFIT_TEXT)
    if type(n_prompt) is not int or not 0 <= n_prompt <= len(ids):
        raise UserError(UNFIT_TEXT)
    state = started(ids)
    state["facts"][:, 3] = np.array(rolls, np.float32)
    return {**state, "prompt": state["prompt"][:n_prompt], "settings": np.array(settings, np.float64)}


def _is_row(values: Any, is_fit: Callable[[Any], bool]) -> bool:
    """Whether it is a list of numbers of which each one is fit."""
    return isinstance(values, list) and all(isinstance(one, int | float) and is_fit(one) for one in values)
