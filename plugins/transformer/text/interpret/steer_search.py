"""Finds the direction between two texts in a decoder's residual stream, and measures after which layer it does most.

The difference of mean activations: Turner et al. 2023 (arXiv 2308.10248), Rimsky et al. 2023 (arXiv 2312.06681).
Shape letters: L layers, D width, T tokens, V vocabulary.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import torch
from torch import Tensor

from studio.core.error import UserError
from studio.core.text.steer_slider import SteerSlider, checked_pair, sliders_text
from studio.core.translation import N_

from ..model.decoder import Decoder
from ..model.probe import Probe
from ..model.reader import DecoderReader
from ..model.sampler import die_roll, drawn_token
from ..model.steering import Steering, Vector
from ..model.tokenizer import TextTokenizer
from ..state import SteerEffect, SteerSearch
from .ablation import word_tokens
from .sparse_features import SparseFeatures

UNIT: Final = 10.0
"""Per cent of the stream's usual length at which effects are measured."""
MAX_EXAMPLES, MAX_TOKENS = 16, 256
N_OWN: Final = 48
"""Tokens of the text by the model itself in which effects are measured."""
KEPT: Final = 16


@dataclass(frozen=True, eq=False)
class MeanStreams:
    """Of a text's tokens after each layer: the mean (L, D) and the lengths of all of them (T, L)."""

    mean: Tensor
    lengths: Tensor


