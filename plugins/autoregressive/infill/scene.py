"""What a person has set in the panel of texts in any order: settings, the text with its blanks, and how it is shown."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.param import prompt_param, temperature_param, top_p_param
from studio.core.scene_codec import (
    UNFIT_TEXT,
    SceneCodec,
    SettingsScene,
    Stored,
    flag,
    one_of,
    optional,
    settings,
    stored,
)
from studio.core.text.gaps import UNKNOWN_ID
from studio.core.translation import N_
from studio.core.view import State

from ..shared.params import run_seed_param
from .passage import MAX_BLANKS, Passage
from .state import NOT_FILLED, Filling, is_sound, passage_of, started

AXES: Final = ("place", "turn")
MOST_TOKENS: Final = 4096
_ANY_TOKEN: Final = 2**31


@dataclass(frozen=True)
class InfillParams:
    """What to fill in; the order of the gaps is in a frame's state."""

    seed: int = run_seed_param()
    temperature: float = temperature_param(
        N_(
            "How adventurous the choice is: below 1, likely values become likelier; above 1, rare ones get more of "
            "a chance."
        )
    )
    prompt: str = prompt_param()
    top_p: float = top_p_param()


def _written(passage: Passage) -> list[list[int]]:
    return [list(passage.ids), list(passage.order)]


def _passage(values: Any) -> Passage:
    if not isinstance(values, list) or len(values) != 2:
        raise UserError(UNFIT_TEXT)
    ids, order = values
    if not _are_ids(ids, UNKNOWN_ID) or not _are_ids(order) or not 0 < len(ids) <= MOST_TOKENS:
        raise UserError(UNFIT_TEXT)
    passage = Passage(tuple(ids), tuple(order))
    if len(order) > MAX_BLANKS or not is_sound(Filling(passage, (), ()), _ANY_TOKEN):
        raise UserError(UNFIT_TEXT)
    return passage


def _are_ids(values: Any, least: int = 0) -> bool:
    return isinstance(values, list) and all(type(one) is int and least <= one < _ANY_TOKEN for one in values)


@dataclass(frozen=True)
class InfillScene(SettingsScene):
    """One state of the panel; never changed, only replaced.

    Attributes:
        params: the settings; the prompt is the text as it was written.
        passage: the text with its blanks; None for what the model makes of the prompt.
        is_underlined: surprise as a line, not as a colour. axes: how the masks are sorted, one of AXES.
    """

    params: InfillParams = stored(settings(InfillParams), default_factory=InfillParams)
    passage: Passage | None = stored(optional(Stored(_written, _passage)), default=None)
    is_underlined: bool = stored(flag(), default=False)
    axes: str = stored(one_of(AXES), default="place")

    def anew(self, params: InfillParams) -> "InfillScene":
        """What the model makes of these settings and their prompt."""
        return replace(self, params=params, passage=None)

    def at(self, passage: Passage) -> "InfillScene":
        """The same with another text or other blanks."""
        return replace(self, passage=passage)

    def start(self) -> State | None:
        """What a run begins with; None for what the model makes of the prompt."""
        return None if self.passage is None else started(self.passage)


CODEC: Final = SceneCodec(InfillScene, UNFIT_TEXT)


def filling_to_json(filling: Filling | None) -> dict[str, Any] | None:
    """A text with what is filled in, and the dice that drew it."""
    if filling is None:
        return None
    return {"passage": _written(filling.passage), "told": list(filling.told), "rolls": list(filling.rolls)}


def filling_from_json(values: Any) -> State | None:
    """The state from which it goes on, None for none; raises UserError where it is unsound."""
    if values is None:
        return None
    if not isinstance(values, Mapping) or set(values) != {"passage", "told", "rolls"}:
        raise UserError(UNFIT_TEXT)
    passage, told, rolls = _passage(values["passage"]), values["told"], values["rolls"]
    is_rolls = isinstance(rolls, list) and all(type(one) in (int, float) and -1 <= one < 1 for one in rolls)
    if not is_rolls or not _are_ids(told) or len(told) != len(rolls) or len(told) > len(passage.order):
        raise UserError(UNFIT_TEXT)
    return started(passage, tuple(told), tuple(float(one) for one in rolls))


def own_filling(source: Any, scene: InfillScene, frame: Frame | None) -> Filling | None:
    """What a run has filled in; None where a run of the scene would do the same, or none is there."""
    state = None if frame is None else frame.state
    if source is None or state is None or "told" not in state:
        return None
    start = getattr(source, "start", None)
    begun = None if start is None else (passage_of(start), bool((start["told"] != NOT_FILLED).any()))
    plain = None if scene.passage is None else (scene.passage, False)
    if source.params == scene.params and begun == plain:
        return None
    n_told = int((state["told"] != NOT_FILLED).sum())
    rolls = tuple(float(one) for one in state["facts"][:n_told, 3])
    return Filling(passage_of(state), tuple(state["told"][:n_told].tolist()), rolls)
