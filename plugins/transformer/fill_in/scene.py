"""What a person has set in the panel of texts with gaps: settings, the text with its gaps, and how it is shown."""

from dataclasses import dataclass, replace
from typing import Any, Final

from studio.core.error import UserError
from studio.core.scene_codec import UNFIT_TEXT, SceneCodec, Stored, flag, optional, settings, stored
from studio.core.text.gaps import UNKNOWN_ID
from studio.core.text.prompt_scene import ParamsScene
from studio.core.view import State

from .params import FillInParams
from .passage import MAX_TOKENS, GappedText, is_sound
from .state import started

_ANY_TOKEN: Final = 2**31


def _written(text: GappedText) -> list[Any]:
    return [list(text.ids), list(text.gaps), [list(pair) for pair in sorted(text.put.items())]]


def _read(values: Any) -> GappedText:
    if not isinstance(values, list) or len(values) != 3 or not all(isinstance(one, list) for one in values):
        raise UserError(UNFIT_TEXT)
    ids, gaps, put = values
    are_pairs = all(isinstance(pair, list) and len(pair) == 2 and _are_ids(pair) for pair in put)
    if not _are_ids(ids, UNKNOWN_ID) or not _are_ids(gaps) or not 0 < len(ids) <= MAX_TOKENS or not are_pairs:
        raise UserError(UNFIT_TEXT)
    text = GappedText(tuple(ids), tuple(gaps), dict(put))
    if not is_sound(text, _ANY_TOKEN):
        raise UserError(UNFIT_TEXT)
    return text


def _are_ids(values: list[Any], least: int = 0) -> bool:
    return all(type(one) is int and least <= one < _ANY_TOKEN for one in values)


@dataclass(frozen=True)
class FillInScene(ParamsScene):
    """One state of the panel; never changed, only replaced.

    Attributes:
        params: the settings; the prompt is the text as it was written.
        text: with its gaps; None for what the model makes of the prompt. is_underlined: surprise as a line.
    """

    params: FillInParams = stored(settings(FillInParams), default_factory=FillInParams)
    text: GappedText | None = stored(optional(Stored(_written, _read)), default=None)
    is_underlined: bool = stored(flag(), default=False)

    def anew(self, params: FillInParams) -> "FillInScene":
        """What the model makes of these settings and their prompt."""
        return replace(self, params=params, text=None)

    def at(self, text: GappedText) -> "FillInScene":
        """The same with another text or other gaps."""
        return replace(self, text=text)

    def start(self) -> State | None:
        """What a run begins with; None for what the model makes of the prompt."""
        return None if self.text is None else started(self.text).state()


CODEC: Final = SceneCodec(FillInScene, UNFIT_TEXT)