class DirectionFinder:
    """The directions of one decoder; remembers what the last texts were like."""

    def __init__(self, decoder: Decoder, tokenizer: TextTokenizer, features: SparseFeatures | None) -> None:
        self._decoder, self._tokenizer, self._features = decoder, tokenizer, features
        self._streams = lru_cache(KEPT)(self._read)
        self._best = lru_cache(KEPT)(self._best_layer)
        self._own: list[int] = []

    def steering(self, sliders: Sequence[SteerSlider]) -> Steering:
        """What the sliders add in all; those that stand at 0 add nothing. Raises UserError where one cannot be."""
        vectors: dict[int, Vector] = {}
        moved = [slider for slider in sliders if slider.strength]
        for slider in moved:
            layer, step = self.step(slider)
            vectors[layer] = vectors.get(layer, np.float32(0)) + np.float32(slider.strength / 100) * step
        return Steering(sliders_text(moved), vectors)

    def step(self, slider: SteerSlider) -> tuple[int, Vector]:
        """The layer of a slider, and what a strength of 100 adds after it, (D,)."""
        if slider.feature is not None:
            return self._feature_step(slider.feature)
        layer = self._best(slider.toward, slider.away) if slider.layer is None else slider.layer
        if layer >= self._decoder.config.n_layers:
            n_layers = self._decoder.config.n_layers
            raise UserError(N_("This model has {n} layers.").format(n=n_layers), N_("Steer after one of those."))
        return layer, self._steps(slider.toward, slider.away)[layer]

    def _feature_step(self, feature: int) -> tuple[int, Vector]:
        if self._features is None:
            raise UserError(N_("No features were learnt for this model."), N_("Steer it by a pair of texts instead."))
        network = self._features.network
        if feature >= network.config.n_features:
            raise UserError(N_("This model has {n} features.").format(n=network.config.n_features))
        layer = network.config.layer
        length = self._streams(tuple(self._own_text())).lengths[:, layer].median()
        return layer, (network.directions[feature] * length).numpy()

    @torch.inference_mode()
    def _steps(self, toward: str, away: str) -> list[Vector]:
        """For each layer the difference of the means, as long as the stream usually is there, (D,)."""
        one, other = (self._streams(self._examples(text)) for text in checked_pair(toward, away))
        difference, lengths = one.mean - other.mean, torch.cat([one.lengths, other.lengths])
        size = torch.linalg.vector_norm(difference, dim=-1, keepdim=True)
        if not bool(torch.isfinite(size).all()) or float(size.max()) == 0:
            raise UserError(N_("The model reads both texts alike, so no direction leads from one to the other."))
        steps = difference / size.clamp(min=torch.finfo(size.dtype).tiny) * lengths.median(0).values[:, None]
        return list(steps.cpu().numpy())

    def _examples(self, text: str) -> tuple[tuple[int, ...], ...]:
        """The tokens of each line of a text, in the midst of which it could stand."""
        lines = [line.strip() for line in text.splitlines() if line.strip()][:MAX_EXAMPLES]
        found = [word_tokens(self._tokenizer, line, True)[: self._most] for line in lines]
        if not any(found):
            raise UserError(N_("The model has no tokens for this text."), N_("Type another one."))
        return tuple(one for one in found if one)

    @property
    def _most(self) -> int:
        return min(MAX_TOKENS, self._decoder.config.n_context - len(self._opening))

    @property
    def _opening(self) -> list[int]:
        """What is read before an example: the first token of a text is like no other."""
        return (self._tokenizer.opening or self._tokenizer.encode("\n", with_start=False))[:1]

    @torch.inference_mode()
    def _read(self, examples: tuple[tuple[int, ...], ...]) -> MeanStreams:
        first, streams = len(self._opening), []
        for example in examples:
            probe, ids = Probe(wants_attention=False, wants_streams=True), [*self._opening, *example]
            tokens = torch.tensor([ids], device=self._decoder.tokens.weight.device)
            self._decoder.hidden(self._decoder.embedded(tokens), None, probe)
            streams.append(torch.stack([one[0, first:] for one in probe.streams[1:]], 1).float())  # (T, L, D)
        every = torch.cat(streams)
        return MeanStreams(every.mean(0), torch.linalg.vector_norm(every, dim=-1))

    # Where it does most

    def _best_layer(self, toward: str, away: str) -> int:
        *_, last = self.search(toward, away)
        return last.best

    def search(self, toward: str, away: str) -> Generator[SteerSearch, None, SteerSearch]:
        """Measure layer by layer how much a step of UNIT per cent either way moves what comes next; yields each."""
        steps, n_layers = self._steps(toward, away), self._decoder.config.n_layers
        sides = self._sides(toward, away)
        found = SteerSearch((), n_layers, bool(sides[0] and sides[1]))
        streams = self._own_streams()
        for layer in range(n_layers):
            effect = self._effect(streams, layer, steps[layer] * np.float32(UNIT / 100), sides)
            found = SteerSearch((*found.effects, effect), n_layers, found.has_words)
            yield found
        return found

    def _sides(self, toward: str, away: str) -> tuple[list[int], list[int]]:
        """The tokens that only one of both texts has."""
        one, other = ({token for example in self._examples(text) for token in example} for text in (toward, away))
        return sorted(one - other), sorted(other - one)

    def _own_text(self) -> list[tuple[int, ...]]:
        """What the model writes by itself from nothing, always the same."""
        if not self._own:
            reader, ids = DecoderReader(self._decoder), list(self._opening)
            while len(ids) < min(N_OWN, self._decoder.config.n_context // 2):
                ids.append(drawn_token(reader.last_log_probabilities(ids, 1), die_roll(1, len(ids)), False))
            self._own = ids[1:]
        return [tuple(self._own)]

    @torch.inference_mode()
    def _own_streams(self) -> list[Tensor]:
        probe = Probe(wants_attention=False, wants_streams=True)
        ids = [*self._opening, *self._own_text()[0]]
        self._decoder.hidden(
            self._decoder.embedded(torch.tensor([ids], device=self._decoder.tokens.weight.device)), None, probe
        )
        return probe.streams[1:]

    @torch.inference_mode()
    def _effect(
        self, streams: Sequence[Tensor], layer: int, step: Vector, sides: tuple[list[int], list[int]]
    ) -> SteerEffect:
        decoder, push = self._decoder, torch.from_numpy(step).to(streams[layer])
        x = torch.cat([streams[layer], streams[layer] + push, streams[layer] - push])  # (3, T, D)
        for number in range(layer + 1, decoder.config.n_layers):
            x = decoder.layer(number, x)
        plain, more, less = decoder.logits(x).float().log_softmax(-1)  # (T, V) each
        moved = [(plain.exp() * (plain - other)).sum(-1).mean() for other in (more, less)]
        odds = [_log_odds(other, sides) for other in (more, less)]
        return SteerEffect(layer, (odds[0] - odds[1]) / 2, float(sum(moved)) / 2 / float(np.log(2)))


def _log_odds(values: Tensor, sides: tuple[list[int], list[int]]) -> float:
    """Of the tokens of one side against those of the other, in nats, the mean over places (T, V); 0 without tokens."""
    if not sides[0] or not sides[1]:
        return 0.0
    one, other = (values[:, side].logsumexp(-1) for side in sides)
    return float((one - other).mean())
