"""What the writers learn: the tokens of pictures behind their captions, worded anew each time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.attention import SDPBackend, sdpa_kernel

from studio.api.training import Scenes, caption_of
from studio.core.seed import generator

from ..model.quantiser import Quantiser
from ..model.token_maps import inputs, reach
from ..model.writer import PictureWriter
from ..words import WordTable

DROP_SHARE: Final = 0.1
"""Of captions, that are left out, so that the writer also knows pictures of nothing in particular."""


@dataclass(frozen=True)
class WriterObjective:
    """Cross-entropy of the tokens, in nats.

    Attributes:
        tokens: (N, T) in order, of these scenes. n_pictures: of a micro-batch.
    """

    quantiser: Quantiser
    tokens: Tensor
    scenes: Scenes
    words: WordTable
    n_pictures: int
    seed: int
    device: torch.device

    def __call__(self, model: nn.Module, step: int, micro: int) -> tuple[Tensor, dict[str, Tensor]]:
        assert isinstance(model, PictureWriter)
        random = generator(self.seed, "writer", step, micro)
        rows = random.integers(0, len(self.tokens), self.n_pictures)
        texts = [caption_of(self.scenes, int(row), random) for row in rows]
        texts = ["" if random.random() < DROP_SHARE else text for text in texts]
        tokens = self.tokens[torch.from_numpy(rows)].long().to(self.device)
        loss = token_loss(model, self.quantiser, self.words, texts, tokens)
        return loss, {"bits per token": loss / np.log(2)}


def token_loss(
    writer: PictureWriter, quantiser: Quantiser, words: WordTable, texts: Sequence[str], tokens: Tensor
) -> Tensor:
    """The mean cross-entropy in nats of tokens (B, T) behind texts."""
    order, device = writer.order, tokens.device
    ids, lengths = (torch.from_numpy(array).to(device) for array in words.padded(texts))
    with torch.autocast(device.type, enabled=False):
        seen = inputs(order, quantiser, tokens[:, : order.n_tokens - order.blocks[-1]])
    with sdpa_kernel(SDPBackend.MATH):  # a third faster than its flash attention on a CPU for so few tokens
        logits = writer.write(seen, writer.encode(ids, lengths), quantiser.codes, reach(order).to(device))
    return F.cross_entropy(logits.flatten(0, 1), tokens.flatten())
