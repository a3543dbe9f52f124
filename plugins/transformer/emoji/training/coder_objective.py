"""What the picture coder learns: to redraw pictures from tokens of either order, also from the first scales alone."""

from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn

from studio.core.seed import generator
from studio.nn.pyramid import pyramid_errors

from ..model.coder import PictureCoder
from ..model.quantiser import straight_through
from ..model.writer import LINES, SCALES

LINES_SHARE: Final = 0.35
CUT_SHARE: Final = 0.15
COMMITMENT: Final = 0.25
FREE_STEPS: Final = 1500
"""Steps in which the decoder sees the map itself, while the codes gather."""


@dataclass(frozen=True)
class CoderObjective:
    """Draws the batch of a step and returns its loss.

    Attributes:
        pictures: (N, H, W, 3) uint8. n_pictures: of a micro-batch. n_moving: steps in which unused codes may move.
    """

    pictures: Tensor
    n_pictures: int
    n_moving: int
    seed: int
    device: torch.device

    def __call__(self, model: nn.Module, step: int, micro: int) -> tuple[Tensor, dict[str, Tensor]]:
        assert isinstance(model, PictureCoder)
        random = generator(self.seed, "coder", step, micro)
        chosen = torch.from_numpy(random.integers(0, len(self.pictures), self.n_pictures))
        pictures = unit_pictures(self.pictures[chosen].to(self.device))
        scales = LINES if random.random() < LINES_SHARE else SCALES
        is_cut = len(scales) > 1 and random.random() < CUT_SHARE
        n_kept = int(random.integers(1, len(scales))) if is_cut else len(scales)
        maps = model.encode(pictures)
        with torch.autocast(self.device.type, enabled=False), torch.no_grad():
            found = model.quantiser(maps, scales)
            ids = torch.cat([one.flatten() for one in found.ids])
            model.quantiser.follow(found.left_over, ids, step < self.n_moving)
        is_free = step < FREE_STEPS
        shown = maps if is_free else straight_through(maps, found.sums[n_kept - 1])
        drawn = model.draw(shown)
        pixels = (drawn - pictures).abs().mean()
        astray = (maps - found.sums[-1]).square().mean()
        loss = pixels + pyramid_errors(drawn, pictures) + (0.0 if is_free else COMMITMENT) * astray
        return loss, {"pixels": pixels, "astray": astray}


def unit_pictures(pictures: Tensor) -> Tensor:
    """(N, H, W, 3) uint8 as (N, 3, H, W) in [0, 1]."""
    return pictures.movedim(3, 1).float() / 255
