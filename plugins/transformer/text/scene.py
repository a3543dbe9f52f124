"""What a person has set in the panel of texts: settings and prompt, how the text is shown, what is looked at."""

from dataclasses import dataclass, replace
from typing import Final, Literal

from studio.api.panel import STORED_LOOK, TextLook
from studio.core.scene_codec import UNFIT_TEXT, SceneCodec, flag, one_of, settings, stored
from studio.core.text.prompt_scene import ParamsScene

from .params import TransformerParams

Tab = Literal["next", "attention", "layers", "tree"]
TABS: Final[tuple[Tab, ...]] = ("next", "attention", "layers", "tree")
MAX_CHARS: Final = 100_000


@dataclass(frozen=True)
class TransformerScene(ParamsScene):
    """One state of the panel; never changed, only replaced.

    Attributes:
        params: prompt, seed and sampler.
        is_typed: the prompt was typed here, so that the model waits until it is asked to go on.
        look: how the text is shown.
        tab: what the inspector shows.
    """

    params: TransformerParams = stored(settings(TransformerParams), default_factory=TransformerParams)
    is_typed: bool = stored(flag(), default=False)
    look: TextLook = stored(STORED_LOOK, default_factory=TextLook)
    tab: Tab = stored(one_of(TABS), default="next")

    def anew(self, params: TransformerParams) -> "TransformerScene":
        """A text that is written with these settings."""
        return replace(self, params=params, is_typed=False)

    def at_prompt(self, prompt: str) -> "TransformerScene":
        """The same with a typed prompt, which is read as it is."""
        return replace(self.with_params(prompt=prompt[:MAX_CHARS], is_raw=True), is_typed=True)

    @property
    def n_first(self) -> int:
        """How many tokens are written without being asked."""
        return 0 if self.is_typed else self.params.length


CODEC: Final = SceneCodec(TransformerScene, UNFIT_TEXT)
