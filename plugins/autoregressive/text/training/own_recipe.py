"""The training that makes a model of a person’s own texts, `autoregressive/texts`: a Transformer-XL that reads them."""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from studio.api.engine import TrainOptions
from studio.api.own_folder import TextFolderRecipe, TextFolderSettings
from studio.api.recipe import folder_name
from studio.api.training import FolderTexts, Split, Training, left_out_sentence, read_texts
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.translation import N_

from ..model.transformer_xl import TransformerXL
from .recipe import XLRecipe

MIN_VOCABULARY, MAX_VOCABULARY = 384, 2048
CHARACTERS_PER_TOKEN: Final = 150
"""There is one token for so many characters of the texts: one that is rare is not learnt."""
N_MEASURED: Final = 40_000
"""Characters that are chosen by, and measured with."""
N_PROMPT, N_EXAMPLES = 40, 4


TRAINING: Final = TextFolderSettings(
    n_steps=1200, learning_rate=2.5e-3, n_warmup=60, n_decay=1000, weight_decay=0.1, average_decay=0.98, keep_best=True
)


@dataclass(frozen=True, kw_only=True)
class OwnXLTextsRecipe(TextFolderRecipe, XLRecipe):
    """Whatever a folder of texts holds; the last twentieth of each to measure with, the one before to choose by."""

    id: str = "autoregressive/texts"
    title: str = N_("Your texts, with a memory")
    summary: str = N_("Learns from a folder of your own texts (.txt, .md) to go on as they do, and to remember.")
    minutes: float = 30
    needs_folder: bool = True
    settings: TextFolderSettings = TRAINING
    least_gain: float | None = None
    has_peer: bool = False
    bits_name: str = N_("Bits per character on the last twentieth of each text, memory of {n} tokens")
    folder: FolderTexts | None = None
    seed: int = 89

    def train(self, options: TrainOptions) -> Iterator[Frame]:
        """Yield frames while the folder is read, then as every training of a Transformer-XL does."""
        chosen = self.chosen(options)
        folder = yield from self._read(chosen.settings)
        wanted = folder.n_characters // CHARACTERS_PER_TOKEN
        config = replace(self.config, n_vocab=max(MIN_VOCABULARY, min(wanted, MAX_VOCABULARY)))
        yield from super(OwnXLTextsRecipe, replace(chosen, folder=folder, config=config)).train(options)

    def _read(self, settings: TextFolderSettings) -> Generator[Frame, None, FolderTexts]:
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
        card, n, left_out = super().card(network, training), len(self.folder.texts), self.folder.left_out
        return {
            **card,
            "data": N_("{n:,} texts of your own, {c:,} characters").format(n=n, c=self.folder.n_characters),
            "data_set": {**card["data_set"], "name": folder_name(self.settings.data)},
            "notes": [card["notes"][-1], *([left_out_sentence(left_out)] if left_out else [])],
        }


TEXTS: Final = OwnXLTextsRecipe()
