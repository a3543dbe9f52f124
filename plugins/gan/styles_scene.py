"""What the person has set in the panel of the styles: which picture, which way, and how it is shown."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from studio.core.error import UserError
from studio.core.param import saved_params
from studio.core.picture import encode_png, read_picture
from studio.core.text import N_
from studio.core.view import ByteArray

from .styles_params import StylesParams
from .styles_picture import SIDE_PX

SHOWN: Final = ("cycle", "wipe", "changes")
MAX_OWN_CHARACTERS: Final = 1 << 16


@dataclass(frozen=True, eq=False)
class StylesScene:
    """One state of the panel; never changed, only replaced.

    Attributes:
        seed: the number of the example, 1 is the first.
        is_back: from glossy to flat.
        own: the person's own picture (64, 64, 3), which stands in for the example; None for the example.
        shown: one of SHOWN.
    """

    seed: int = 1
    is_back: bool = False
    own: ByteArray | None = None
    shown: str = SHOWN[0]

    @property
    def params(self) -> StylesParams:
        """The parameters; an own picture travels as the state."""
        return StylesParams(seed=self.seed, is_back=self.is_back)


def scene_to_json(scene: StylesScene) -> dict[str, Any]:
    """The scene as plain JSON values; an own picture as a PNG file in base 64."""
    own = None if scene.own is None else base64.b64encode(encode_png(scene.own)).decode("ascii")
    return {"seed": scene.seed, "is_back": scene.is_back, "own": own, "shown": scene.shown}


def scene_from_json(values: Mapping[str, Any]) -> StylesScene:
    """Read a scene; raises UserError where anything is amiss."""
    try:
        if set(values) != set(StylesScene.__dataclass_fields__) or values["shown"] not in SHOWN:
            raise ValueError(sorted(values))
        params = saved_params(StylesParams, {name: values[name] for name in ("seed", "is_back")})
        own = None if values["own"] is None else _own(values["own"])
        return StylesScene(params.seed, params.is_back, own, values["shown"])
    except (TypeError, ValueError, OverflowError) as error:
        raise UserError(N_("This saved place does not fit the model.")) from error


def _own(text: Any) -> ByteArray:
    if not isinstance(text, str) or len(text) > MAX_OWN_CHARACTERS:
        raise ValueError("no picture")
    try:
        rgb = read_picture(base64.b64decode(text, validate=True)).rgb
    except (binascii.Error, UserError) as error:
        raise ValueError("no picture") from error
    if rgb.shape != (SIDE_PX, SIDE_PX, 3):
        raise ValueError("a picture of another size")
    return rgb
