"""The training that makes `transformer/translate`, and what its card says."""

import math
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Final, TypeAlias

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from studio.api.recipe import Measuring, TrainingRecipe
from studio.api.training import N_SHARED_WORDS, Split, Training, TrainSettings, Validation, Verses, load_verses
from studio.core.card import Check, write_card
from studio.core.frame import Frame
from studio.core.text.byte_tokens import END_ID, learnt_tokenizer
from studio.core.translation import N_

from ...text.model.tokenizer import TextTokenizer, own_tokenizer
from ..engine import TranslateEngine
from ..model.encoder_decoder import ALIGNED_HEAD, Translator, TranslatorConfig, aligned_layer
from ..model.weights import load_translator, save_translator
from ..params import MAX_EXAMPLES, TranslateParams
from ..view_model import LETTERS
from .alignment import Table, alignment_of, learnt_table
from .data import PADDING, Ids, PairBatches, batch_of
from .evaluation import NearestVerses, bleu, by_dictionary, dictionary

N_TOKENS: Final = 4096
CONFIG: Final = TranslatorConfig(n_vocab=N_TOKENS)
SETTINGS: Final = TrainSettings(
    n_steps=2600, learning_rate=2e-3, n_warmup=200, n_decay=1800, weight_decay=0.05, average_decay=0.995
)
BITS: Final = "bits per token"
_N_AT_ONCE: Final = 25
LEAST_BLEU: Final = 12.0
SHORT: Final = (30, 90)
"""Characters of the verses that are offered as examples."""

Pairs: TypeAlias = list[tuple[Ids, Ids]]
SMOOTHING: Final = 0.1
GUIDANCE: Final = 0.2


@dataclass(frozen=True)
class TranslationObjective:
    """Cross-entropy in nats, smoothed, and that of one head's attention against the alignment.

    Attributes:
        table: (V, V) float32, how likely each source token becomes each target token.
    """

    batches: PairBatches
    table: Tensor

    def __call__(self, model: nn.Module, step: int, micro: int) -> tuple[Tensor, dict[str, Tensor]]:
        source, lengths, target, following = self.batches.draw(step + micro)
        assert isinstance(model, Translator)
        seen: list[Tensor] = []
        logits = model.decode(target, model.encode(source, lengths), seen).float()
        loss = F.cross_entropy(
            logits.flatten(0, 1), following.flatten(), ignore_index=PADDING, label_smoothing=SMOOTHING
        )
        is_text = following != PADDING
        with torch.no_grad():
            wanted = alignment_of(self.table, source, lengths, following.clamp_min(0))
        looked = seen[aligned_layer(model.config)][:, ALIGNED_HEAD].float().clamp_min(1e-6)
        astray = -(wanted * looked.log()).sum(-1)[is_text].mean()
        return loss + GUIDANCE * astray, {"astray": astray}


@dataclass(frozen=True)
class TranslationLesson:
    """What is learnt from.

    Attributes:
        verses: as texts. pairs, held_out: as tokens, an end behind each. table: see `learnt_table`.
    """

    verses: Verses
    cutter: TextTokenizer
    pairs: Pairs
    held_out: Pairs
    table: Table


