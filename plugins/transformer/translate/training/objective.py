"""What the translator learns: the next token of the target, and where in the source it comes from; no Qt."""

from dataclasses import dataclass
from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..model.encoder_decoder import ALIGNED_HEAD, Translator, aligned_layer
from .alignment import alignment_of
from .data import PADDING, PairBatches

SMOOTHING: Final = 0.1
GUIDANCE: Final = 0.2


@dataclass(frozen=True)
class TranslationObjective:
    """Cross-entropy in nats, smoothed, and that of one head's attention against the alignment.

    Attributes:
        table: (V, V) float32, how likely each source token becomes each target token.
    """

    batches: PairBatches
    table: Tensor

    def __call__(self, model: nn.Module, step: int, micro: int) -> tuple[Tensor, dict[str, Tensor]]:
        source, lengths, target, following = self.batches.draw(step + micro)
        assert isinstance(model, Translator)
        seen: list[Tensor] = []
        logits = model.decode(target, model.encode(source, lengths), seen).float()
        loss = F.cross_entropy(
            logits.flatten(0, 1), following.flatten(), ignore_index=PADDING, label_smoothing=SMOOTHING
        )
        is_text = following != PADDING
        with torch.no_grad():
            wanted = alignment_of(self.table, source, lengths, following.clamp_min(0))
        looked = seen[aligned_layer(model.config)][:, ALIGNED_HEAD].float().clamp_min(1e-6)
        astray = -(wanted * looked.log()).sum(-1)[is_text].mean()
        return loss + GUIDANCE * astray, {"astray": astray}
