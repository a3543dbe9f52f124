"""The training that makes the sparse features of `transformer/shakespeare`, and what their card says.

Top-k sparse autoencoders: Gao et al. 2024 (arXiv 2406.04093). Shape letters: B passages, T tokens, D width, F features.
"""

import copy
import math
from collections import defaultdict
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Final

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from studio.api.engine import ModelSource, known_file
from studio.api.recipe import Measuring, TrainingRecipe
from studio.api.training import Split, Training, TrainSettings, Validation, load_shakespeare
from studio.core.card import Check, write_card
from studio.core.frame import Frame
from studio.core.text.byte_tokens import END_ID
from studio.core.text.token import TextToken, joined
from studio.core.translation import N_

from ...adapter_importer import base_hash
from ..interpret.sparse_features import SparseAutoencoder, SparseConfig, SparseFeatures, load_features, save_features
from ..model.decoder import Decoder
from ..model.tokenizer import TextTokenizer
from ..model.weights import load_decoder
from ..state import FeatureWords
from .decoder_training import TextPassages, encoder, stream_of

SETTINGS: Final = TrainSettings(
    n_steps=2500, learning_rate=1e-3, n_warmup=100, n_decay=1000, average_decay=0.995, keep_best=True
)
CONFIG: Final = SparseConfig()
N_ITEMS: Final = 4
N_TOLD: Final = 300
"""Passages that the features' words are taken from."""
N_WORDS, N_PLACES, N_CONTEXTS, N_AROUND = 3, 24, 3, 5
VARIANCE: Final = "unexplained variance"


@dataclass(frozen=True, eq=False)
class FeatureTexts:
    """A decoder with its tokenizer, and rows of tokens that it reads: learnt from, chosen by, measured on."""

    decoder: Decoder
    cutter: TextTokenizer
    learnt: Any
    chosen: Any
    test: Any


@dataclass(frozen=True, eq=False)
class FeatureObjective:
    """The share of the variance that a description leaves unexplained; what a Training calls."""

    decoder: Decoder
    passages: TextPassages

    def __call__(self, model: nn.Module, step: int, micro: int) -> tuple[Tensor, dict[str, Tensor]]:
        assert isinstance(model, SparseAutoencoder)
        x = stream_after(self.decoder, self.passages.draw(step, micro)[0], model.config.layer)
        return (model(x) - x).square().mean() / model.scale.square(), {}


@torch.no_grad()
def stream_after(decoder: Decoder, tokens: Tensor, layer: int) -> Tensor:
    """The residual stream (B T, D) after a layer of tokens (B, T); the first of each text is left out."""
    return _inner(decoder, tokens, layer)[:, 1:].flatten(0, 1)


def _inner(decoder: Decoder, tokens: Tensor, layer: int) -> Tensor:
    x = decoder.embedded(tokens)
    for number in range(layer + 1):
        x = decoder.layer(number, x)
    return x


