"""How every decoder of this family is trained; what it reads and what its card says is each recipe's own."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from functools import partial

from torch import nn

from studio.api.engine import TrainOptions
from studio.api.training import Training, TrainSettings, Validation, follow_training
from studio.core.frame import Frame

from .byte_pairs import END_ID
from .model import Decoder
from .text_preview import text_preview
from .tokenizer import TextTokenizer
from .training import BITS, Encode, Measuring, NextToken, Passages, bits_per_character, stream_of


@dataclass(frozen=True)
class Reading:
    """What a decoder reads.

    Attributes:
        learnt: the texts that it learns from. held_out: those that its weights are chosen by.
        n_items: passages at once. prompt: what its samples go on from. seed: of passages and samples.
    """

    learnt: Sequence[str]
    held_out: Sequence[str]
    n_items: int
    prompt: str
    seed: int


def learning(
    decoder: Decoder, cutter: TextTokenizer, reading: Reading, settings: TrainSettings, options: TrainOptions
) -> Generator[Frame, None, Training]:
    """Yield one frame per micro-batch, with what the decoder writes and its held-out bits; return the training."""
    encode, device = partial(cutter.encode, with_start=False), options.device.torch_device
    stream = stream_of(reading.learnt, encode, END_ID)
    n_tokens = min(decoder.config.n_context, len(stream) - 2)
    passages = Passages(stream, reading.n_items, n_tokens, reading.seed, device)
    training = Training(decoder, NextToken(passages), settings, device)
    yield from follow_training(
        training,
        options.out.with_suffix(".checkpoint"),
        options.is_resumed,
        preview=text_preview(cutter, reading.prompt, reading.seed),
        validation=Validation(partial(_held_out_bits, reading.held_out, encode), BITS),
    )
    return training


def _held_out_bits(texts: Sequence[str], encode: Encode, model: nn.Module) -> Measuring:
    assert isinstance(model, Decoder)
    bits = yield from bits_per_character(model, texts, encode, END_ID, model.config.n_context)
    return {BITS: bits}
