"""What a person has set in the panel of drawing: never changed, only replaced."""

from dataclasses import dataclass
from typing import Any, Final

from studio.core.frame import Frame
from studio.core.scene_codec import UNFIT_TEXT, SceneCodec, Stored, row, settings, stored, whole
from studio.core.text.prompt_scene import ParamsScene
from studio.core.view import State

from ..translate.scene import stored_start
from .orders import MAX_TOKENS
from .params import EmojiParams
from .state import NONE, started

_ANY_TOKEN: Final = 2**16


@dataclass(frozen=True)
class EmojiScene(ParamsScene):
    """One state of the panel."""

    params: EmojiParams = stored(settings(EmojiParams), default_factory=EmojiParams)


CODEC: Final = SceneCodec(EmojiScene, UNFIT_TEXT)


def _ids(least: int, most: int, n_least: int = 0) -> Stored:
    return Stored(lambda ids: ids.tolist(), row(whole(least, _ANY_TOKEN - 1), n_least, most).read)


def _started(by_line: tuple[int], tokens: tuple[int, ...], forced: tuple[int]) -> State:
    if by_line[0] > 1 or forced[0] >= max(len(tokens), 1):
        raise ValueError(by_line, forced)
    return started(bool(by_line[0]), tokens, forced[0])


START: Final = stored_start(_started, by_line=_ids(0, 1, 1), tokens=_ids(0, MAX_TOKENS), forced=_ids(NONE, 1, 1))
"""The tokens that a picture begins with."""


def own_start(source: Any, scene: EmojiScene, frame: Frame | None) -> State | None:
    """What a run began with, where a token was forced."""
    start: State | None = getattr(source, "start", None)
    return start if start is not None and "forced" in start and int(start["forced"][0]) != NONE else None