@dataclass(frozen=True, kw_only=True)
class TranslateRecipe(TrainingRecipe[TranslationLesson]):
    """`transformer/translate`: verses of the Bible from English into Spanish."""

    id: str = "transformer/translate"
    title: str = N_("Translate")
    summary: str = N_("Reads verses of the Bible in English and Spanish, and learns to translate them.")
    task: str = N_("Translates from English into Spanish.")
    minutes: float = 50
    config: TranslatorConfig = CONFIG
    settings: TrainSettings = SETTINGS
    n_batch: int = 2048
    seed: int = 73
    kind: ClassVar[str] = "translate"

    def read(self, device: torch.device) -> Generator[Frame, None, TranslationLesson]:
        n_steps, note = self.settings.n_steps, N_("Reading the verses")
        yield Frame(0, n_steps, note)
        verses = load_verses(Split.TRAIN)
        cutter = own_tokenizer(learnt_tokenizer([*verses.english, *verses.spanish], self.config.n_vocab))
        yield Frame(0, n_steps, note)
        pairs = token_pairs(cutter, verses)
        held_out = token_pairs(cutter, load_verses(Split.VALIDATION))
        learning = learnt_table(pairs, self.config.n_vocab, self.config.n_vocab)
        while True:
            try:
                next(learning)
            except StopIteration as end:
                return TranslationLesson(verses, cutter, pairs, held_out, end.value)
            yield Frame(0, n_steps, note)

    def network_and_objective(
        self, lesson: TranslationLesson, device: torch.device
    ) -> tuple[Translator, TranslationObjective]:
        batches = PairBatches(lesson.pairs, self.n_batch, self.seed, device)
        return Translator(self.config), TranslationObjective(batches, torch.from_numpy(lesson.table).to(device))

    def validation(self, lesson: TranslationLesson, device: torch.device) -> Validation:
        return Validation(partial(_held_out_bits, lesson.held_out, device), BITS)

    def write(self, out: Path, training: Training, lesson: TranslationLesson) -> Measuring[None]:
        """Write the averaged network, then measure what was written on the test verses for the card."""
        network, verses = training.average, lesson.verses
        assert isinstance(network, Translator)
        save_translator(out, network.cpu(), lesson.cutter.library, words_of(verses.english))
        test = load_verses(Split.TEST)
        own = yield from translations(TranslateEngine(load_translator(out)), test.english)
        known = yield from dictionary(verses)
        nearest = NearestVerses(verses)
        peers = [by_dictionary(known, text) for text in test.english], [nearest.spanish(text) for text in test.english]
        by_word, by_verse = (bleu(said, test.spanish) for said in peers)
        checks = [
            Check(N_("BLEU on the test verses"), bleu(own, test.spanish), LEAST_BLEU),
            Check(N_("BLEU of a dictionary, word by word"), by_word),
            Check(N_("BLEU of the most similar verse that was learnt from"), by_verse),
        ]
        write_card(out.with_suffix(".json"), self._card(network, training, verses, test), checks)

    def _card(self, network: Translator, training: Training, verses: Verses, test: Verses) -> dict[str, Any]:
        lengths = map(len, test.english)
        short = [place for place, length in enumerate(lengths) if SHORT[0] <= length <= SHORT[1]][:MAX_EXAMPLES]
        n = len(verses.names)
        return {
            **self.common_card(network, [training], "verses", n, n_batch=self.n_batch),
            "data": N_(
                "{n:,} verses in the World English Bible and in the Spanish Reina-Valera of 1909, both in the public "
                "domain"
            ).format(n=n),
            "examples": [test.english[place] for place in short],
            "references": [test.spanish[place] for place in short],
            "notes": [
                N_(
                    "The {n} test verses share no run of {words} words with what was learnt from, in either language."
                ).format(n=len(test.names), words=N_SHARED_WORDS),
                N_("BLEU is computed as by sacrebleu (13a, exp), against the one verse of the Spanish Bible."),
                N_(
                    "One head was shown which word comes from which, by an alignment learnt from the same verses: "
                    "the board shows this head."
                ),
            ],
        }


def words_of(texts: Sequence[str]) -> frozenset[str]:
    """All words of some texts, in lower case."""
    return frozenset(word for text in texts for word in LETTERS.findall(text.lower()))


def translations(engine: TranslateEngine, texts: Sequence[str]) -> Measuring[list[str]]:
    """What the best lane says of each text in the end; yields at each step."""
    said = []
    for text in texts:
        one = yield from engine.translated(TranslateParams(prompt=text))
        said.append(one)
    return said


def token_pairs(cutter: TextTokenizer, verses: Verses) -> Pairs:
    """Both texts of each verse as tokens, an end behind each."""
    texts = zip(verses.english, verses.spanish, strict=True)
    return [(_tokens(cutter, english), _tokens(cutter, spanish)) for english, spanish in texts]


def _tokens(cutter: TextTokenizer, text: str) -> Ids:
    return np.array([*cutter.encode(text, False), END_ID], np.int64)


@torch.no_grad()
def _held_out_bits(pairs: Sequence[tuple[Ids, Ids]], device: torch.device, model: Any) -> Measuring[dict[str, float]]:
    nats, n_tokens = 0.0, 0
    for first in range(0, len(pairs), _N_AT_ONCE):
        source, lengths, target, following = batch_of(pairs[first : first + _N_AT_ONCE], device)
        logits = model(source, lengths, target).float().transpose(1, 2)
        nats += float(F.cross_entropy(logits, following, ignore_index=PADDING, reduction="sum"))
        n_tokens += int((following != PADDING).sum())
        yield
    return {BITS: nats / math.log(2) / n_tokens}
