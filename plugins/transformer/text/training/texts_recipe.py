"""The training that makes a model of a person's own texts, `transformer/texts`, and what its card says."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Final

import torch

from studio.api.own_folder import TextFolderRecipe, TextFolderSettings
from studio.api.recipe import Measuring, folder_name
from studio.api.training import FolderTexts, Split, Training, read_texts
from studio.core.card import Check, write_card
from studio.core.frame import Frame
from studio.core.param import param
from studio.core.text.byte_tokens import END_ID, learnt_tokenizer
from studio.core.translation import N_

from ..model.config import DecoderConfig
from ..model.decoder import Decoder
from ..model.tokenizer import TextTokenizer, own_tokenizer
from ..model.weights import load_decoder, save_decoder
from .decoder_training import DecoderRecipe, TrainingTexts, bits_per_character, encoder

SHAKESPEARE: Final = Path(__file__).parents[2] / "models" / "shakespeare.safetensors"
MIN_VOCABULARY, MAX_VOCABULARY = 384, 2048
CHARACTERS_PER_TOKEN: Final = 150
"""A tokenizer gets one token for so many characters of the texts: one that is rare is not learnt."""
N_MEASURED: Final = 30_000
"""Characters that the weights are chosen by."""
N_PROMPT, N_EXAMPLES = 40, 4


@dataclass(frozen=True)
class TransformerTextsSettings(TextFolderSettings):
    """The same, and `begin`: "new" for a model that knows nothing, "shakespeare" to go on from one that is there."""

    begin: str = param(
        "new",
        label=N_("Start from"),
        help=N_("A new small model, or the Shakespeare one, which then learns your texts (fine-tuning)."),
        choices=("new", "shakespeare"),
    )


TRAINING: Final = TransformerTextsSettings(
    n_steps=1200, learning_rate=2e-3, n_warmup=60, n_decay=1000, weight_decay=0.1, average_decay=0.98, keep_best=True
)


@dataclass(frozen=True)
class FolderTrainingTexts(TrainingTexts):
    """Those of a folder."""

    folder: FolderTexts


@dataclass(frozen=True, kw_only=True)
class TransformerTextsRecipe(TextFolderRecipe, DecoderRecipe):
    """`transformer/texts`: whatever a folder of texts holds."""

    id: str = "transformer/texts"
    title: str = N_("Your texts")
    summary: str = N_("Learns from a folder of your own texts (.txt, .md) to continue text the way they do.")
    task: str = N_("Continues a text the way yours do.")
    minutes: float = 12
    needs_folder: bool = True
    settings: TransformerTextsSettings = TRAINING
    n_layers: int = 4
    n_heads: int = 4
    n_context: int = 256
    n_items: int = 16
    dropout: float = 0.1
    empty_prompt: ClassVar[str] = N_(
        "This model has read only your texts: it continues text and does not answer questions."
    )
    seed: int = 72

    def read(self, device: torch.device) -> Generator[Frame, None, FolderTrainingTexts]:
        texts = yield from read_texts(self.settings.data, self.settings.n_steps)
        learnt = texts.part(Split.TRAIN)
        held_out = ["\n".join(texts.part(Split.VALIDATION))[:N_MEASURED]]
        return FolderTrainingTexts(learnt, held_out, self._cutter(learnt), learnt[0][:N_PROMPT], texts)

    def _cutter(self, learnt: Sequence[str]) -> TextTokenizer:
        if self.settings.begin == "shakespeare":
            return load_decoder(SHAKESPEARE)[1]
        wanted = sum(map(len, learnt)) // CHARACTERS_PER_TOKEN
        return own_tokenizer(learnt_tokenizer(learnt, max(MIN_VOCABULARY, min(wanted, MAX_VOCABULARY))))

    def decoder(self, texts: TrainingTexts) -> Decoder:
        """A new one, or that of Shakespeare with dropout."""
        if self.settings.begin != "shakespeare":
            return Decoder(self._config(texts.cutter.n_tokens), self.dropout)
        known = load_decoder(SHAKESPEARE)[0]
        decoder = Decoder(known.config, self.dropout)
        decoder.load_state_dict(known.state_dict())
        return decoder

    def _config(self, n_vocab: int) -> DecoderConfig:
        width = 32 * self.n_heads
        return DecoderConfig(
            n_vocab=n_vocab,
            n_context=self.n_context,
            n_layers=self.n_layers,
            n_heads=self.n_heads,
            n_kv_heads=self.n_heads,
            width=width,
            head_width=32,
            mlp_width=width * 8 // 3 // 32 * 32,
        )

    def write(self, out: Path, training: Training, texts: TrainingTexts) -> Measuring[None]:
        """Write the averaged network, then measure what was written on the texts' last parts for the card."""
        assert isinstance(training.average, Decoder)
        assert isinstance(texts, FolderTrainingTexts)
        save_decoder(out, training.average, texts.cutter.library)
        decoder, written = load_decoder(out)
        folder, stride = texts.folder, decoder.config.n_context // 2
        last, n = folder.part(Split.TEST), len(folder.texts)
        test = ["\n".join(last)[:N_MEASURED]]
        bits = yield from bits_per_character(decoder.to(training.device), test, encoder(written), END_ID, stride)
        examples = [text[:N_PROMPT].strip() for text in last[:N_EXAMPLES]]
        card = {
            **self.decoder_card(decoder, training, folder_name(self.settings.data), n, examples),
            "data": N_("{n:,} texts of your own, {c:,} characters").format(n=n, c=folder.n_characters),
            "notes": [],
        }
        checks = [Check(N_("Bits per character on the last twentieth of each text"), bits, None, False)]
        write_card(out.with_suffix(".json"), card, checks)
