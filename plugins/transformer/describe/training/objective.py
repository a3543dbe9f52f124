"""What the describer learns: every token of a face's sentence, and of answers to questions about it; no Qt."""

from dataclasses import dataclass

import torch.nn.functional as F
from torch import Tensor, nn

from ...translate.model.encoder_decoder import Memory
from ..model.captioner import Captioner
from .lessons import PADDING, FaceLessons, Texts


@dataclass(frozen=True)
class DescribeObjective:
    """Cross-entropy in nats of sentences and of answers, added."""

    lessons: FaceLessons

    def __call__(self, model: nn.Module, step: int, micro: int) -> tuple[Tensor, dict[str, Tensor]]:
        assert isinstance(model, Captioner)
        pictures, sentences, short, long = self.lessons.draw(step + micro)
        memory = model.encode(pictures)
        said = text_loss(model, memory, sentences)
        answered = (text_loss(model, memory, short) + text_loss(model, memory, long)) / 2
        return said + answered, {"sentence": said, "answer": answered}


def text_loss(model: Captioner, memory: Memory, texts: Texts) -> Tensor:
    """The mean cross-entropy in nats of what follows in texts about pictures that were looked at."""
    logits = model.decode(texts.given, memory.chosen(texts.rows)).float()
    return F.cross_entropy(logits.flatten(0, 1), texts.following.flatten(), ignore_index=PADDING)
