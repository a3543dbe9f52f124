"""The peer that shipped decoders are held against: nanoGPT's configuration for characters, for as many minutes.

`config/train_shakespeare_char.py` of nanoGPT (MIT, Andrej Karpathy): 6 layers, 6 heads, 384 wide, 256 characters,
dropout 0.2, batches of 64, a rate of 1e-3 that falls to a tenth.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import torch

from studio.api.training import Training, TrainSettings, trained_for

from .config import DecoderConfig
from .model import Decoder
from .training import Measuring, NextToken, Passages, bits_per_character, stream_of

DROPOUT: Final = 0.2
N_ITEMS, N_MICRO = 16, 4  # 64 passages a step
SETTINGS: Final = TrainSettings(
    n_steps=5000, n_micro=N_MICRO, learning_rate=1e-3, n_warmup=100, n_decay=5000, weight_decay=0.1, average_decay=0.0
)


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
        n_vocab=n_vocab, n_context=256, n_layers=6, n_heads=6, n_kv_heads=6, width=384, head_width=64, mlp_width=1536,
        norm="layer", activation="gelu", is_gated=False, positions="learnt",
    )  # fmt: skip


def peer_bits(
    texts: Sequence[str], held_out: Sequence[str], seconds: float, seed: int, device: torch.device, checkpoint: Path
) -> Measuring:
    """Train the peer for so long, and return the bits that it needs for each character of held-out texts."""
    characters = Characters(tuple(texts))
    config = peer_config(len(characters.numbers) + 1)
    passages = Passages(stream_of(texts, characters.encode, 0), N_ITEMS, config.n_context, seed, device)

    def begin(settings: TrainSettings) -> Training:
        torch.manual_seed(seed)
        return Training(Decoder(config, DROPOUT), NextToken(passages), settings, device)

    training = yield from trained_for(seconds, begin, SETTINGS, checkpoint, SETTINGS.n_steps)
    bits = yield from bits_per_character(
        training.model.eval(), held_out, characters.encode, 0, config.n_context // 2
    )
    return bits
