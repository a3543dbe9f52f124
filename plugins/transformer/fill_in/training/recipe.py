"""The training that makes `transformer/fill-in`, and what its card says."""

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Final

import torch
from torch import Tensor

from studio.api.recipe import Measuring, TrainingRecipe, packing_check
from studio.api.training import Split, Training, TrainSettings, Validation, load_shakespeare
from studio.core.card import Check, read_card, write_card
from studio.core.frame import Frame
from studio.core.text.byte_tokens import END_ID
from studio.core.translation import N_

from ...text.model.weights import load_decoder
from ...text.training.decoder_training import Ids, stream_of
from ..model.config import EncoderConfig
from ..model.cutter import MaskCutter, learnt_cutter
from ..model.encoder import Encoder
from ..model.weights import load_encoder, save_encoder
from .evaluation import (
    Hits,
    bits_per_character,
    bound_in_nats,
    commonest_hits,
    decoder_hits,
    encoder_hits,
    masks_alike,
    windows_of,
)
from .objective import MaskedObjective, MaskedPassages, begin_with_waves

N_TOKENS: Final = 3072
CONFIG: Final = EncoderConfig(N_TOKENS + 1, 256, 4, 6, 192, 768)
TRAINING: Final = TrainSettings(
    n_steps=13_000,
    learning_rate=1e-3,
    n_warmup=150,
    n_decay=10_400,
    weight_decay=0.1,
    average_decay=0.99,
    keep_best=True,
)
EXAMPLES: Final = (
    "If music be the food of love, play on,\nGive me excess of it; that, surfeiting,\nThe appetite may sicken.",
    "Is this a dagger which I see before me,\nThe handle toward my hand? Come, let me clutch thee.",
    "Some are born great, some achieve greatness,\nand some have greatness thrust upon them.",
    "Life's but a walking shadow; a poor player,\nThat struts and frets his hour upon the stage.",
    "Good morrow, my lord. How does your grace today?\nThe king is dead, and we must look to the crown.",
)
"""All but the last are of works that no model of ours ever saw."""
TEMPERATURE: Final = 0.6
"""At which gaps read like English most often, by eye."""
BITS: Final = "bits per character (bound)"
HITS: Final = "masks told right, %"
N_VALIDATION_CHARACTERS: Final = 60_000
N_DRAWS: Final = 8
RIVAL: Final = Path(__file__).parents[2] / "models" / "shakespeare.safetensors"


@dataclass(frozen=True)
class FillTexts:
    """What an encoder learns from: texts in one row of tokens, held-out windows, and its tokens.

    Attributes:
        held_out: int64 (W, T). n_characters: of each of its tokens on average.
    """

    stream: Ids
    held_out: Tensor
    n_characters: float
    cutter: MaskCutter


