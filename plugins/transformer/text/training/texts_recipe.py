"""The training that makes a model of a person's own texts, `transformer/texts`, and what its card says."""

from collections.abc import Generator, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import torch

from studio.api.engine import FolderFinding, TrainOptions
from studio.api.training import (
    FolderTexts,
    Split,
    Training,
    TrainSettings,
    is_text_folder,
    load_texts,
    measuring_frames,
    read_texts,
)
from studio.core.card import Check, write_card
from studio.core.container.source import printable
from studio.core.frame import Frame
from studio.core.param import param
from studio.core.translation import N_

from ..model.config import DecoderConfig
from ..model.decoder import Decoder
from ..model.tokenizer import END_ID, TextTokenizer, learnt_tokenizer, own_tokenizer
from ..model.weights import load_decoder, save_decoder
from .decoder_training import Measuring, TrainingTexts, bits_per_character, common_card, learning

SHAKESPEARE: Final = Path(__file__).parents[2] / "models" / "shakespeare.safetensors"
MIN_VOCABULARY, MAX_VOCABULARY = 384, 2048
CHARACTERS_PER_TOKEN: Final = 150
"""A tokenizer gets one token for so many characters of the texts: one that is rare is not learnt."""
N_MEASURED: Final = 30_000
"""Characters that the weights are chosen by."""
N_PROMPT, N_EXAMPLES = 40, 4


@dataclass(frozen=True)
class TransformerTextsSettings(TrainSettings):
    """What a person chooses for a model of own texts.

    Attributes:
        data: the folder of the texts; those within it count too.
        begin: "new" for a model that knows nothing, "shakespeare" to go on from the one that has read Shakespeare.
    """

    data: str = param("", label=N_("Folder"), help=N_("The folder with your texts; folders within it count too."))
    begin: str = param(
        "new",
        label=N_("Begin with"),
        help=N_("A new small model, or the one of Shakespeare, which then learns your texts (fine-tuning)."),
        choices=("new", "shakespeare"),
    )


TRAINING: Final = TransformerTextsSettings(
    n_steps=1200, learning_rate=2e-3, n_warmup=60, n_decay=1000, weight_decay=0.1, average_decay=0.98, keep_best=True
)


@dataclass(frozen=True)
class TransformerTextsRecipe:
    """`transformer/texts`: whatever a folder of texts holds."""

    id: str = "transformer/texts"
    title: str = N_("Your texts")
    summary: str = N_("Learns from a folder of your own texts (.txt, .md) to go on as they do.")
    minutes: float = 12
    needs_folder: bool = True
    settings: TransformerTextsSettings = TRAINING
    n_layers: int = 4
    n_heads: int = 4
    n_context: int = 256
    n_items: int = 16
    dropout: float = 0.1
    seed: int = 72
    invitation: str = N_("Choose or drop a folder with texts (.txt, .md), 20,000 characters or more.")

    def takes_folder(self, path: Path) -> bool:
        """Whether most files are texts in a folder, or in that of the file which stands for it."""
        return is_text_folder(path if path.is_dir() else path.parent)

    def look_into(self, path: Path) -> Generator[Any, None, FolderFinding]:
        """Say how much there is to read."""
        texts = yield from load_texts(path)
        return FolderFinding(texts.sentence, texts.left_out, len(texts.left_out))

    def train(self, options: TrainOptions) -> Iterator[Frame]:
        """Yield frames while the folder is read, then one per micro-batch; then write weights and card."""
        torch.manual_seed(self.seed)
        settings = self.settings.chosen(options.settings, options.n_steps)
        texts = yield from read_texts(settings.data, settings.n_steps)
        learnt = texts.part(Split.TRAIN)
        held_out = ["\n".join(texts.part(Split.VALIDATION))[:N_MEASURED]]
        decoder, cutter = self._begun(settings, learnt)
        reading = TrainingTexts(learnt, held_out, self.n_items, learnt[0][:N_PROMPT], self.seed)
        training = yield from learning(decoder, cutter, reading, settings, options)
        writing = self._write(options.out, training, cutter, texts, settings)
        yield from measuring_frames(settings.n_steps, writing)

    def _begun(self, settings: TransformerTextsSettings, learnt: tuple[str, ...]) -> tuple[Decoder, TextTokenizer]:
        """The network to train with its tokenizer: a new one, or that of Shakespeare with dropout."""
        if settings.begin == "shakespeare":
            known, cutter = load_decoder(SHAKESPEARE)
            decoder = Decoder(known.config, self.dropout)
            decoder.load_state_dict(known.state_dict())
            return decoder, cutter
        wanted = sum(map(len, learnt)) // CHARACTERS_PER_TOKEN
        cutter = own_tokenizer(learnt_tokenizer(learnt, max(MIN_VOCABULARY, min(wanted, MAX_VOCABULARY))))
        return Decoder(self._config(cutter.n_tokens), self.dropout), cutter

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

    def _write(
        self,
        out: Path,
        training: Training,
        cutter: TextTokenizer,
        texts: FolderTexts,
        settings: TransformerTextsSettings,
    ) -> Measuring:
        """Write the averaged network, then measure what was written on the texts' last parts for the card."""
        assert isinstance(training.average, Decoder)
        save_decoder(out, training.average, cutter.library)
        decoder, written = load_decoder(out)
        encode = partial(written.encode, with_start=False)
        test = ["\n".join(texts.part(Split.TEST))[:N_MEASURED]]
        stride = decoder.config.n_context // 2
        bits = yield from bits_per_character(decoder.to(training.device), test, encode, END_ID, stride)
        checks = [Check(N_("Bits per character on the last twentieth of each text"), bits, None, False)]
        write_card(out.with_suffix(".json"), self._card(decoder, training, texts, settings), checks)

    def _card(
        self, decoder: Decoder, training: Training, texts: FolderTexts, settings: TransformerTextsSettings
    ) -> dict[str, Any]:
        told = {name: value for name, value in asdict(settings).items() if name != "data"}
        n, n_characters = len(texts.texts), texts.n_characters
        return {
            "id": self.id,
            "title": self.title,
            "task": N_("Goes on with a text as yours do."),
            "data": N_("{n:,} texts of your own, {c:,} characters").format(n=n, c=n_characters),
            **common_card(decoder, training, self.seed),
            "licence": N_("Your own texts; what you may do with the model follows from what you may do with them."),
            "settings": {**told, "n_items": self.n_items, "dropout": self.dropout},
            "data_set": {"name": printable(Path(settings.data).name), "n_items": n, "which": "full"},
            "notes": [],
            "defaults": {"temperature": 0.8, "top_p": 0.95},
            "examples": [text[:N_PROMPT].strip() for text in texts.part(Split.TEST)[:N_EXAMPLES]],
            "empty_prompt": N_("This model has read only your texts: it continues, it does not answer."),
            "language": "",
        }
