"""What a person has set in the panel of translations: never changed, only replaced."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from studio.core.frame import Frame
from studio.core.scene_codec import UNFIT_TEXT, SceneCodec, Stored, optional, row, settings, stored, whole
from studio.core.text.prompt_scene import ParamsScene
from studio.core.view import State

from .params import TranslateParams
from .state import MOST_SOURCE, started

MOST_TOKENS: Final = 4096
_ANY_TOKEN: Final = 2**31


@dataclass(frozen=True)
class TranslateScene(ParamsScene):
    """One state of the panel."""

    params: TranslateParams = stored(settings(TranslateParams), default_factory=TranslateParams)


CODEC: Final = SceneCodec(TranslateScene, UNFIT_TEXT)


def tokens(most: int, least: int = 0) -> Stored:
    """From `least` to `most` numbers of tokens, of an array."""
    return Stored(lambda ids: ids.tolist(), row(whole(0, _ANY_TOKEN - 1), least, most).read)


def stored_start(started: Callable[..., State], **parts: Stored) -> Stored:
    """What a run begins with, or None: the parts of a state that `started` takes, each as it is kept."""

    def read(values: dict[str, Any]) -> State:
        if set(values) != set(parts):
            raise ValueError(values)
        return started(**{name: how.read(values[name]) for name, how in parts.items()})

    return optional(Stored(lambda state: {name: how.write(state[name]) for name, how in parts.items()}, read))


START: Final = stored_start(started, source=tokens(MOST_SOURCE, 1), forced=tokens(MOST_TOKENS))
"""A text to translate with the tokens that a person laid down."""


def own_start(source: Any, scene: TranslateScene, frame: Frame | None) -> State | None:
    """What a run began with; None where a run of the scene would do the same, or none is there."""
    state = None if frame is None else frame.state
    if source is None or state is None or "forced" not in state:
        return None
    is_plain = source.params == scene.params and getattr(source, "start", None) is None
    return None if is_plain else {name: np.asarray(state[name]) for name in ("source", "forced")}
