"""What a person has set in the panel of texts: settings and prompt, how the text is shown, what is looked at."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

from studio.api.panel import TextLook
from studio.core.error import UserError
from studio.core.param import params_to_json, saved_params
from studio.core.translation import N_

from .params import TransformerParams

Tab = Literal["next", "attention", "layers", "tree"]
TABS: Final[tuple[Tab, ...]] = ("next", "attention", "layers", "tree")
MAX_CHARS: Final = 100_000


@dataclass(frozen=True)
class TransformerScene:
    """One state of the panel; never changed, only replaced.

    Attributes:
        params: prompt, seed and sampler.
        is_typed: the prompt was typed here, so that the model waits until it is asked to go on.
        look: how the text is shown.
        tab: what the inspector shows.
    """

    params: TransformerParams = field(default_factory=TransformerParams)
    is_typed: bool = False
    look: TextLook = field(default_factory=TextLook)
    tab: Tab = "next"

    def at_prompt(self, prompt: str) -> "TransformerScene":
        """The same with a typed prompt."""
        return replace(self, params=replace(self.params, prompt=prompt[:MAX_CHARS]), is_typed=True)

    @property
    def n_first(self) -> int:
        """How many tokens are written without being asked."""
        return 0 if self.is_typed else self.params.length


def scene_to_json(scene: TransformerScene) -> dict[str, Any]:
    """The scene as plain values."""
    return {
        "params": params_to_json(scene.params),
        "is_typed": scene.is_typed,
        "look": [scene.look.shows_tokens, scene.look.is_underlined, scene.look.shows_signs],
        "tab": scene.tab,
    }


def scene_from_json(values: Any) -> TransformerScene:
    """Read such values; raises UserError where they are unsound."""
    if not isinstance(values, Mapping) or set(values) != set(scene_to_json(TransformerScene())):
        raise UserError(N_("This saved text does not fit the model."))
    look, tab, params = values["look"], values["tab"], values["params"]
    is_look = isinstance(look, list) and len(look) == 3 and all(isinstance(one, bool) for one in look)
    if not is_look or tab not in TABS or not isinstance(params, Mapping):
        raise UserError(N_("This saved text does not fit the model."))
    return TransformerScene(saved_params(TransformerParams, params), bool(values["is_typed"]), TextLook(*look), tab)
