"""A decoder-only transformer over four voices: what comes next, given voices known with their future.

Sixteenths are read causally with relative positions (Music Transformer, Huang et al. 2018, arXiv 1809.04281); within
one the voices follow each other, outer ones first, each told from those before it. What a person keeps, before or
behind, is read by convolutions that look both ways (any part given: DeepBach, Hadjeres et al. 2016, arXiv 1612.01010,
and Coconet, Huang et al. 2019, arXiv 1903.07227). No cell that is to be made reaches one before it.

Shape letters: B pieces, T sixteenths, V = 4 voices, D width, H heads, K tokens.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from studio.core.error import UserError
from studio.core.translation import N_
from studio.nn.network_file import NetworkKind, load_network, save_network

from ..grid import LOWEST, MAX_BAR, N_SOUNDS, N_TOKENS, N_VOICES, NO_KEY, ORDER

N_STATES: Final = N_SOUNDS + 1
FIRST_SCALE: Final = 0.1
MOST_STEP: Final = 30
"""Intervals of so many semitones and wider are not told apart."""
N_STEPS: Final = 2 * MOST_STEP + 1
N_DEGREES: Final = 13


@dataclass(frozen=True)
class MusicConfig:
    """Sizes of a network.

    Attributes:
        width: numbers per sixteenth. n_heads: of attention. hidden: of each block. n_blocks: how many there are.
        reach: how many sixteenths attention looks back.
        n_ahead: layers that read what is given; each reaches twice as far as the one before.
        ahead_width, head_width: numbers in them, and where a voice is told.
        far: how many sixteenths before the end are counted.
    """

    width: int = 128
    n_heads: int = 4
    hidden: int = 176
    n_blocks: int = 4
    reach: int = 128
    n_ahead: int = 5
    ahead_width: int = 56
    head_width: int = 104
    far: int = 64


class KnownVoices(NamedTuple):
    """What is known of a piece before anything is made.

    Attributes:
        sounds, begins: (B, T, V) int64 and float32, of given cells; see `grid.known_sounds`.
        places, bars, to_end: (B, T) int64, where each sixteenth stands. keys: (B,) int64.
    """

    sounds: Tensor
    begins: Tensor
    places: Tensor
    bars: Tensor
    to_end: Tensor
    keys: Tensor


class VoiceCells(NamedTuple):
    """Cells as the network reads them: what sounds (..., V) int64, and whether it begins there (..., V) float32."""

    sounds: Tensor
    begins: Tensor


class KnownVoicesReader(nn.Module):
    """Reads given cells both ways: (B, T, V) to (B, T, D)."""

    def __init__(self, config: MusicConfig, dropout: float) -> None:
        super().__init__()
        self.dropout = dropout
        width = config.ahead_width
        self.cells = CellTables(width)
        self.metre = MetreEmbedding(config, width)
        self.layers = nn.ModuleList(
            nn.Conv1d(width, width, 5, padding=2 * 2**level, dilation=2**level) for level in range(config.n_ahead)
        )
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(config.n_ahead))
        self.out = nn.Linear(width, config.width)

    def forward(self, known: KnownVoices) -> Tensor:
        x = self.cells(VoiceCells(known.sounds, known.begins), known.keys[:, None]) + self.metre(known)
        for layer, norm in zip(self.layers, self.norms, strict=True):
            y = F.gelu(layer(norm(x).transpose(1, 2)).transpose(1, 2))
            x = x + F.dropout(y, self.dropout, self.training)
        return self.out(x)


class CellTables(nn.Module):
    """The four cells of a sixteenth as one vector, by their pitches and by their degrees: (..., V) to (..., width)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.sounds = _table(N_VOICES * N_STATES, width)
        self.degrees = _table(N_VOICES * N_DEGREES, width)
        self.begins = nn.Parameter(torch.empty(N_VOICES, width).normal_(0, FIRST_SCALE))

    def forward(self, cells: VoiceCells, keys: Tensor) -> Tensor:
        voices = torch.arange(N_VOICES, device=cells.sounds.device)
        degrees = degree_index(cells.sounds, keys[..., None]) + N_DEGREES * voices
        sounds = self.sounds(cells.sounds + N_STATES * voices) + self.degrees(degrees)
        return sounds.sum(-2) + cells.begins @ self.begins


class MetreEmbedding(nn.Module):
    """Where a sixteenth stands in its bar, in its key, and before the end: to (B, T, width)."""

    def __init__(self, config: MusicConfig, width: int) -> None:
        super().__init__()
        self.far = config.far
        self.places = _table(MAX_BAR, width)
        self.bars = _table(MAX_BAR + 1, width)
        self.keys = _table(NO_KEY + 1, width)
        self.to_end = _table(config.far + 1, width)

    def forward(self, known: KnownVoices) -> Tensor:
        near = known.to_end.clamp(max=self.far)
        x = self.places(known.places) + self.bars(known.bars) + self.to_end(near)
        return x + self.keys(known.keys)[:, None]


