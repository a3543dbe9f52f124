"""How every decoder of this family learns (each token from those before it), shows itself, and what cards say.

Shape letters: B passages, T tokens, V vocabulary.

Keys of a card, beyond those of `studio.core.card`:
    architecture, config: "Decoder" and the fields of its configuration.
    checks: held-out figures with the floor that each had to reach, or null: {name, value, floor, is_higher_better}.
    data_set: {name, which, n_items}.
    notes: sentences that a reader of the figures should know.
    defaults: settings that the panel begins with, by name.
    examples: prompts to click; the first one is run when the model is opened.
    empty_prompt: what stands in the canvas where there is no prompt.
    language: what the text is written in, "python" or none, so that it can be coloured.
"""

import copy
import math
from abc import abstractmethod
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Final, TypeAlias

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from studio.api.recipe import Measuring, TrainingRecipe, packing_check
from studio.api.training import Moment, SlowPreview, Training, TrainSettings, Validation
from studio.core.card import Check
from studio.core.frame import whole_frames
from studio.core.learning import LogThinning
from studio.core.seed import generator
from studio.core.text.byte_tokens import END_ID

from ..engine import TransformerEngine
from ..model.decoder import Decoder
from ..model.tokenizer import TextTokenizer
from ..model.weights import load_decoder, save_decoder
from ..params import TransformerParams

Ids: TypeAlias = npt.NDArray[np.int32]
Encode: TypeAlias = Callable[[str], Sequence[int]]
BITS: Final = "bits per character"
_N_AT_ONCE: Final = 8
SELDOM: Final = LogThinning(dense=1, growth=1.3, first=20)
N_TOKENS: Final = 64
TEMPERATURE: Final = 0.8


def stream_of(texts: Sequence[str], encode: Encode, end_id: int) -> Ids:
    """All texts in one row of tokens, each between two ends."""
    parts = [np.array([end_id, *encode(text)], np.int32) for text in texts]
    return np.concatenate([*parts, np.array([end_id], np.int32)])


@dataclass(frozen=True, eq=False)
class TextPassages:
    """Draws passages out of a row of tokens by number: the same seed and number give the same ones.

    Attributes:
        n_items: passages at once. n_tokens: of each.
    """

    stream: Ids
    n_items: int
    n_tokens: int
    seed: int
    device: torch.device

    def draw(self, step: int, micro: int) -> tuple[Tensor, Tensor]:
        """Tokens and the ones behind them, int64 (B, T) each."""
        random = generator(self.seed, "passages", step, micro)
        first = random.integers(0, len(self.stream) - self.n_tokens, self.n_items)
        rows = torch.from_numpy(self.stream[first[:, None] + np.arange(self.n_tokens + 1)]).long().to(self.device)
        return rows[:, :-1], rows[:, 1:]


@dataclass(frozen=True)
class NextTokenObjective:
    """The cross-entropy of the next token, in nats; what a Training calls."""

    passages: TextPassages

    def __call__(self, model: nn.Module, step: int, micro: int) -> tuple[Tensor, dict[str, Tensor]]:
        tokens, following = self.passages.draw(step, micro)
        logits = model(tokens).float()
        return F.cross_entropy(logits.flatten(0, 1), following.flatten()), {}


@torch.no_grad()
def bits_per_character(
    model: nn.Module, texts: Sequence[str], encode: Encode, end_id: int, stride: int, n_context: int = 0
) -> Measuring[float]:
    """Bits that a decoder needs for each character of whole texts, their ends included; yields between passes.

    Windows of its context, or of `n_context` tokens, advance by `stride`, and in each only the tokens count that the
    one before did not reach.
    """
    assert isinstance(model, Decoder)
    nats, n_context = 0.0, n_context or model.config.n_context
    for text in texts:
        ids = torch.from_numpy(stream_of([text], encode, end_id)).long()
        for rows, first_new in _windows(ids, n_context, stride):
            device = model.tokens.weight.device
            logits = model(rows[:, :-1].to(device)).float()
            losses = F.cross_entropy(logits.transpose(1, 2), rows[:, 1:].to(device), reduction="none")
            nats += float(losses[:, first_new:].double().sum())
            yield
    return nats / math.log(2) / sum(map(len, texts))


def _windows(ids: Tensor, n_context: int, stride: int) -> Generator[tuple[Tensor, int], None, None]:
    """Windows (B, up to n_context + 1), and from which of their predictions on they are new."""
    firsts = range(stride, len(ids) - 1 - n_context + 1, stride)
    yield ids[None, : n_context + 1], 0
    for place in range(0, len(firsts), _N_AT_ONCE):
        chosen = torch.tensor(firsts[place : place + _N_AT_ONCE])
        yield ids[chosen[:, None] + torch.arange(n_context + 1)], n_context - stride
    reached = (firsts[-1] if firsts else 0) + n_context
    if reached < len(ids) - 1:
        first = max(0, len(ids) - 1 - n_context)
        yield ids[None, first:], reached - first


