"""What the panel shows of a field, and how it is drawn; plain data."""

from dataclasses import dataclass
from typing import Final

from studio.core.scene_codec import SceneCodec, one_of, settings, stored
from studio.core.translation import N_

from ..shared.scene import ViewScene
from .params import FieldParams
from .state import QUALITIES, Quality


@dataclass(frozen=True, eq=False)
class FieldScene(ViewScene):
    """Attributes, beside those of every scene:
    quality: how the viewport is drawn.
    """

    params: FieldParams = stored(settings(FieldParams))
    quality: Quality = stored(one_of(QUALITIES), default="adaptive")


CODEC: Final = SceneCodec(FieldScene, N_("This saved view belongs to another scene."))
