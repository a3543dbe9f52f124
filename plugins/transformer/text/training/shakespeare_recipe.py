"""The training that makes `transformer/shakespeare`, the peer that it is held against, and what its card says.

The peer: `config/train_shakespeare_char.py` of nanoGPT (MIT, Andrej Karpathy): 6 layers, 6 heads, 384 wide, 256
characters, dropout 0.2, batches of 64, a rate of 1e-3 that falls to a tenth.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Final

import torch
from tokenizers import Tokenizer

from studio.api.engine import TrainOptions
from studio.api.training import (
    Split,
    Training,
    TrainSettings,
    Works,
    load_shakespeare,
    measuring_frames,
    peer_checkpoint,
    trained_for,
)
from studio.core.card import Check, write_card
from studio.core.frame import Frame
from studio.core.translation import N_

from ..model.config import DecoderConfig
from ..model.decoder import Decoder
from ..model.tokenizer import END_ID, learnt_tokenizer, own_tokenizer
from ..model.weights import load_decoder, save_decoder
from .decoder_training import (
    Measuring,
    NextTokenObjective,
    TextPassages,
    TrainingTexts,
    bits_per_character,
    common_card,
    learning,
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
TRAINING: Final = TrainSettings(
    n_steps=2600,
    learning_rate=2.5e-3,
    n_warmup=150,
    n_decay=2200,
    weight_decay=0.1,
    average_decay=0.99,
    keep_best=True,
)
EXAMPLES: Final = (
    "To be, or not to be, that is the",
    "O Romeo, Romeo! wherefore art thou",
    "Shall I compare thee to a",
    "Enter the KING, with",
    "My lord, the queen is",
)
MOST_BITS: Final = 2.05
MOST_LOSS: Final = 1.0
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
) -> Measuring:
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


@dataclass(frozen=True)
class ShakespeareRecipe:
    """`transformer/shakespeare`: a decoder that has read 38 plays and poems."""

    id: str = "transformer/shakespeare"
    title: str = N_("Shakespeare")
    summary: str = N_("Reads Shakespeare’s plays and poems, and learns what comes next.")
    minutes: float = 90
    needs_folder: bool = False
    task: str = N_("Goes on with a text as Shakespeare might have.")
    config: DecoderConfig = CONFIG
    settings: TrainSettings = TRAINING
    n_items: int = 16
    dropout: float = 0.1
    seed: int = 71
    has_peer: bool = True

    def train(self, options: TrainOptions) -> Iterator[Frame]:
        """Yield one frame per micro-batch; at the end write weights and card to `options.out`."""
        torch.manual_seed(self.seed)
        works, held_out = load_shakespeare(Split.TRAIN), load_shakespeare(Split.VALIDATION)
        tokenizer = learnt_tokenizer(works.texts, self.config.n_vocab)
        settings = self.settings.chosen(options.settings, options.n_steps)
        short = [held_out.texts[0][:N_VALIDATION_CHARACTERS]]
        if not options.is_resumed:
            peer_checkpoint(options.out).unlink(missing_ok=True)  # an earlier training's peer is none of this one's
        reading = TrainingTexts(works.texts, short, self.n_items, EXAMPLES[0], self.seed)
        decoder = Decoder(self.config, self.dropout)
        training = yield from learning(decoder, own_tokenizer(tokenizer), reading, settings, options)
        yield from measuring_frames(settings.n_steps, self.write(options, training, tokenizer, works))

    def write(self, options: TrainOptions, training: Training, tokenizer: Tokenizer, works: Works) -> Measuring:
        """Write the averaged network, then measure what was written on the test works for the card."""
        average = training.average
        assert isinstance(average, Decoder)
        save_decoder(options.out, average, tokenizer)
        decoder, cutter = load_decoder(options.out)
        device = options.device.torch_device
        encode, stride = partial(cutter.encode, with_start=False), self.config.n_context // 2
        test = load_shakespeare(Split.TEST).texts
        bits = yield from bits_per_character(decoder.to(device), test, encode, END_ID, stride)
        whole_bits = yield from bits_per_character(average, test, encode, END_ID, stride)
        checks = [
            Check(N_("Bits per character on the test works"), bits, MOST_BITS, False),
            Check(N_("Loss by whole numbers of one byte, %"), 100 * (bits / whole_bits - 1), MOST_LOSS, False),
        ]
        card = self._card(decoder, training, works)
        write_card(options.out.with_suffix(".json"), card, checks)
        if self.has_peer:
            checkpoint = peer_checkpoint(options.out)
            peer = yield from peer_bits(works.texts, test, training.seconds, self.seed, device, checkpoint)
            checks.append(Check(N_("Bits of nanoGPT’s network for characters, for the same minutes"), peer, bits))
            write_card(options.out.with_suffix(".json"), card, checks)

    def _card(self, decoder: Decoder, training: Training, works: Works) -> Mapping[str, Any]:
        n_characters = sum(map(len, works.texts))
        return {
            "id": self.id,
            "title": self.title,
            "task": self.task,
            "data": N_("{n} plays and poems of Project Gutenberg (public domain), {c:.1f} million characters").format(
                n=len(works.texts), c=n_characters / 1e6
            ),
            **common_card(decoder, training, self.seed),
            "settings": {**asdict(training.settings), "n_items": self.n_items, "dropout": self.dropout},
            "data_set": {"name": "shakespeare", "n_items": len(works.texts), "which": "full"},
            "notes": [
                N_("The test works are Twelfth Night, Macbeth and The Rape of Lucrece; Pericles chose the weights."),
                N_("nanoGPT’s network has 10.7 million numbers and learns characters; its rate fell within its time."),
            ],
            "defaults": {"temperature": 0.8, "top_p": 0.95},
            "examples": list(EXAMPLES),
            "empty_prompt": N_("This model has read only Shakespeare: it continues, it does not answer."),
            "language": "",
        }
