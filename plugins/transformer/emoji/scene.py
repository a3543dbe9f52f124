"""What a person has set in the panel of drawing: never changed, only replaced."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from studio.core.error import UserError
from studio.core.scene_codec import UNFIT_TEXT, SceneCodec, settings, stored
from studio.core.view import State

from .orders import MAX_TOKENS
from .params import EmojiParams
from .state import NONE, started

_ANY_TOKEN: Final = 2**16


@dataclass(frozen=True)
class EmojiScene:
    """One state of the panel."""

    params: EmojiParams = stored(settings(EmojiParams), default_factory=EmojiParams)

    def anew(self, params: EmojiParams) -> "EmojiScene":
        """What these settings ask for."""
        return replace(self, params=params)

    def with_params(self, **changes: Any) -> "EmojiScene":
        """The same with other settings."""
        return replace(self, params=replace(self.params, **changes))

    def at_prompt(self, prompt: str) -> "EmojiScene":
        """The same with another sentence."""
        return self.with_params(prompt=prompt)


CODEC: Final = SceneCodec(EmojiScene, UNFIT_TEXT)


def start_to_json(state: State | None) -> dict[str, Any] | None:
    """The tokens that a picture begins with."""
    return None if state is None else {name: state[name].tolist() for name in ("by_line", "tokens", "forced")}


def start_from_json(values: Any) -> State | None:
    """The state from which that goes on, None for none; raises UserError where it is unsound."""
    if values is None:
        return None
    if not isinstance(values, Mapping) or set(values) != {"by_line", "tokens", "forced"}:
        raise UserError(UNFIT_TEXT)
    by_line, tokens, forced = values["by_line"], values["tokens"], values["forced"]
    is_sound = _are_ids(tokens, 0, MAX_TOKENS) and by_line in ([0], [1]) and _are_ids(forced, NONE, 1)
    if not is_sound or len(forced) != 1 or forced[0] >= max(len(tokens), 1):
        raise UserError(UNFIT_TEXT)
    return started(bool(by_line[0]), tokens, forced[0])


def _are_ids(values: Any, least: int, most: int) -> bool:
    is_list = isinstance(values, list) and len(values) <= most
    return is_list and all(type(one) is int and least <= one < _ANY_TOKEN for one in values)
