"""Reads a text with a decoder, always in the same portions, so that what it computes of a token never varies in a bit.

A prompt is read in portions that count from its beginning; what comes after it token by token. A portion of one token
is read by `FusedStep` wherever the weights allow it, larger ones and all of other weights by the decoder itself. Once
the text is longer than the context, half of the context is read anew and the rest forgotten. Going back keeps all
portions that are the same. Shape letters: L layers, T tokens of a portion, V vocabulary.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import torch

from studio.api.kernel import prepare_kernels

from ..trace import Floats
from .ablation_mask import AblationMask
from .cache import KeyValueCache
from .config import fitting_threads
from .decoder import NOTHING_ABLATED, Decoder
from .kernels.fused_step import WARM_UP, FusedStep
from .probe import Probe

Portion = tuple[int, int]
PORTION_BYTES: Final = 1 << 26
"""Of a layer's attention in a portion, and of what is said of it."""
MIN_PORTION, MAX_PORTION = 16, 256


@dataclass(frozen=True, eq=False)
class ReadPortion:
    """What is known after a portion.

    Attributes:
        first: the position of its first token.
        log_probabilities: of what comes after each of its tokens, (T, V).
        log_normalisers: what was subtracted from the network's logits to get these, (T,).
        norms: of the residual stream, (T, L + 1).
        window: the first token that was seen.
    """

    first: int
    log_probabilities: Floats
    log_normalisers: Floats
    norms: Floats
    window: int


