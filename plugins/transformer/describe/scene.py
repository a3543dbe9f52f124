"""What a person has set in the panel of descriptions: never changed, only replaced."""

import base64
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from studio.core.frame import Frame
from studio.core.picture import png_text, read_picture
from studio.core.scene_codec import UNFIT_TEXT, SceneCodec, Stored, optional, settings, stored, text
from studio.core.text.prompt_scene import ParamsScene
from studio.core.view import ByteArray, State

from ..translate.scene import stored_start, tokens
from .params import DescribeParams
from .state import MAX_ASKED, check_picture, started

_MAX_NAME: Final = 200
_MAX_PACKED: Final = 1 << 16
_MOST_TOKENS: Final = 256


def _unpacked(packed: str) -> ByteArray:
    if len(packed) > _MAX_PACKED:
        raise ValueError("a picture that is too large")
    rgb = read_picture(base64.b64decode(packed, validate=True)).rgb
    check_picture(rgb)
    return rgb


PICTURE: Final = Stored(png_text, _unpacked)


@dataclass(frozen=True, eq=False)
class DescribeScene(ParamsScene):
    """One state of the panel.

    Attributes:
        params: the seed names the face, the prompt is the question.
        picture: a person's own one, (64, 64, 3) uint8, instead of the face. name: of its file.
    """

    params: DescribeParams = stored(settings(DescribeParams), default_factory=DescribeParams)
    picture: ByteArray | None = stored(optional(PICTURE), default=None)
    name: str = stored(text(_MAX_NAME), default="")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, DescribeScene) or self.params != other.params:
            return False
        if self.picture is None or other.picture is None:
            return self.picture is other.picture
        return np.array_equal(self.picture, other.picture)

    def __hash__(self) -> int:
        return hash(self.params)

    def anew(self, params: DescribeParams) -> "DescribeScene":
        """What these settings ask for."""
        return DescribeScene(params)

    def start(self) -> State | None:
        """What a run begins with where it is not a face of the model."""
        return None if self.picture is None else {"picture": self.picture}


CODEC: Final = SceneCodec(DescribeScene, UNFIT_TEXT)


START: Final = stored_start(started, picture=PICTURE, asked=tokens(MAX_ASKED), forced=tokens(_MOST_TOKENS))
"""A picture and a question with the tokens that a person laid down."""


def own_start(source: Any, scene: DescribeScene, frame: Frame | None) -> State | None:
    """What a run began with; None where a run of the scene would do the same, or none is there."""
    state = None if frame is None else frame.state
    if source is None or state is None or "forced" not in state or not len(state["forced"]):
        return None
    return {name: state[name] for name in ("picture", "asked", "forced")}
