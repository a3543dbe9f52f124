"""The trainings that make `autoregressive/text-xl` and, of a person's own texts, `texts`, and what their cards say."""

import copy
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Final

import torch

from studio.api.engine import TrainOptions
from studio.api.own_folder import TextFolderRecipe, TextFolderSettings
from studio.api.recipe import Measuring, TrainingRecipe, folder_name, packing_check
from studio.api.training import (
    FolderTexts,
    Moment,
    SlowPreview,
    Split,
    Training,
    TrainSettings,
    Validation,
    left_out_sentence,
    load_shakespeare,
    peer_checkpoint,
    read_texts,
)
from studio.core.card import Check, write_card
from studio.core.error import UserError
from studio.core.frame import Frame, whole_frames
from studio.core.learning import LogThinning
from studio.core.translation import N_

from ...shared.model.relative_network import save_with_cutter
from ...shared.tokenizer import TextCutter
from ..engine import XLTextEngine
from ..model.transformer_xl import TransformerXL, XLConfig, load_xl
from ..params import TextParams
from .objective import BITS, XLNextToken, XLPassages, bits_per_character, peer_bits, stream_of

CONFIG: Final = XLConfig(n_vocab=2048, n_layers=4, n_heads=5, width=160, mlp_width=400, n_segment=64, n_memory=512)
TRAINING: Final = TrainSettings(
    n_steps=4500,
    learning_rate=2.5e-3,
    n_warmup=150,
    n_decay=4000,
    weight_decay=0.1,
    average_decay=0.99,
    keep_best=True,
)
MEMORIES: Final = (0, 64, 128, 256, 512)
LEAST_GAIN: Final = 0.03
N_VALIDATION_CHARACTERS: Final = 40_000
PREVIEWS: Final = LogThinning(dense=1, growth=1.3, first=20)
N_PREVIEW: Final = 96
LENGTH: Final = 240
"""Tokens that a text has when the model is opened: some four segments."""
EXAMPLES: Final = (
    "ROMEO.\nO, she doth teach the torches to burn bright!",
    "HAMLET.\nTo be, or not to be, that is the question:",
    "Enter the KING, with",
    "Shall I compare thee to a summer's day?",
)
MIN_VOCABULARY, MAX_VOCABULARY = 384, 2048
CHARACTERS_PER_TOKEN: Final = 150
"""There is one token for so many characters of the texts: one that is rare is not learnt."""
N_MEASURED: Final = 40_000
"""Characters that are chosen by, and measured with."""
N_PROMPT, N_EXAMPLES = 40, 4


OWN_TRAINING: Final = TextFolderSettings(
    n_steps=1200, learning_rate=2.5e-3, n_warmup=60, n_decay=1000, weight_decay=0.1, average_decay=0.98, keep_best=True
)