class DecoderReader:
    """One decoder and what it remembers of one text."""

    def __init__(self, decoder: Decoder, ablation: AblationMask = NOTHING_ABLATED) -> None:
        self.decoder = decoder
        self.ablation = ablation
        self.n_portion = portion_tokens(decoder)
        prepare_kernels(WARM_UP)
        self._step = FusedStep.of(decoder)
        self._cache = self._empty()
        self._ids: list[int] = []
        self._n_prompt = 0
        self._ends: list[int] = []  # of the portions
        self._windows: list[int] = []  # of each portion, the first token that was seen
        self._window = 0
        self._turn = object()  # another one each time that somebody goes on reading

    def readings(self, ids: Sequence[int], n_prompt: int, first: int) -> Iterator[ReadPortion]:
        """Read a text up to its end; yields the portions from the one with the token at `first` on.

        The first `n_prompt` of its tokens, which must all be there, are read in portions. Another text may be read
        between two of them: then what is missing of this one is read again.
        """
        tokens, self._turn = list(ids), object()
        self._go_back(tokens, n_prompt, first)
        while (begin := len(self._ids)) < len(tokens):
            end = portion_end(begin, n_prompt, self.n_portion)
            reading = self._read(tokens, (begin, end))
            if end > first:
                first, self._turn = end, (mine := object())
                yield reading
                if self._turn is not mine:
                    self._go_back(tokens, n_prompt, first)

    def last_log_probabilities(self, ids: Sequence[int], n_prompt: int) -> Floats:
        """Of what comes after a text, (V,)."""
        *_, last = self.readings(ids, n_prompt, len(ids) - 1)
        return last.log_probabilities[-1]

    def cache_of(self, ids: Sequence[int], n_prompt: int) -> tuple[KeyValueCache, Floats]:
        """The memory of a text, to be left as it is, and the log-probabilities (V,) of what comes after it."""
        last = self.last_log_probabilities(ids, n_prompt)
        return self._cache, last

    def _go_back(self, ids: list[int], n_prompt: int, first: int) -> None:
        """Keep the portions that are to be read alike, up to the one with the token at `first`."""
        n_kept = bisect_right(self._ends, min(first, _n_common(self._ids, ids), self._n_alike(n_prompt)))
        window = self._windows[n_kept - 1] if n_kept else 0
        if window == self._window:
            self._cache.crop(self._ends[n_kept - 1] - window if n_kept else 0)
        else:
            n_kept = self._windows.index(window)  # what that window had seen is read again
            self._cache, self._window = self._empty(), 0
            if window:
                self._slide(ids, self._ends[n_kept - 1])
        del self._ends[n_kept:], self._windows[n_kept:]
        self._ids, self._n_prompt = ids[: self._ends[-1]] if n_kept else [], n_prompt

    def _n_alike(self, n_prompt: int) -> int:
        """Up to where a text with a prompt of another length is cut into the same portions."""
        if n_prompt == self._n_prompt or not self._ends:
            return len(self._ids)
        begin = 0
        for end in self._ends:
            if portion_end(begin, n_prompt, self.n_portion) != end:
                break
            begin = end
        return begin

    def _read(self, ids: list[int], portion: Portion) -> ReadPortion:
        begin, end = portion
        if end - self._window > self.decoder.config.n_context:
            self._slide(ids, begin)
        reading = self._pass(ids[begin:end], begin)
        self._ids += ids[begin:end]
        self._ends.append(end)
        self._windows.append(self._window)
        return reading

    def _slide(self, ids: list[int], begin: int) -> None:
        """Forget the older half of what is seen: the newer one is read in one pass from a fresh beginning."""
        self._window = begin - self.decoder.config.n_context // 2
        self._cache = self._empty()
        text, ablation, decoder = self._tensor(ids[self._window : begin]), self._seen_muting(), self.decoder
        with torch.inference_mode(), fitting_threads(decoder.config, text.shape[1]):
            decoder.hidden(decoder.embedded(text, self._cache), self._cache, None, ablation)

    def _pass(self, tokens: list[int], first: int) -> ReadPortion:
        if self._step is not None and len(tokens) == 1:
            step = self._step.read(tokens[0], self._cache, self._seen_muting())
            level = np.array([step.log_normaliser], np.float32)
            return ReadPortion(first, step.log_probabilities[None], level, step.norms[None], self._window)
        text, probe, ablation = self._tensor(tokens), Probe(wants_attention=False), self._seen_muting()
        with torch.inference_mode(), fitting_threads(self.decoder.config, len(tokens)):
            logits = self.decoder(text, self._cache, probe, ablation)[0].float()
            said, levels = logits.log_softmax(-1).cpu().numpy(), logits.logsumexp(-1).cpu().numpy()  # (T, V), (T,)
        return ReadPortion(first, said, levels, probe.all_norms()[0].cpu().numpy(), self._window)

    def _seen_muting(self) -> AblationMask:
        """Words are counted from the first one that is seen."""
        if not self.ablation.words or not self._window:
            return self.ablation
        words = frozenset(word - self._window for word in self.ablation.words if word >= self._window)
        return replace(self.ablation, words=words)

    def _tensor(self, tokens: list[int]) -> torch.Tensor:
        return torch.tensor([tokens], device=self.decoder.tokens.weight.device)

    def _empty(self) -> KeyValueCache:
        return KeyValueCache(self.decoder.config, 1, self.decoder.tokens.weight.device)


def portion_tokens(decoder: Decoder) -> int:
    """How many tokens of a prompt are read at once: a power of two that needs bounded memory."""
    config = decoder.config
    n_bytes = max(config.n_heads * config.n_context, config.n_vocab) * 4
    n_tokens = max(MIN_PORTION, min(MAX_PORTION, PORTION_BYTES // n_bytes, config.n_context // 2))
    return 1 << (n_tokens.bit_length() - 1)


def portion_end(begin: int, n_prompt: int, n_portion: int) -> int:
    """Where the portion ends that begins at a token."""
    return min(begin + n_portion, n_prompt) if begin < n_prompt else begin + 1


def _n_common(one: list[int], other: list[int]) -> int:
    """How many tokens two texts begin with alike."""
    n_both = min(len(one), len(other))
    if one[:n_both] == other[:n_both]:
        return n_both
    return next(place for place in range(n_both) if one[place] != other[place])
