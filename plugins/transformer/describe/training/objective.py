"""What the describer learns: every token of a face's sentence and of answers, and where to look for them; no Qt.

One head is shown the place of the part that a word tells (guided attention: Liu et al. 2017, arXiv 1605.09553), so that
it looks there long before it would have found out by itself.
"""

from dataclasses import dataclass
from typing import Final

import torch.nn.functional as F
from torch import Tensor, nn

from ...translate.model.encoder_decoder import ALIGNED_HEAD, Memory
from ..model.captioner import Captioner
from .lessons import NOTHING, PADDING, FaceLessons, Texts

GUIDANCE: Final = 0.1
LEAST: Final = 1e-6


@dataclass(frozen=True)
class DescribeObjective:
    """Cross-entropy in nats of sentences and of answers, added, and that of one head's look against the parts' places.

    Attributes:
        places: (L, S), where the part that each label tells lies in the mean, 1 in sum for each; see `places_of_parts`.
    """

    lessons: FaceLessons
    places: Tensor

    def __call__(self, model: nn.Module, step: int, micro: int) -> tuple[Tensor, dict[str, Tensor]]:
        assert isinstance(model, Captioner)
        pictures, *texts = self.lessons.draw(step + micro)
        memory = model.encode(pictures)
        (said, off), (short, _), (long, away) = (text_losses(model, memory, some, self.places) for some in texts)
        answered, astray = (short + long) / 2, off + away
        return said + answered + GUIDANCE * astray, {"sentence": said, "answer": answered, "astray": astray}


def text_losses(model: Captioner, memory: Memory, texts: Texts, places: Tensor) -> tuple[Tensor, Tensor]:
    """Of texts about pictures that were looked at: what follows, and where one head looks for it, in nats."""
    seen: list[Tensor] = []
    logits = model.decode(texts.given, memory.chosen(texts.rows), seen).float()
    loss = F.cross_entropy(logits.flatten(0, 1), texts.following.flatten(), ignore_index=PADDING)
    is_told = texts.about != NOTHING
    looked = seen[-1][:, ALIGNED_HEAD].float()[is_told].clamp_min(LEAST).log()
    return loss, -(places[texts.about[is_told]] * looked).sum() / is_told.sum().clamp_min(1)