@dataclass(frozen=True, kw_only=True)
class XLRecipe(TrainingRecipe[TextCutter]):
    """`autoregressive/text-xl`: a Transformer-XL that has read 38 plays and poems.

    Attributes:
        n_items: passages at once. n_read: segments of each, all but the first read with memory.
        memories: lengths of memory that the card has figures of, the highest last.
    """

    id: str = "autoregressive/text-xl"
    title: str = N_("Long memory")
    summary: str = N_("Reads Shakespeare’s plays and poems segment by segment, and learns to remember.")
    task: str = N_("Continues a text, and remembers hundreds of words of it.")
    minutes: float = 100
    config: XLConfig = CONFIG
    settings: TrainSettings = TRAINING
    n_items: int = 6
    n_read: int = 10
    dropout: float = 0.1
    memories: tuple[int, ...] = MEMORIES
    least_gain: float | None = LEAST_GAIN
    has_peer: bool = True
    bits_name: str = N_("Bits per character on the test works, memory of {n} tokens")
    seed: int = 86
    kind: ClassVar[str] = "text"

    def read(self, device: torch.device) -> Generator[Frame, None, TextCutter]:
        """The tokens of the texts."""
        yield from ()
        return TextCutter.learnt(self.texts(Split.TRAIN), self.config.n_vocab)

    def network_and_objective(self, cutter: TextCutter, device: torch.device) -> tuple[TransformerXL, XLNextToken]:
        stream, n_tokens = stream_of(self.texts(Split.TRAIN), cutter.encode), self.n_read * self.config.n_segment
        passages = XLPassages(stream, self.n_items, n_tokens, self.seed, device)
        config = replace(self.config, n_vocab=cutter.n_tokens)
        return TransformerXL(config, self.dropout), XLNextToken(passages, self.config.n_memory)

    def validation(self, cutter: TextCutter, device: torch.device) -> Validation:
        short = [self.texts(Split.VALIDATION)[0][:N_VALIDATION_CHARACTERS]]
        return Validation(partial(self._validate, short, cutter), BITS)

    def preview(self, cutter: TextCutter, device: torch.device) -> SlowPreview:
        return SlowPreview(partial(self._preview, cutter), PREVIEWS)

    def texts(self, split: Split) -> Sequence[str]:
        """What is learnt from, chosen by or measured on."""
        return load_shakespeare(split).texts

    @property
    def examples(self) -> Sequence[str]:
        """Beginnings that a person may go on with; the first one is gone on with while it is trained."""
        return EXAMPLES

    def _preview(self, cutter: TextCutter, network: TransformerXL, step: int) -> Measuring[Moment]:
        """The same beginning gone on with by the averaged weights, from the same dice."""
        engine, views = XLTextEngine(copy.deepcopy(network).cpu().eval(), cutter), {}
        params = TextParams(prompt=self.examples[0], seed=self.seed, length=N_PREVIEW, temperature=0.8)
        for frame in whole_frames(engine.generate(params)):
            views = {"text": frame.views["text"]}
            yield
        return Moment(views)

    def _validate(self, texts: list[str], cutter: TextCutter, network: TransformerXL) -> Measuring[Mapping[str, float]]:
        """The bits per character of a held-out text, with all the memory."""
        bits = yield from bits_per_character(network, texts, cutter.encode, self.config.n_memory)
        return {BITS: bits}

    def write(self, out: Path, training: Training, cutter: TextCutter) -> Measuring[None]:
        """Write the averaged network, then measure what was written on held-out texts for the card."""
        test, n_most, objective = self.texts(Split.TEST), self.memories[-1], training.loss_function
        assert isinstance(training.average, TransformerXL)
        assert isinstance(objective, XLNextToken)
        save_with_cutter(out, training.average, cutter)
        network, written = load_xl(out)
        network.to(training.device)
        curve = {}
        for n_memory in self.memories:
            curve[n_memory] = yield from bits_per_character(network, test, written.encode, n_memory)
        whole = yield from bits_per_character(training.average, test, written.encode, n_most)
        card = {**self.card(network, training), "memory_curve": curve_json(curve)}
        checks = self.checks(curve, whole)
        write_card(out.with_suffix(".json"), card, checks)
        if self.has_peer:
            peer = yield from peer_bits(
                network.config,
                objective,
                training.settings,
                self.dropout,
                training.seconds,
                peer_checkpoint(out),
                (test, cutter.encode),
            )
            name = N_("Bits per character of the same network without memory, trained for the same time")
            write_card(out.with_suffix(".json"), card, [*checks, Check(name, peer, curve[n_most])])

    def checks(self, curve: Mapping[int, float], whole: float) -> list[Check]:
        """What the figures on held-out texts are held to; `whole` are the bits before they were packed."""
        least, most = self.memories[0], self.memories[-1]
        bits = self.bits_name.format(n=most)
        gain = N_("What a memory of {most} tokens saves compared with {least}, bits per character")
        return [
            Check(bits, curve[most], None, False),
            Check(gain.format(most=most, least=least), curve[least] - curve[most], self.least_gain),
            packing_check(curve[most], whole),
        ]

    def card(self, network: TransformerXL, training: Training) -> dict[str, Any]:
        """What is said of the network, without the figures."""
        texts = self.texts(Split.TRAIN)
        told = {"n_items": self.n_items, "n_read": self.n_read, "dropout": self.dropout}
        data = N_("{n} plays and poems from Project Gutenberg (public domain), {c:.1f} million characters")
        return {
            **self.common_card(network, [training], "shakespeare", len(texts), **told),
            "data": data.format(n=len(texts), c=sum(map(len, texts)) / 1e6),
            "notes": [
                N_(
                    "The test works are Twelfth Night, Macbeth and The Rape of Lucrece; Pericles was used to "
                    "choose the weights."
                ),
                N_("Texts are read in segments of {n} tokens; memory is what comes before a segment.").format(
                    n=network.config.n_segment
                ),
            ],
            "defaults": {"temperature": 0.8, "top_p": 0.95, "length": LENGTH},
            "examples": list(self.examples),
        }


def curve_json(curve: Mapping[int, float]) -> dict[str, list[float]]:
    """Bits per character by length of memory, as a card holds them."""
    return {"memory": list(curve), "bits": [round(bits, 4) for bits in curve.values()]}


TEXT_XL: Final = XLRecipe()


@dataclass(frozen=True, kw_only=True)
class OwnXLTextsRecipe(TextFolderRecipe, XLRecipe):
    """Whatever a folder of texts holds; the last twentieth of each to measure with, the one before to choose by."""

    id: str = "autoregressive/texts"
    title: str = N_("Your texts, with a memory")
    summary: str = N_(
        "Learns from a folder of your own texts (.txt, .md) to continue them in the same way, and to remember."
    )
    minutes: float = 30
    needs_folder: bool = True
    settings: TextFolderSettings = OWN_TRAINING
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
                N_("Each of these texts is too short to set part of it aside for measuring."),
                N_("Combine them into longer ones."),
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
