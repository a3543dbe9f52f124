"""What the person has set in the panel of the styles: which picture, which way, and how it is shown."""

import base64
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from studio.core.error import UserError
from studio.core.param import param
from studio.core.picture import fit_square, png_text, read_picture
from studio.core.scene_codec import UNFIT_PLACE, SceneCodec, Stored, one_of, optional, setting, stored
from studio.core.translation import N_
from studio.core.view import ByteArray, State

from ..shared.params import example_param

PICTURE_STATE: Final = "picture"
"""The original, (64, 64, 3) uint8."""
TURN: Final = "turn"
"""How often it has been translated, where it goes back and forth; int32 (1,)."""
N_TURNS: Final = 12
SIDE_PX: Final = 64
FITTED_PX: Final = 58  # the longer side of what emoji of the data set show
WHITE: Final = (255, 255, 255)
_GROUND: Final = 240  # of 255: what is brighter in all three colours counts as white ground
SHOWN: Final = ("cycle", "wipe", "changes")
MAX_OWN_CHARACTERS: Final = 1 << 16


@dataclass(frozen=True)
class StylesParams:
    """Which example to translate, and which way; a picture of one's own is in a frame's state."""

    seed: int = example_param()
    is_back: bool = param(
        False,
        label=N_("Other way round"),
        help=N_("Translate from the second art style into the first."),
    )


def no_turns() -> NDArray[np.int32]:
    """What a way back and forth starts with."""
    return np.zeros(1, np.int32)


def prepared(rgb: ByteArray) -> ByteArray:
    """A picture (H, W, 3) as (64, 64, 3): a thing on white is cut out and fitted like an emoji, a photo fills it.

    A picture without anything on it stays white.
    """
    ground = rgb.min(2) >= _GROUND  # (H, W)
    corners = ground[[0, 0, -1, -1], [0, -1, 0, -1]]
    if not corners.all():
        return fit_square(rgb, SIDE_PX, WHITE)
    rows, columns = np.flatnonzero(~ground.all(1)), np.flatnonzero(~ground.all(0))
    if not len(rows):
        return np.full((SIDE_PX, SIDE_PX, 3), 255, np.uint8)
    thing = rgb[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    margin = (SIDE_PX - FITTED_PX) // 2
    whole = np.full((SIDE_PX, SIDE_PX, 3), 255, np.uint8)
    whole[margin : margin + FITTED_PX, margin : margin + FITTED_PX] = fit_square(thing, FITTED_PX, WHITE)
    return whole


@dataclass(frozen=True, eq=False)
class StylesExamples:
    """The held-out emoji that come with the program: both styles (N, 64, 64, 3), and what each is called."""

    flat: ByteArray
    glossy: ByteArray
    names: tuple[str, ...]

    def of_way(self, is_back: bool) -> ByteArray:
        """Those of the style that is translated."""
        return self.glossy if is_back else self.flat

    def index(self, seed: int) -> int:
        """Which of them a seed stands for."""
        return (seed - 1) % len(self.names)


def _from_text(text: Any) -> ByteArray:
    if not isinstance(text, str) or len(text) > MAX_OWN_CHARACTERS:
        raise ValueError("no picture")
    try:
        rgb = read_picture(base64.b64decode(text, validate=True)).rgb
    except UserError as error:
        raise ValueError("no picture") from error
    if rgb.shape != (SIDE_PX, SIDE_PX, 3):
        raise ValueError("a picture of another size")
    return rgb


@dataclass(frozen=True, eq=False)
class StylesScene:
    """One state of the panel; never changed, only replaced.

    Attributes:
        seed: the number of the example, 1 is the first.
        is_back: from glossy to flat.
        own: the person's own picture (64, 64, 3), which stands in for the example; None for the example. It is saved
            as a PNG file in base 64.
        shown: one of SHOWN.
    """

    seed: int = stored(setting(StylesParams, "seed"), default=1)
    is_back: bool = stored(setting(StylesParams, "is_back"), default=False)
    own: ByteArray | None = stored(optional(Stored(png_text, _from_text)), default=None)
    shown: str = stored(one_of(SHOWN), default=SHOWN[0])

    @property
    def params(self) -> StylesParams:
        """The parameters; an own picture travels as the state."""
        return StylesParams(seed=self.seed, is_back=self.is_back)

    def anew(self, params: StylesParams) -> "StylesScene":
        """The example that these settings ask for."""
        return replace(self, seed=params.seed, is_back=params.is_back, own=None)

    def start(self) -> State:
        """What its translation starts from; nothing for an example."""
        return {} if self.own is None else {PICTURE_STATE: self.own}


CODEC: Final = SceneCodec(StylesScene, UNFIT_PLACE)
