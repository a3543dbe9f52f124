"""What a network of pixels is made of: the sizes of its pictures and layers."""

from dataclasses import dataclass
from typing import Final

from studio.core.error import UserError
from studio.core.translation import N_

from ...shared.model.head_config import SOFTMAX, HeadConfig

MAX_SIDE_PX: Final = 64
MAX_LEVELS: Final = 256
MAX_KIND_MAPS: Final = 64
MAX_GUIDED: Final = 16


@dataclass(frozen=True)
class PixelNetworkConfig:
    """The sizes of a network that reads grey pictures row by row.

    Attributes:
        size_px: width and height of a picture, at most 64.
        n_levels: values that a pixel may have, 0 to n_levels - 1, at most 256.
        n_classes: kinds of pictures that can be asked for.
        n_layers: that the first one, which reads the picture, belongs to.
        width: numbers that a layer keeps of each place.
        reach_px, first_reach_px: how far a layer, and the first one, looks up and to the sides.
        head, head_width: how the distribution is told, and the width of the layer before it.
        n_kind_maps: of how many maps is mixed what a kind says about each place; 0 where it says the same to all.
        skip_width: of the sum of what all layers of a gated network hand to its head (skip connections, section 3.3
            of van den Oord et al. 2016a, arXiv 1601.06759); 0 where the head sees the last layer alone.
    """

    size_px: int
    n_levels: int
    n_classes: int
    n_layers: int
    width: int
    reach_px: int = 1
    first_reach_px: int = 3
    head_width: int = 64
    head: HeadConfig = SOFTMAX
    n_kind_maps: int = 0
    skip_width: int = 0

    def __post_init__(self) -> None:
        sizes = (self.size_px, self.n_classes, self.n_layers, self.width, self.reach_px, self.first_reach_px)
        is_possible = min(*sizes, self.head_width) >= 1 and self.size_px <= MAX_SIDE_PX
        has_maps = 0 <= self.n_kind_maps <= MAX_KIND_MAPS and self.skip_width >= 0
        has_levels = 2 <= self.n_levels <= MAX_LEVELS
        if not (is_possible and has_levels and has_maps and self.head.is_possible):
            raise UserError(N_("The sizes in this model’s file are impossible."))

    @property
    def n_outputs(self) -> int:
        """Numbers that the head gives for each pixel."""
        return self.head.n_outputs(self.n_levels)

    @property
    def can_be_guided(self) -> bool:
        """Whether there is a kind to be told from others, and so few that a pass of each is bearable."""
        return 2 <= self.n_classes <= MAX_GUIDED

    @property
    def n_places(self) -> int:
        """Pixels of a picture."""
        return self.size_px**2
