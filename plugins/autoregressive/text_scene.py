"""What a person has set in the panel of texts: settings and prompt, and how the text is shown."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from studio.api.panel import TextLook
from studio.core.error import UserError
from studio.core.param import params_to_json, saved_params
from studio.core.text import N_

from .params import MAX_TOKENS
from .text_params import TextParams

MAX_CHARS: Final = 100_000
_WRITTEN_ANEW: Final = {"prompt", "seed", "length"}
"""Settings that make another text at once; all others are heeded by the next text that is written."""


@dataclass(frozen=True)
class TextScene:
    """One state of the panel; never changed, only replaced.

    Attributes:
        params: as they are set now. look: how the text is shown.
        written: those that the text is written with, so that undo brings back this very text.
    """

    params: TextParams = field(default_factory=TextParams)
    look: TextLook = field(default_factory=TextLook)
    written: TextParams = field(default_factory=TextParams)

    @classmethod
    def of(cls, params: TextParams, look: TextLook | None = None) -> "TextScene":
        """A text that is written with the settings as they are."""
        return cls(params, look or TextLook(), params)

    def with_params(self, **changes: Any) -> "TextScene":
        """The same with other settings."""
        params = replace(self.params, **changes)
        return replace(self, params=params, written=params if _WRITTEN_ANEW & set(changes) else self.written)

    def at_prompt(self, prompt: str) -> "TextScene":
        """The same with another text, of which the model is to write nothing yet."""
        return self.with_params(prompt=prompt[:MAX_CHARS], length=0)

    def longer(self, n_tokens: int) -> "TextScene":
        """The same with more to be written."""
        return self.with_params(length=min(self.params.length + n_tokens, MAX_TOKENS))


def scene_to_json(scene: TextScene) -> dict[str, Any]:
    """The scene as plain values."""
    look = [scene.look.shows_tokens, scene.look.is_underlined, scene.look.shows_signs]
    return {"params": params_to_json(scene.params), "look": look, "written": params_to_json(scene.written)}


def scene_from_json(values: Any) -> TextScene:
    """Read such values; raises UserError where they are unsound. Once `written` was not saved: the settings were."""
    if not isinstance(values, Mapping) or set(values) | {"written"} != set(scene_to_json(TextScene())):
        raise _unfit()
    look, params = values["look"], values["params"]
    written = values.get("written", params)
    is_look = isinstance(look, list) and len(look) == 3 and all(isinstance(one, bool) for one in look)
    if not is_look or not isinstance(params, Mapping) or not isinstance(written, Mapping):
        raise _unfit()
    return TextScene(saved_params(TextParams, params), TextLook(*look), saved_params(TextParams, written))


def _unfit() -> UserError:
    return UserError(N_("This saved text does not fit the model."))
