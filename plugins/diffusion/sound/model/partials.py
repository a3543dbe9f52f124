"""What a network of notes knows and sees of each partial by its number, with the same weights for all of them.

Dozens of partials with a phase each do not fit through the few channels of the layers over bands; here every partial
has channels of its own, and a table says what it is like in each instrument around each pitch, as the zones of a sound
font do. Shape letters: B batch, I instruments, Z zones, K harmonics, W waves, L frames, N numbers told, C channels, E
embedding.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

N_CONDITIONS = 8
N_WAVES = 4
"""The cosine and the sine of a partial, and both growing over the frame: how it swells, and how it is out of tune."""
ZONE_SEMITONES = 3


@dataclass(frozen=True)
class PartialsConfig:
    """Sizes.

    Attributes:
        n_harmonics, n_frames: how many partials there are, and how often they are looked at.
        n_instruments, lowest_pitch, n_pitches: what the table is of.
        width: channels of each partial; dilation: of each layer.
        embedding_width: of what is asked for and the time.
    """

    n_harmonics: int
    n_frames: int
    n_instruments: int
    lowest_pitch: int
    n_pitches: int
    width: int
    dilation: tuple[int, ...]
    embedding_width: int

    @property
    def n_zones(self) -> int:
        """Knots of the table, from which what lies between is interpolated."""
        return max(2, -(-(self.n_pitches - 1) // ZONE_SEMITONES) + 1)


class Partials(nn.Module):
    """Gated convolutions over harmonics and frames, as DiffWave's layers are over time."""

    def __init__(self, config: PartialsConfig) -> None:
        super().__init__()
        self.config = config
        n_numbers, width = N_CONDITIONS * config.n_harmonics, config.width
        self.table = nn.Embedding(max(1, config.n_instruments) * config.n_zones, n_numbers)
        nn.init.zeros_(self.table.weight)
        self.asked = nn.Linear(config.embedding_width, n_numbers)
        self.into = nn.Conv2d(N_WAVES + N_CONDITIONS, width, 1)
        self.number = nn.Parameter(torch.zeros(width, config.n_harmonics, 1))
        self.place = nn.Parameter(torch.zeros(width, 1, config.n_frames))
        self.layers = nn.ModuleList([PartialLayer(width, config.embedding_width, step) for step in config.dilation])
        self.out = nn.Conv2d(width, 1 + N_WAVES, 1)
        nn.init.zeros_(self.out.weight)
        if self.out.bias is not None:
            nn.init.zeros_(self.out.bias)

    def told(self, instrument: Tensor, pitch: Tensor) -> Tensor:
        """(B, N K) what the table says of instruments (B, I), one-hot, at pitches (B, 1); 0 where there is none."""
        place = ((pitch[:, 0] - self.config.lowest_pitch) / ZONE_SEMITONES).clamp(0, self.config.n_zones - 1)
        before = place.floor().clamp_max(self.config.n_zones - 2)
        row = instrument.argmax(1) * self.config.n_zones + before.long()
        between = torch.lerp(self.table(row), self.table(row + 1), (place - before)[:, None])
        found: Tensor = between * instrument.sum(1, keepdim=True)
        return found

    def forward(self, seen: Tensor, embedding: Tensor, told: Tensor) -> Tensor:
        """(B, 1 + W, K, L): log variance of each partial, gains of its W waves, of what x has of these (B, W, K, L)."""
        known = (told + self.asked(embedding)).unflatten(1, (N_CONDITIONS, -1))[..., None]  # (B, N, K, 1)
        everything = torch.cat([seen, known.expand(-1, -1, -1, seen.shape[3])], 1)
        hidden = self.into(everything) + self.number + self.place
        for layer in self.layers:
            hidden = layer(hidden, embedding)
        found: Tensor = self.out(hidden)
        return found


class PartialLayer(nn.Module):
    """Partials look at their neighbours, and back and ahead in time."""

    def __init__(self, width: int, n_embedding: int, dilation: int) -> None:
        super().__init__()
        self.steer = nn.Linear(n_embedding, 2 * width)
        self.mix = nn.Conv2d(width, 2 * width, 3, padding=(1, dilation), dilation=(1, dilation))
        self.out = nn.Conv2d(width, width, 1)

    def forward(self, hidden: Tensor, embedding: Tensor) -> Tensor:
        """The hidden (B, C, K, L) for the next layer."""
        filtered, gate = (self.mix(hidden) + self.steer(embedding)[:, :, None, None]).chunk(2, 1)
        residual: Tensor = self.out(filtered.tanh() * gate.sigmoid())
        return hidden + residual
