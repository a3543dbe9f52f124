"""What a person has set in the panel of translations: never changed, only replaced."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.scene_codec import UNFIT_TEXT, SceneCodec, settings, stored
from studio.core.view import State

from .params import TranslateParams
from .state import MOST_SOURCE, started

MOST_TOKENS: Final = 4096
_ANY_TOKEN: Final = 2**31


@dataclass(frozen=True)
class TranslateScene:
    """One state of the panel."""

    params: TranslateParams = stored(settings(TranslateParams), default_factory=TranslateParams)

    def anew(self, params: TranslateParams) -> "TranslateScene":
        """What these settings ask for."""
        return replace(self, params=params)

    def with_params(self, **changes: Any) -> "TranslateScene":
        """The same with other settings."""
        return replace(self, params=replace(self.params, **changes))

    def at_prompt(self, prompt: str) -> "TranslateScene":
        """The same with another text to translate."""
        return self.with_params(prompt=prompt)


CODEC: Final = SceneCodec(TranslateScene, UNFIT_TEXT)


def start_to_json(state: State | None) -> dict[str, Any] | None:
    """A text to translate with the tokens that a person laid down."""
    return None if state is None else {name: state[name].tolist() for name in ("source", "forced")}


def start_from_json(values: Any) -> State | None:
    """The state from which that goes on, None for none; raises UserError where it is unsound."""
    if values is None:
        return None
    if not isinstance(values, Mapping) or set(values) != {"source", "forced"}:
        raise UserError(UNFIT_TEXT)
    source, forced = values["source"], values["forced"]
    if not are_ids(source, MOST_SOURCE) or not source or not are_ids(forced, MOST_TOKENS):
        raise UserError(UNFIT_TEXT)
    return started(source, forced)


def are_ids(values: Any, most: int) -> bool:
    """Whether values from a file are at most so many numbers of tokens."""
    is_list = isinstance(values, list) and len(values) <= most
    return is_list and all(type(one) is int and 0 <= one < _ANY_TOKEN for one in values)


def own_start(source: Any, scene: TranslateScene, frame: Frame | None) -> State | None:
    """What a run began with; None where a run of the scene would do the same, or none is there."""
    state = None if frame is None else frame.state
    if source is None or state is None or "forced" not in state:
        return None
    is_plain = source.params == scene.params and getattr(source, "start", None) is None
    return None if is_plain else {name: np.asarray(state[name]) for name in ("source", "forced")}