def text_preview(tokenizer: TextTokenizer, prompt: str, seed: int) -> SlowPreview:
    """The same prompt gone on with by the averaged weights, from the same dice."""
    params = TransformerParams(prompt=prompt, seed=seed, length=N_TOKENS, temperature=TEMPERATURE)

    def draw(average: nn.Module, _: int) -> Generator[Any, None, Moment]:
        assert isinstance(average, Decoder)
        engine, views = TransformerEngine(copy.deepcopy(average).cpu().eval(), tokenizer), {}
        for frame in whole_frames(engine.generate(params)):
            views = {"text": frame.views["text"]}
            yield
        return Moment(views)

    return SlowPreview(draw, SELDOM)


TRAINING: Final = TrainSettings(
    n_steps=2600, learning_rate=2.5e-3, n_warmup=150, n_decay=2200, weight_decay=0.1, average_decay=0.99, keep_best=True
)
"""Of a small decoder that learns from nothing."""


@dataclass(frozen=True)
class TrainingTexts:
    """What a decoder reads.

    Attributes:
        learnt: the texts that it learns from. held_out: those that its weights are chosen by.
        cutter: its tokens. prompt: what its samples go on from.
    """

    learnt: Sequence[str]
    held_out: Sequence[str]
    cutter: TextTokenizer
    prompt: str


@dataclass(frozen=True)
class WrittenDecoder:
    """A decoder as read back from its file; `bits` for each character of test texts, `packing` what the file cost."""

    decoder: Decoder
    cutter: TextTokenizer
    bits: float
    packing: Check


@dataclass(frozen=True, kw_only=True)
class DecoderRecipe(TrainingRecipe[TrainingTexts]):
    """A training of a decoder.

    Attributes:
        n_items: passages at once. dropout: while it learns.
        empty_prompt: what stands in the canvas where there is no prompt. language: as a card says it.
    """

    n_items: int
    dropout: float
    empty_prompt: ClassVar[str]
    language: ClassVar[str] = ""

    @abstractmethod
    def decoder(self, texts: TrainingTexts) -> Decoder:
        """The network to train."""

    def network_and_objective(self, texts: TrainingTexts, device: torch.device) -> tuple[Decoder, NextTokenObjective]:
        decoder, stream = self.decoder(texts), stream_of(texts.learnt, encoder(texts.cutter), END_ID)
        n_tokens = min(decoder.config.n_context, len(stream) - 2)
        return decoder, NextTokenObjective(TextPassages(stream, self.n_items, n_tokens, self.seed, device))

    def preview(self, texts: TrainingTexts, device: torch.device) -> SlowPreview:
        return text_preview(texts.cutter, texts.prompt, self.seed)

    def validation(self, texts: TrainingTexts, device: torch.device) -> Validation:
        return Validation(partial(_held_out_bits, texts.held_out, encoder(texts.cutter)), BITS)

    def written(
        self, out: Path, training: Training, texts: TrainingTexts, test: Sequence[str]
    ) -> Measuring[WrittenDecoder]:
        """Write the averaged network, then measure what was written, and the network itself, on test texts."""
        average = training.average
        assert isinstance(average, Decoder)
        save_decoder(out, average, texts.cutter.library)
        decoder, cutter = load_decoder(out)
        encode, stride = encoder(cutter), decoder.config.n_context // 2
        bits = yield from bits_per_character(decoder.to(training.device), test, encode, END_ID, stride)
        whole_bits = yield from bits_per_character(average, test, encode, END_ID, stride)
        return WrittenDecoder(decoder, cutter, bits, packing_check(bits, whole_bits))

    def decoder_card(
        self, decoder: Decoder, training: Training, name: str, n_texts: int, examples: Sequence[str]
    ) -> dict[str, Any]:
        """The keys of a card that are written alike for all decoders."""
        told = {"n_items": self.n_items, "dropout": self.dropout}
        return {
            **self.common_card(decoder, [training], name, n_texts, **told),
            "defaults": {"temperature": 0.8, "top_p": 0.95},
            "examples": list(examples),
            "empty_prompt": self.empty_prompt,
            "language": self.language,
        }


def encoder(cutter: TextTokenizer) -> Encode:
    """Texts to tokens without one for the start."""
    return partial(cutter.encode, with_start=False)


def _held_out_bits(texts: Sequence[str], encode: Encode, model: Decoder) -> Measuring[dict[str, float]]:
    bits = yield from bits_per_character(model, texts, encode, END_ID, model.config.n_context)
    return {BITS: bits}