@dataclass(frozen=True, kw_only=True)
class FeaturesRecipe(TrainingRecipe[FeatureTexts]):
    """`transformer/shakespeare-features`: a thousand directions in what the Shakespeare model thinks half way."""

    makes_model: ClassVar[bool] = False
    id: str = "transformer/shakespeare-features"
    title: str = N_("Features of Shakespeare")
    summary: str = N_("Takes apart what the Shakespeare model knows of each word, into a thousand features.")
    task: str = N_("Describes a word in a text by sixteen features out of a thousand.")
    minutes: float = 12
    settings: TrainSettings = SETTINGS
    config: SparseConfig = CONFIG
    model: str = "transformer/shakespeare"
    seed: int = 73

    def read(self, device: torch.device) -> Generator[Frame, None, FeatureTexts]:
        yield from ()
        decoder, cutter = load_decoder(known_file(self.model))
        rows = (stream_of(load_shakespeare(part).texts, encoder(cutter), END_ID) for part in Split)
        parts = dict(zip(Split, rows, strict=True))
        return FeatureTexts(decoder.to(device), cutter, parts[Split.TRAIN], parts[Split.VALIDATION], parts[Split.TEST])

    def network_and_objective(
        self, texts: FeatureTexts, device: torch.device
    ) -> tuple[SparseAutoencoder, FeatureObjective]:
        config = replace(self.config, width=texts.decoder.config.width)
        network, passages = SparseAutoencoder(config), self._passages(texts, texts.learnt, device)
        begin = torch.cat([stream_after(texts.decoder, passages.draw(0, n)[0], config.layer) for n in range(1, 9)])
        with torch.no_grad():
            network.mean.copy_(begin.mean(0))
            network.scale.copy_((begin - network.mean).square().mean().sqrt())
            network.encoder.copy_(network.directions)
        return network, FeatureObjective(texts.decoder, passages)

    def _passages(self, texts: FeatureTexts, row: Any, device: torch.device) -> TextPassages:
        return TextPassages(row, N_ITEMS, texts.decoder.config.n_context, self.seed, device)

    def validation(self, texts: FeatureTexts, device: torch.device) -> Validation:
        def measured(model: nn.Module) -> Measuring[dict[str, float]]:
            assert isinstance(model, SparseAutoencoder)
            found = yield from feature_figures(model, texts.decoder, texts.chosen, 4, device)
            return {VARIANCE: 1.0 - found.explained}

        return Validation(measured, VARIANCE)

    def write(self, out: Path, training: Training, texts: FeatureTexts) -> Measuring[None]:
        """Write the averaged features with their words, then measure what was written on the test works."""
        average = training.average
        assert isinstance(average, SparseAutoencoder)
        words = yield from feature_words(average, texts, self._passages(texts, texts.learnt, training.device))
        model_hash = base_hash(ModelSource(self.model, known_file(self.model), {}))
        save_features(out, SparseFeatures(copy.deepcopy(average).cpu(), words), model_hash)
        features = load_features(out, texts.decoder.config, model_hash)
        network = features.network.to(training.device)
        found = yield from feature_figures(network, texts.decoder, texts.test, None, training.device)
        card = {
            **self.common_card(network, [training], "shakespeare", len(load_shakespeare(Split.TRAIN).texts)),
            "data": N_("The texts that {model} has read").format(model=self.model),
            "features_of": self.model,
            "notes": [N_("Measured on the test works: Twelfth Night, Macbeth and The Rape of Lucrece.")],
        }
        write_card(out.with_suffix(".json"), card, found.checks())


@dataclass(frozen=True)
class FeatureFigures:
    """Shares of 0 to 1, and bits a token: how well a description stands in for the stream.

    Attributes:
        explained: of the variance. plain, described, removed: what the decoder loses in nats with the stream, with its
            description, and with its mean in its place. n_active: features of a token. dead: that never answered.
    """

    explained: float
    plain: float
    described: float
    removed: float
    n_active: float
    dead: float

    @property
    def recovered(self) -> float:
        """Of the loss that taking the stream away costs."""
        return (self.removed - self.described) / (self.removed - self.plain)

    def checks(self) -> list[Check]:
        """As they stand on a card."""
        more_bits = (self.described - self.plain) / math.log(2)
        return [
            Check(N_("Variance that the features explain, share"), self.explained, None, True),
            Check(N_("Loss that the features recover, share"), self.recovered, None, True),
            Check(N_("Bits per token lost where features stand for the stream"), more_bits, None, False),
            Check(N_("Features that describe a token"), self.n_active, None, False),
            Check(N_("Share of features that never answer"), self.dead, None, False),
        ]


