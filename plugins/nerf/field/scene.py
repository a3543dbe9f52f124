"""What the panel shows of a field, and how it is drawn; plain data."""

from dataclasses import dataclass
from typing import Final

from studio.core.scene_codec import SceneCodec, one_of, settings, stored
from studio.core.translation import N_

from ..shared.scene import ViewScene
from .box import STORED_BOX, Box
from .params import FieldParams
from .state import QUALITIES, Quality


@dataclass(frozen=True, eq=False)
class FieldScene(ViewScene):
    """Attributes, beside those of every scene:
    quality: how the viewport is drawn.
    box: six numbers, the corners outside which nothing is drawn; none where all of the scene is.
    """

    params: FieldParams = stored(settings(FieldParams))
    quality: Quality = stored(one_of(QUALITIES), default="adaptive")
    box: Box = stored(STORED_BOX, is_later=True, default=())

    @property
    def is_own(self) -> bool:
        """Whether its settings alone would not bring it back."""
        return super().is_own or bool(self.box)


CODEC: Final = SceneCodec(FieldScene, N_("This saved view belongs to another scene."))