@dataclass(frozen=True, kw_only=True)
class FillInRecipe(TrainingRecipe[FillTexts]):
    """`transformer/fill-in`: an encoder that has read 38 plays and poems with gaps.

    Attributes:
        n_tokens: of all passages of a batch. rival: the weights of the decoder that it is held against.
    """

    id: str = "transformer/fill-in"
    title: str = N_("Gaps")
    summary: str = N_("Reads Shakespeare’s plays and poems with gaps in them, and learns what was there.")
    task: str = N_("Fills gaps in a text, and writes one in any order.")
    minutes: float = 75
    config: EncoderConfig = CONFIG
    settings: TrainSettings = TRAINING
    n_tokens: int = 2048
    dropout: float = 0.05
    rival: Path = RIVAL
    seed: int = 91
    kind: ClassVar[str] = "fill_in"

    def read(self, device: torch.device) -> Generator[Frame, None, FillTexts]:
        yield from ()
        learnt = load_shakespeare(Split.TRAIN).texts
        held_out = load_shakespeare(Split.VALIDATION).texts[0][:N_VALIDATION_CHARACTERS]
        cutter = learnt_cutter(learnt, self.config.n_vocab - 1)
        ids = cutter.encode(held_out)
        return FillTexts(stream_of(learnt, cutter.encode, END_ID), windows_of(ids), len(held_out) / len(ids), cutter)

    def network_and_objective(self, data: FillTexts, device: torch.device) -> tuple[Encoder, MaskedObjective]:
        passages = MaskedPassages(data.stream, self.n_tokens, data.cutter.mask, self.seed, device)
        network = Encoder(self.config, self.dropout)
        begin_with_waves(network.positions)
        return network, MaskedObjective(passages)

    def validation(self, data: FillTexts, device: torch.device) -> Validation:
        return Validation(partial(validate, data), BITS)

    def write(self, out: Path, training: Training, data: FillTexts) -> Measuring[None]:
        """Write the averaged network, then measure what was written on the test works for the card."""
        average = training.average
        assert isinstance(average, Encoder)
        average.cpu()
        save_encoder(out, average, data.cutter)
        network, cutter = load_encoder(out)
        texts = load_shakespeare(Split.TEST).texts
        ids = [token for text in texts for token in cutter.encode(text)]
        windows = windows_of(ids)
        nats = yield from bound_in_nats(network, windows, cutter.mask, N_DRAWS, self.seed)
        whole = yield from bound_in_nats(average, windows, cutter.mask, N_DRAWS, self.seed)
        bits = bits_per_character(nats, len(ids), sum(map(len, texts)))
        checks = yield from self._hits(network, cutter, windows, data)
        bound = Check(N_("Bits per character on the test works, at most"), bits, None, False)
        said = float(read_card(self.rival.with_suffix(".json")).figures["Bits per character on the test works"])
        decoder = Check(N_("Bits per character of the model that sees only what comes before"), said, None, False)
        card = self._card(network, training)
        write_card(out.with_suffix(".json"), card, [*checks, bound, decoder, packing_check(nats, whole)])

    def _hits(self, network: Encoder, cutter: MaskCutter, windows: Tensor, data: FillTexts) -> Measuring[list[Check]]:
        """What is told of tokens that are masked here and there, held against others at the same places."""
        masked = masks_alike(windows, self.seed)
        own: Hits = yield from encoder_hits(network, windows, masked, cutter.mask)
        common = commonest_hits(data.stream, windows, masked)
        decoder = yield from decoder_hits(load_decoder(self.rival)[0], windows, masked)
        return [
            Check(N_("Masked word parts told right (15 % masked), %"), own.first, decoder.first),
            Check(N_("The same among the five likeliest, %"), own.among, decoder.among),
            Check(N_("Told right by the model that sees only what comes before, %"), decoder.first),
            Check(N_("The same among its five likeliest, %"), decoder.among),
            Check(N_("Told right by always saying the commonest, %"), common.first),
        ]

    def _card(self, network: Encoder, training: Training) -> dict[str, Any]:
        texts = load_shakespeare(Split.TRAIN).texts
        told = {"n_tokens": self.n_tokens, "dropout": self.dropout}
        data = N_("{n} plays and poems from Project Gutenberg (public domain), {c:.1f} million characters")
        return {
            **self.common_card(network, [training], "shakespeare", len(texts), **told),
            "data": data.format(n=len(texts), c=sum(map(len, texts)) / 1e6),
            "notes": [
                N_(
                    "The test works are Twelfth Night, Macbeth and The Rape of Lucrece; Pericles was used to "
                    "choose the weights."
                ),
            ],
            "examples": list(EXAMPLES),
            "defaults": {"temperature": TEMPERATURE},
        }


def validate(data: FillTexts, network: Encoder) -> Measuring[Mapping[str, float]]:
    """The bound for held-out text, from the same masks each time."""
    nats = yield from bound_in_nats(network, data.held_out, data.cutter.mask, 2, 0)
    hits = yield from encoder_hits(network, data.held_out, masks_alike(data.held_out, 0), data.cutter.mask)
    return {BITS: bits_per_character(nats, 1, 1) / data.n_characters, HITS: hits.first}