@torch.no_grad()
def feature_figures(
    network: SparseAutoencoder, decoder: Decoder, row: Any, most: int | None, device: torch.device
) -> Measuring[FeatureFigures]:
    """Measured over all of a row of tokens, or so many batches of passages spread over it; yields between them."""
    sums, square, n = torch.zeros(network.config.width, device=device), 0.0, 0
    left, losses, n_active, n_passages = 0.0, [0.0, 0.0, 0.0], 0, 0
    alive = torch.zeros(network.config.n_features, dtype=torch.bool, device=device)
    batches = list(_batches(row, decoder.config.n_context, device))
    for rows in batches[:: max(1, len(batches) // (most or len(batches)))][:most]:
        inner = _inner(decoder, rows[:, :-1], network.config.layer)
        x = inner[:, 1:].flatten(0, 1)
        answers = network.activations(x)
        again = network.described(answers)
        sums, square, n = sums + x.sum(0), square + float(x.double().square().sum()), n + len(x)
        left, n_active = left + float((again - x).double().square().sum()), n_active + int((answers > 0).sum())
        alive |= (answers > 0).any(0)
        for place, stream in enumerate((x, again, network.mean.expand_as(x))):
            put = torch.cat([inner[:, :1], stream.view(len(rows), -1, x.shape[-1])], 1)
            losses[place] += len(rows) * _loss(decoder, network.config.layer, rows, put)
        n_passages += len(rows)
        yield
    variance = square - float(sums.double().square().sum()) / n
    plain, described, removed = (loss / n_passages for loss in losses)
    return FeatureFigures(1 - left / variance, plain, described, removed, n_active / n, float((~alive).float().mean()))


def _batches(row: Any, n_context: int, device: torch.device) -> Iterator[Tensor]:
    """All of it in passages that follow each other, (4, T + 1) at a time; a rest is left out."""
    n = len(row) // (n_context + 1)
    whole = torch.from_numpy(np.ascontiguousarray(row[: n * (n_context + 1)])).long().view(n, n_context + 1)
    yield from whole.to(device).split(N_ITEMS)


def _loss(decoder: Decoder, layer: int, rows: Tensor, x: Tensor) -> float:
    """The mean cross-entropy in nats of tokens (B, T + 1) where x (B, T, D) is the stream after a layer."""
    for number in range(layer + 1, decoder.config.n_layers):
        x = decoder.layer(number, x)
    return float(F.cross_entropy(decoder.logits(x).flatten(0, 1), rows[:, 1:].flatten()))


# What features stand for


@torch.no_grad()
def feature_words(
    network: SparseAutoencoder, texts: FeatureTexts, passages: TextPassages
) -> Measuring[tuple[FeatureWords, ...]]:
    """The strongest words and places of each feature among some passages; yields between them."""
    n_features, width = network.config.n_features, passages.n_tokens
    best = torch.zeros(N_PLACES, n_features)
    where = torch.zeros(N_PLACES, n_features, dtype=torch.int64)
    rows: list[Any] = []
    for number in range(N_TOLD // passages.n_items):
        tokens = passages.draw(1_000_000 + number, 0)[0]
        answers = network.activations(stream_after(texts.decoder, tokens, network.config.layer)).cpu()
        first = len(rows) * width
        rows += tokens.tolist()
        at = torch.arange(first, first + tokens.numel()).view(-1, width)[:, 1:].flatten()
        both, places = torch.cat([best, answers]), torch.cat([where, at[:, None].expand_as(answers)])
        best, order = both.topk(N_PLACES, 0)
        where = places.gather(0, order)
        yield
    found = []
    for feature in range(n_features):
        found.append(_told(best[:, feature].tolist(), where[:, feature].tolist(), rows, width, texts.cutter))
        if feature % 32 == 0:
            yield
    return tuple(found)


def _told(
    strengths: Sequence[float], places: Sequence[int], rows: Sequence[Any], width: int, cutter: TextTokenizer
) -> FeatureWords:
    """Of its strongest places: the words by how strongly they answered in all, and what stands around the first."""
    strong, contexts = defaultdict[str, float](float), []
    for strength, place in zip(strengths, places, strict=True):
        if strength > 0:
            row, at = rows[place // width], place % width
            before, word, after = _around(cutter.pieces(row), at)
            strong[word.strip().lower() or word] += strength
            contexts.append(f"{before}«{word}»{after}".replace("\n", " / ").strip())
    words = tuple(_named(word) for word in sorted(strong, key=lambda word: -strong[word])[:N_WORDS])
    return FeatureWords(words, tuple(dict.fromkeys(contexts))[:N_CONTEXTS])


def _named(word: str) -> str:
    return {"\n": "⏎", "": "␣"}.get(word, word.replace("\n", "⏎"))


def _around(pieces: Sequence[bytes], at: int) -> tuple[str, str, str]:
    """The words before, the one to which a token belongs, up to this token, and the words behind."""
    first, last = max(0, at - 4 * N_AROUND), at + 3 * N_AROUND
    text = [piece.decode("utf-8", "replace") for piece in pieces[first:last]]
    group = next(one for one in joined([TextToken(piece) for piece in text]) if at - first in one)
    before = "".join(text[: group[0]]).split(" ")[-N_AROUND - 1 :]
    word, after = "".join(text[group[0] : group[-1] + 1]), "".join(text[group[-1] + 1 :]).split(" ")[:N_AROUND]
    space = " " if word.startswith(" ") else ""
    return " ".join(before) + space, word.removeprefix(" "), " ".join(after)
