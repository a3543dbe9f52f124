"""What a person has chosen to enlarge, and how: never changed, only replaced."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np

from studio.core.error import UserError
from studio.core.param import params_to_json, saved_params
from studio.core.picture import encode_png, read_picture
from studio.core.translation import N_
from studio.core.view import State

from .params import EnlargeParams
from .state import MAX_SMALL_PX, Pixels, check_size

COMPARED: Final = ("bicubic", "lanczos", "nearest", "original")
_NAMES: Final = frozenset({"params", "picture", "name", "compared"})
_MAX_NAME: Final = 200


@dataclass(frozen=True, eq=False)
class EnlargeScene:
    """One state of the panel.

    Attributes:
        params: the seed names the example, the vividness how it is enlarged.
        picture: a person's own one, (H, W, 3) uint8, instead of the example.
        name: of that picture.
        compared: what lies left of the divider, one of `COMPARED`.
    """

    params: EnlargeParams = field(default_factory=EnlargeParams)
    picture: Pixels | None = None
    name: str = ""
    compared: str = "bicubic"

    def with_params(self, **changes: Any) -> "EnlargeScene":
        """The same with other settings."""
        return replace(self, params=replace(self.params, **changes))

    def is_same_picture(self, other: "EnlargeScene") -> bool:
        """Whether both enlarge the same picture."""
        if self.picture is None or other.picture is None:
            return self.picture is other.picture and self.params.seed == other.params.seed
        return self.picture is other.picture or bool(np.array_equal(self.picture, other.picture))

    def start(self) -> State | None:
        """What a run starts from beside its settings; None for an example."""
        return None if self.picture is None else {"small": self.picture, "preview": np.ones(1, np.uint8)}


def scene_to_json(scene: EnlargeScene) -> dict[str, Any]:
    """The scene as plain JSON values; an own picture as PNG in base 64."""
    packed = None if scene.picture is None else base64.b64encode(encode_png(scene.picture)).decode("ascii")
    return {
        "params": params_to_json(scene.params),
        "picture": packed,
        "name": scene.name,
        "compared": scene.compared,
    }


def scene_from_json(values: Any) -> EnlargeScene:
    """Read what `scene_to_json` gave; raises UserError where it is unsound."""
    if not isinstance(values, Mapping) or set(values) != _NAMES or not isinstance(values["params"], Mapping):
        raise _unfit()
    name, compared = values["name"], values["compared"]
    if not isinstance(name, str) or len(name) > _MAX_NAME or compared not in COMPARED:
        raise _unfit()
    params = saved_params(EnlargeParams, values["params"])
    picture = None if values["picture"] is None else _unpacked(values["picture"])
    return EnlargeScene(params, picture, name, compared)


def _unpacked(text: Any) -> Pixels:
    if not isinstance(text, str) or len(text) > 8 * MAX_SMALL_PX:
        raise _unfit()
    try:
        found = read_picture(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError) as error:
        raise _unfit() from error
    check_size(found.rgb.shape[1], found.rgb.shape[0])
    return found.rgb


def _unfit() -> UserError:
    return UserError(N_("This saved state does not fit the model."))
