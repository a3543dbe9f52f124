"""The training that makes `transformer/shakespeare`, the peer that it is held against, and what its card says.

The peer: `config/train_shakespeare_char.py` of nanoGPT (MIT, Andrej Karpathy): 6 layers, 6 heads, 384 wide, 256
characters, dropout 0.2, batches of 64, a rate of 1e-3 that falls to a tenth.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, Final

import torch

from studio.api.recipe import Measuring
from studio.api.training import Split, Training, TrainSettings, load_shakespeare, peer_checkpoint, trained_for
from studio.core.card import Check, write_card
from studio.core.frame import Frame
from studio.core.text.byte_tokens import learnt_tokenizer
from studio.core.translation import N_

from ..model.config import DecoderConfig
from ..model.decoder import Decoder
from ..model.tokenizer import own_tokenizer
from .decoder_training import (
    TRAINING,
    DecoderRecipe,
    NextTokenObjective,
    TextPassages,
    TrainingTexts,
    bits_per_character,
    stream_of,
)

DROPOUT: Final = 0.2
N_ITEMS, N_MICRO = 16, 4  # 64 passages a step
SETTINGS: Final = TrainSettings(
    n_steps=5000, n_micro=N_MICRO, learning_rate=1e-3, n_warmup=100, n_decay=5000, weight_decay=0.1, average_decay=0.0
)
N_TOKENS: Final = 3072
CONFIG: Final = DecoderConfig(
    n_vocab=N_TOKENS, n_context=256, n_layers=6, n_heads=6, n_kv_heads=6, width=192, head_width=32, mlp_width=512
)
EXAMPLES: Final = (
    "To be, or not to be, that is the",
    "O Romeo, Romeo! wherefore art thou",
    "Shall I compare thee to a",
    "Enter the KING, with",
    "My lord, the queen is",
)
MOST_BITS: Final = 2.05
N_VALIDATION_CHARACTERS: Final = 60_000


@dataclass(frozen=True)
class Characters:
    """One token for each character of some texts; token 0 is the end, and stands for characters that it lacks."""

    texts: tuple[str, ...]

    @cached_property
    def numbers(self) -> dict[str, int]:
        """Of the characters, from 1 on."""
        return {char: number for number, char in enumerate(sorted(set("".join(self.texts))), 1)}

    def encode(self, text: str) -> list[int]:
        """A token for each character."""
        return [self.numbers.get(char, 0) for char in text]


def peer_config(n_vocab: int) -> DecoderConfig:
    """nanoGPT's network for characters."""
    return DecoderConfig(
        n_vocab=n_vocab,
        n_context=256,
        n_layers=6,
        n_heads=6,
        n_kv_heads=6,
        width=384,
        head_width=64,
        mlp_width=1536,
        norm="layer",
        activation="gelu",
        is_gated=False,
        positions="learnt",
    )


def peer_bits(
    texts: Sequence[str], held_out: Sequence[str], seconds: float, seed: int, device: torch.device, checkpoint: Path
) -> Measuring[float]:
    """Train the peer for so long, and return the bits that it needs for each character of held-out texts."""
    characters = Characters(tuple(texts))
    config = peer_config(len(characters.numbers) + 1)
    passages = TextPassages(stream_of(texts, characters.encode, 0), N_ITEMS, config.n_context, seed, device)

    def begin(settings: TrainSettings) -> Training:
        torch.manual_seed(seed)
        return Training(Decoder(config, DROPOUT), NextTokenObjective(passages), settings, device)

    training = yield from trained_for(seconds, begin, SETTINGS, checkpoint, SETTINGS.n_steps)
    bits = yield from bits_per_character(training.model.eval(), held_out, characters.encode, 0, config.n_context // 2)
    return bits


@dataclass(frozen=True, kw_only=True)
class ShakespeareRecipe(DecoderRecipe):
    """`transformer/shakespeare`: a decoder that has read 38 plays and poems."""

    id: str = "transformer/shakespeare"
    title: str = N_("Shakespeare")
    summary: str = N_("Reads Shakespeare’s plays and poems, and learns what comes next.")
    task: str = N_("Continues a text as Shakespeare might have.")
    minutes: float = 90
    config: DecoderConfig = CONFIG
    settings: TrainSettings = TRAINING
    n_items: int = 16
    dropout: float = 0.1
    has_peer: bool = True
    empty_prompt: ClassVar[str] = N_(
        "This model has read only Shakespeare: it continues text and does not answer questions."
    )
    seed: int = 71

    def read(self, device: torch.device) -> Generator[Frame, None, TrainingTexts]:
        yield from ()
        learnt, held_out = load_shakespeare(Split.TRAIN).texts, load_shakespeare(Split.VALIDATION).texts[0]
        cutter = own_tokenizer(learnt_tokenizer(learnt, self.config.n_vocab))
        return TrainingTexts(learnt, [held_out[:N_VALIDATION_CHARACTERS]], cutter, EXAMPLES[0])

    def decoder(self, texts: TrainingTexts) -> Decoder:
        return Decoder(self.config, self.dropout)

    def write(self, out: Path, training: Training, texts: TrainingTexts) -> Measuring[None]:
        """Write the averaged network, then measure what was written on the test works for the card."""
        test = load_shakespeare(Split.TEST).texts
        found = yield from self.written(out, training, texts, test)
        checks = [
            Check(N_("Bits per character on the test works"), found.bits, MOST_BITS, False),
            found.packing,
        ]
        card = self._card(found.decoder, training, texts)
        write_card(out.with_suffix(".json"), card, checks)
        if self.has_peer:
            checkpoint = peer_checkpoint(out)
            peer = yield from peer_bits(texts.learnt, test, training.seconds, self.seed, training.device, checkpoint)
            checks.append(
                Check(N_("Bits for nanoGPT’s character network, trained for the same time"), peer, found.bits)
            )
            write_card(out.with_suffix(".json"), card, checks)

    def _card(self, decoder: Decoder, training: Training, texts: TrainingTexts) -> dict[str, Any]:
        n, n_characters = len(texts.learnt), sum(map(len, texts.learnt))
        data = N_("{n} plays and poems from Project Gutenberg (public domain), {c:.1f} million characters")
        return {
            **self.decoder_card(decoder, training, "shakespeare", n, EXAMPLES),
            "data": data.format(n=n, c=n_characters / 1e6),
            "notes": [
                N_(
                    "The test works are Twelfth Night, Macbeth and The Rape of Lucrece; Pericles was used to "
                    "choose the weights."
                ),
                N_(
                    "nanoGPT’s network has 10.7 million numbers and learns characters; its learning rate falls "
                    "within its training time."
                ),
            ],
        }