class ChoraleBlock(nn.Module):
    """Attention to the sixteenths before, by content and by distance, and two layers for each sixteenth."""

    def __init__(self, config: MusicConfig, dropout: float) -> None:
        super().__init__()
        self.n_heads, self.reach, self.dropout = config.n_heads, config.reach, dropout
        self.before_attention = nn.LayerNorm(config.width)
        self.project = nn.Linear(config.width, 3 * config.width)
        self.distances = _table(config.reach, config.width)
        self.out = nn.Linear(config.width, config.width)
        self.before_layers = nn.LayerNorm(config.width)
        self.rise = nn.Linear(config.width, config.hidden)
        self.fall = nn.Linear(config.hidden, config.width)

    def forward(self, x: Tensor) -> Tensor:
        """The block's output (B, T, D) for as many inputs."""
        query, key, value = (self._heads(part) for part in self.project(self.before_attention(x)).chunk(3, -1))
        mixed = self._mixed(query, key, value)
        x = x + F.dropout(self.out(mixed.transpose(1, 2).flatten(2)), self.dropout, self.training)
        inner = F.gelu(self.rise(self.before_layers(x)))
        return x + F.dropout(self.fall(inner), self.dropout, self.training)

    def _heads(self, x: Tensor) -> Tensor:
        return x.unflatten(-1, (self.n_heads, -1)).transpose(1, 2)  # (B, H, T, D / H)

    def _mixed(self, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        at = torch.arange(query.shape[2], device=query.device)
        distance = at[:, None] - at  # (T, T)
        distances = self.distances.weight.unflatten(-1, (self.n_heads, -1)).transpose(0, 1)  # (H, R, D / H)
        by_distance = query @ distances.transpose(1, 2)  # (B, H, T, R)
        rows = distance.clamp(0, self.reach - 1).expand(*by_distance.shape[:2], -1, -1)
        scores = (query @ key.transpose(2, 3) + by_distance.gather(3, rows)) * query.shape[-1] ** -0.5
        is_hidden = (distance < 0) | (distance >= self.reach)
        return scores.masked_fill(is_hidden, -torch.inf).softmax(-1) @ value


class VoiceHead(nn.Module):
    """Tells one voice's cell from the state of its sixteenth, what it sang before, and the voices told before it.

    Part of it is told as degrees of the key, as steps from its own last pitch and as intervals to the other voices,
    alike in every key; a table for each pair of voices knows which interval may follow which, as in counterpoint.
    """

    def __init__(self, config: MusicConfig, place: int, dropout: float) -> None:
        super().__init__()
        self.dropout = dropout
        self.voice, self.earlier = ORDER[place], ORDER[:place]
        width = config.head_width
        self.state = nn.Linear(config.width, width)
        self.own, self.own_degrees = _table(N_STATES, width), _table(N_DEGREES, width)
        self.others = nn.ModuleList(_table(N_STATES, width) for _ in self.earlier)
        self.other_degrees = nn.ModuleList(_table(N_DEGREES, width) for _ in self.earlier)
        self.begins = nn.Parameter(torch.empty(N_VOICES, width).normal_(0, FIRST_SCALE))
        self.norm = nn.LayerNorm(width)
        self.inner = nn.Linear(width, width)
        self.out = nn.Linear(width, N_TOKENS)
        self.steps = nn.Linear(width, (1 + place) * N_STEPS)
        self.degrees = nn.Linear(width, N_DEGREES)
        self.pairs = nn.ModuleList(nn.Embedding(2 * (N_STEPS + 1), N_STEPS) for _ in self.earlier)
        for table in self.pairs:
            nn.init.zeros_(table.weight)  # type: ignore[arg-type]  # an embedding's

    def forward(self, state: Tensor, before: VoiceCells, now: VoiceCells, keys: Tensor) -> Tensor:
        """Logits (..., K) from states (..., D), cells (..., V) one sixteenth before and of this one, and keys (...)."""
        x = self.hidden(state, before, now, keys)
        logits = self.out(x)
        by_step = self.steps(x).unflatten(-1, (-1, N_STEPS))  # (..., 1 + earlier, steps)
        own = before.sounds[..., self.voice]
        pitches = torch.arange(1, N_SOUNDS, device=own.device)
        bias = self._from(own, by_step[..., 0, :])
        bias = bias + self.degrees(x).gather(-1, degree_index(pitches, keys[..., None]).expand_as(bias))
        for number, (table, other) in enumerate(zip(self.pairs, self.earlier, strict=True), 1):
            here, there = now.sounds[..., other], before.sounds[..., other]
            rows = step_index(own, there) + (N_STEPS + 1) * (here != there).long()
            bias = bias + self._from(here, by_step[..., number, :] + table(rows))
        return logits + F.pad(bias, (1, 1))

    def _from(self, base: Tensor, by_step: Tensor) -> Tensor:
        """What steps (..., steps) from a sound (...) say for each pitch; nothing where it is none."""
        pitches = torch.arange(1, N_SOUNDS, device=base.device)
        rows = (pitches - base[..., None]).clamp(-MOST_STEP, MOST_STEP) + MOST_STEP
        return by_step.gather(-1, rows) * is_pitch(base)[..., None]

    def hidden(self, state: Tensor, before: VoiceCells, now: VoiceCells, keys: Tensor) -> Tensor:
        """What is made of all that is known, (..., width)."""
        own = before.sounds[..., self.voice]
        x = self.state(state) + self.own(own) + self.own_degrees(degree_index(own, keys))
        for table, degrees, other in zip(self.others, self.other_degrees, self.earlier, strict=True):
            here = now.sounds[..., other]
            x = x + table(here) + degrees(degree_index(here, keys)) + now.begins[..., other, None] * self.begins[other]
        x = F.dropout(F.gelu(self.norm(x)), self.dropout, self.training)
        return x + F.dropout(F.gelu(self.inner(x)), self.dropout, self.training)


def is_pitch(sounds: Tensor) -> Tensor:
    """Where a pitch sounds, neither a rest nor what is not known."""
    return (sounds > 0) & (sounds < N_SOUNDS)


def degree_index(sounds: Tensor, keys: Tensor) -> Tensor:
    """By how many semitones pitches lie above the key's tonic, 0 to 11; 12 for what is no pitch or without a key."""
    is_told = is_pitch(sounds) & (keys != NO_KEY)
    return torch.where(is_told, (sounds - 1 + LOWEST - keys) % 12, N_DEGREES - 1)


def step_index(sounds: Tensor, others: Tensor) -> Tensor:
    """By how many semitones sounds lie above others, from 0; N_STEPS where one of them is no pitch."""
    steps = (sounds - others).clamp(-MOST_STEP, MOST_STEP) + MOST_STEP
    return torch.where(is_pitch(sounds) & is_pitch(others), steps, N_STEPS)


class ChoraleTransformer(nn.Module):
    """The whole network."""

    def __init__(self, config: MusicConfig, dropout: float = 0.0) -> None:
        super().__init__()
        self.config, self.dropout = config, dropout
        self.ahead = KnownVoicesReader(config, dropout)
        self.metre = MetreEmbedding(config, config.width)
        self.cells = CellTables(config.width)
        self.blocks = nn.ModuleList(ChoraleBlock(config, dropout) for _ in range(config.n_blocks))
        self.norm = nn.LayerNorm(config.width)
        self.heads = nn.ModuleList(VoiceHead(config, place, dropout) for place in range(N_VOICES))

    def forward(self, known: KnownVoices, before: VoiceCells, now: VoiceCells) -> Tensor:
        """Logits (B, T, V, K) of every cell; `before` are the cells one sixteenth earlier, `now` those to be told."""
        x = F.dropout(self.context(known) + self.cells(before, known.keys[:, None]), self.dropout, self.training)
        for block in self.blocks:
            x = block(x)
        states = self.norm(x)
        keys = known.keys[:, None].expand(states.shape[:2])
        told = {head.voice: head(states, before, now, keys) for head in self.heads}
        return torch.stack([told[voice] for voice in range(N_VOICES)], 2)  # type: ignore[index]

    def context(self, known: KnownVoices) -> Tensor:
        """What each sixteenth knows before anything is made, (B, T, D)."""
        return self.metre(known) + self.ahead(known)


def _table(n: int, width: int) -> nn.Embedding:
    table = nn.Embedding(n, width)
    nn.init.normal_(table.weight, std=FIRST_SCALE)
    return table


KINDS: Final[Mapping[str, NetworkKind]] = {"ChoraleTransformer": NetworkKind(MusicConfig, ChoraleTransformer)}


def save_music(path: Path, network: ChoraleTransformer) -> None:
    """Write a network with its configuration."""
    save_network(path, network)


def load_music(path: Path) -> ChoraleTransformer:
    """Read what `save_music` wrote: on the processor, ready to use.

    Raises:
        UserError: the file is missing, damaged, too large or of another kind.
    """
    network = load_network(path, KINDS)[1]
    if not isinstance(network, ChoraleTransformer):
        raise UserError(N_("This file does not contain a music model."))
    return network
