"""The training that makes a model of a person’s own texts, `autoregressive/texts`: a Transformer-XL that reads them."""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from studio.api.engine import FolderFinding, TrainOptions
from studio.api.training import (
    FolderTexts,
    Split,
    Training,
    TrainSettings,
    is_text_folder,
    left_out_sentence,
    load_texts,
    read_texts,
)
from studio.core.container.source import printable
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.param import param
from studio.core.translation import N_

from ..model.transformer_xl import TransformerXL
from .recipe import XLRecipe

MIN_VOCABULARY, MAX_VOCABULARY = 384, 2048
CHARACTERS_PER_TOKEN: Final = 150
"""There is one token for so many characters of the texts: one that is rare is not learnt."""
N_MEASURED: Final = 40_000
"""Characters that are chosen by, and measured with."""
N_PROMPT, N_EXAMPLES = 40, 4


@dataclass(frozen=True)
class OwnXLTextsSettings(TrainSettings):
    """What a person chooses for a model of own texts.

    Attributes:
        data: the folder of the texts; those within it count too.
    """

    data: str = param("", label=N_("Folder"), help=N_("The folder with your texts; folders within it count too."))


TRAINING: Final = OwnXLTextsSettings(
    n_steps=1200, learning_rate=2.5e-3, n_warmup=60, n_decay=1000, weight_decay=0.1, average_decay=0.98, keep_best=True
)


@dataclass(frozen=True, kw_only=True)
class OwnXLTextsRecipe(XLRecipe):
    """Whatever a folder of texts holds; the last twentieth of each to measure with, the one before to choose by."""

    id: str = "autoregressive/texts"
    title: str = N_("Your texts, with a memory")
    summary: str = N_("Learns from a folder of your own texts (.txt, .md) to go on as they do, and to remember.")
    minutes: float = 30
    needs_folder: bool = True
    settings: TrainSettings = TRAINING
    seed: int = 89
    least_gain: float | None = None
    has_peer: bool = False
    bits_name: str = N_("Bits per character on the last twentieth of each text, memory of {n} tokens")
    invitation: str = N_("Choose or drop a folder with texts (.txt, .md), 20,000 characters or more.")
    folder: FolderTexts | None = None

    def takes_folder(self, path: Path) -> bool:
        """Whether most files are texts in a folder, or in that of the file which stands for it."""
        return is_text_folder(path if path.is_dir() else path.parent)

    def look_into(self, path: Path) -> Generator[Any, None, FolderFinding]:
        """Say how much there is to read."""
        texts = yield from load_texts(path)
        return FolderFinding(texts.sentence, texts.left_out, len(texts.left_out))

    def train(self, options: TrainOptions) -> Iterator[Frame]:
        """Yield frames while the folder is read, then as every training of a Transformer-XL does."""
        settings = self.settings.chosen(options.settings, options.n_steps)
        assert isinstance(settings, OwnXLTextsSettings)
        folder = yield from self._read(settings)
        wanted = folder.n_characters // CHARACTERS_PER_TOKEN
        config = replace(self.config, n_vocab=max(MIN_VOCABULARY, min(wanted, MAX_VOCABULARY)))
        yield from super(OwnXLTextsRecipe, replace(self, folder=folder, config=config)).train(options)

    def _read(self, settings: OwnXLTextsSettings) -> Generator[Frame, None, FolderTexts]:
        texts = yield from read_texts(settings.data, settings.n_steps)
        if not texts.part(Split.TEST):
            raise UserError(
                N_("Each of these texts is too short to keep a part of it for measuring."),
                N_("Put them together into longer ones."),
            )
        return texts

    def texts(self, split: Split) -> Sequence[str]:
        """To learn from all, each for itself; of the others one text of at most 40,000 characters."""
        assert self.folder is not None
        parts = self.folder.part(split)
        return parts if split is Split.TRAIN else ("\n".join(parts)[:N_MEASURED],)

    @property
    def examples(self) -> Sequence[str]:
        assert self.folder is not None
        wholes = (text.partition(" ")[2] for text in self.folder.part(Split.TEST))  # it may begin within a word
        beginnings = [text[:N_PROMPT].strip() for text in wholes]
        return [text for text in beginnings if text][:N_EXAMPLES] or [""]

    def card(self, network: TransformerXL, training: Training) -> dict[str, Any]:
        assert self.folder is not None
        card, settings = super().card(network, training), training.settings
        assert isinstance(settings, OwnXLTextsSettings)
        card["settings"].pop("data")  # where a person's files lie is nobody's business
        n, left_out = len(self.folder.texts), self.folder.left_out
        return {
            **card,
            "data": N_("{n:,} texts of your own, {c:,} characters").format(n=n, c=self.folder.n_characters),
            "licence": N_("Your own texts; what you may do with the model follows from what you may do with them."),
            "data_set": {"name": printable(Path(settings.data).name), "n_items": n, "which": "full"},
            "notes": [card["notes"][-1], *([left_out_sentence(left_out)] if left_out else [])],
        }


TEXTS: Final = OwnXLTextsRecipe()
