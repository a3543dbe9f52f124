"""How an encoder fills gaps: what it says of each, which comes first, whole words, how well each given token fits.

Writing is masked diffusion run backwards (MDLM, Sahoo 2024, arXiv 2406.07524; LLaDA, Nie 2025, arXiv 2502.09992): some
masks are replaced by tokens, the network reads again, until no mask is left. Which ones come first is free: the surest
(MaskGIT, Chang 2022, arXiv 2202.04200), any of chance, or from left to right.

Shape letters: T tokens, V vocabulary, K candidates.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from studio.core.seed import generator

from ...text.model.probe import Probe
from ..params import BY_CHANCE, SUREST
from .encoder import Encoder

N_WORDS: Final = 10
MAX_GAP: Final = 12
"""Tokens of a gap for which whole words are looked for."""
N_AT_ONCE: Final = 8


@dataclass(frozen=True, eq=False)
class GapReader:
    """An encoder with what it has to know of its tokens.

    Attributes:
        mask: the token of a gap. before, after: what is read around a text. barred: tokens that no gap may become.
    """

    network: Encoder
    mask: int
    before: tuple[int, ...]
    after: tuple[int, ...]
    barred: tuple[int, ...]

    @torch.inference_mode()
    def logs(self, rows: Sequence[Sequence[int]]) -> Tensor:
        """Log-probabilities (B, T, V) at every place of texts of one length; -1 is a gap."""
        n_before, n_tokens = len(self.before), len(rows[0])
        return self._said(self._hidden(rows)[:, n_before : n_before + n_tokens])

    @torch.inference_mode()
    def logs_at(self, rows: Sequence[Sequence[int]], places: Sequence[int]) -> Tensor:
        """The same (B, V) at one place of each text: a large vocabulary takes long to be spoken of."""
        return self._said(self._hidden(rows)[torch.arange(len(rows)), torch.tensor(places) + len(self.before)])

    def _hidden(self, rows: Sequence[Sequence[int]]) -> Tensor:
        return self.network.hidden(torch.tensor([self._read(row) for row in rows], dtype=torch.int64))

    def _said(self, hidden: Tensor) -> Tensor:
        logits = self.network.logits(hidden)
        logits[..., list(self.barred)] = -torch.inf
        return logits.double().log_softmax(-1)

    @torch.inference_mode()
    def attention(self, row: Sequence[int]) -> npt.NDArray[np.float16]:
        """Where each token of a text looks, (L, N, T, T); what is read around the text has no row."""
        probe = Probe(attention_dtype=torch.float16)
        self.network.hidden(torch.tensor([self._read(row)]), probe)
        n_before, n_tokens = len(self.before), len(row)
        inner = slice(n_before, n_before + n_tokens)
        found: npt.NDArray[np.float16] = probe.all_attention()[0, :, :, inner, inner].numpy()
        return found

    def _read(self, row: Sequence[int]) -> list[int]:
        return [*self.before, *(self.mask if token < 0 else token for token in row), *self.after]


def drawn(logs: npt.NDArray[np.float64], temperature: float, roll: float) -> int:
    """The token on which a die in [0, 1) falls: they lie side by side, likeliest first, as wide as they are likely."""
    order = np.argsort(-logs, kind="stable")
    shares = np.exp((logs[order] - logs[order[0]]) / temperature)
    place = int(np.searchsorted(np.cumsum(shares), roll * shares.sum(), side="right"))
    return int(order[min(place, int(np.count_nonzero(shares)) - 1)])


def next_places(
    open_places: Sequence[int], logs: npt.NDArray[np.float64], order: str, at_once: int, seed: int
) -> list[int]:
    """Which open gaps are filled next: the surest by the log-probabilities (T, V), by chance, or the leftmost."""
    if order == SUREST:
        ranked = sorted(open_places, key=lambda place: (-float(logs[place].max()), place))
    elif order == BY_CHANCE:
        ranked = sorted(open_places, key=lambda place: (float(generator(seed, "turn", place).random()), place))
    else:
        ranked = sorted(open_places)
    return ranked[:at_once]


def step(
    logs: npt.NDArray[np.float64], places: Sequence[int], temperature: float, seed: int
) -> tuple[dict[int, int], dict[int, float]]:
    """Tokens for some gaps, each by the die of its place, and how many bits each of them costs."""
    tokens = {
        place: drawn(logs[place], temperature, float(generator(seed, "token", place).random())) for place in places
    }
    return tokens, {place: float(-logs[place, token] / np.log(2)) for place, token in tokens.items()}


def gap_words(
    reader: GapReader, row: Sequence[int], places: Sequence[int]
) -> Generator[None, None, list[tuple[tuple[int, ...], float]]]:
    """The likeliest contents of a gap of several tokens, from the left by beam search: tokens and log-probability.

    Everything else in the text stays as it is, other gaps open. Yields between passes.
    """
    beams: list[tuple[tuple[int, ...], float]] = [((), 0.0)]
    for number in range(len(places)):
        found: list[tuple[tuple[int, ...], float]] = []
        for first in range(0, len(beams), N_AT_ONCE):
            some = beams[first : first + N_AT_ONCE]
            filled = [_with(row, places, tokens) for tokens, _ in some]
            logs = reader.logs_at(filled, [places[number]] * len(some))
            best = logs.topk(min(N_WORDS, logs.shape[-1]))
            for (tokens, sum_so_far), values, ids in zip(
                some, best.values.tolist(), best.indices.tolist(), strict=True
            ):
                found += [((*tokens, one), sum_so_far + value) for value, one in zip(values, ids, strict=True)]
            yield
        beams = sorted(found, key=lambda beam: (-beam[1], beam[0]))[:N_WORDS]
    return [beam for beam in beams if beam[1] > -np.inf]


def _with(row: Sequence[int], places: Sequence[int], tokens: Sequence[int]) -> list[int]:
    filled = list(row)
    for number, place in enumerate(places):
        filled[place] = tokens[number] if number < len(tokens) else -1
    return filled


def fit_bits(reader: GapReader, row: Sequence[int]) -> Generator[None, None, dict[int, float]]:
    """How many bits each token costs that is there, with it alone left out (pseudo-likelihood, Salazar 2020).

    arXiv 1910.14659. Gaps stay open and have no figure, nor have marks. Yields between passes.
    """
    known = [place for place, token in enumerate(row) if token >= 0 and token not in reader.barred]
    bits: dict[int, float] = {}
    for first in range(0, len(known), N_AT_ONCE):
        some = known[first : first + N_AT_ONCE]
        rows = [[-1 if at == place else token for at, token in enumerate(row)] for place in some]
        for place, logs in zip(some, reader.logs_at(rows, some), strict=True):
            bits[place] = float(-logs[row[place]] / np.log(2))
        yield
    return bits
