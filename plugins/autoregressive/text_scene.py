"""What a person has set in the panel of texts: settings and prompt, and how the text is shown."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from studio.api.panel import TextLook
from studio.core.error import UserError
from studio.core.param import make_params, params_to_json
from studio.core.text import N_

from .params import MAX_TOKENS, SampleParams

MAX_CHARS: Final = 100_000


@dataclass(frozen=True)
class TextScene:
    """One state of the panel; never changed, only replaced."""

    params: SampleParams = field(default_factory=SampleParams)
    look: TextLook = field(default_factory=TextLook)

    def with_params(self, **changes: Any) -> "TextScene":
        """The same with other settings."""
        return replace(self, params=replace(self.params, **changes))

    def at_prompt(self, prompt: str) -> "TextScene":
        """The same with another text, of which the model is to write nothing yet."""
        return self.with_params(prompt=prompt[:MAX_CHARS], length=0)

    def longer(self, n_tokens: int) -> "TextScene":
        """The same with more to be written."""
        return self.with_params(length=min(self.params.length + n_tokens, MAX_TOKENS))


def scene_to_json(scene: TextScene) -> dict[str, Any]:
    """The scene as plain values."""
    look = [scene.look.shows_tokens, scene.look.is_underlined, scene.look.shows_signs]
    return {"params": params_to_json(scene.params), "look": look}


def scene_from_json(values: Any) -> TextScene:
    """Read such values; raises UserError where they are unsound."""
    if not isinstance(values, Mapping) or set(values) != set(scene_to_json(TextScene())):
        raise UserError(N_("This saved text does not fit the model."))
    look, params = values["look"], values["params"]
    is_look = isinstance(look, list) and len(look) == 3 and all(isinstance(one, bool) for one in look)
    if not is_look or not isinstance(params, Mapping):
        raise UserError(N_("This saved text does not fit the model."))
    return TextScene(make_params(SampleParams, params), TextLook(*look))
