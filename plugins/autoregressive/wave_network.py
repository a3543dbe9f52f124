"""WaveNet: dilated causal gated convolutions with residual and skip connections, and a softmax over mu-law levels.

Van den Oord et al. 2016 (arXiv 1609.03499). A sound is told by one-hot levels there; here each sample goes in twice, on
the scale of the law and as it is, since a tone is a linear matter. The pitch is told as waves of that pitch besides
(harmonic source: Wang, Takaki and Yamagishi 2019, arXiv 1810.11946). Shape letters: B sounds, T samples, F stretches,
C numbers told, D width, L layers, S width of the skips, V levels, W waves.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .wave_config import N_TAPS, WaveConfig
from .wave_law import MU


class WaveNet(nn.Module):
    """Says for each sample, from those before it and from what it is told, what its level may be."""

    def __init__(self, config: WaveConfig) -> None:
        super().__init__()
        self.config = config
        width, skip = config.width, config.skip_width
        self.tell = nn.Sequential(
            nn.Linear(config.n_told, config.told_inner), nn.SiLU(),
            nn.Linear(config.told_inner, config.told_width), nn.SiLU(),
            nn.Linear(config.told_width, config.n_biases),
        )  # fmt: skip
        self.first = nn.Linear(config.n_inputs, width)
        self.layers = nn.ModuleList([GatedLayer(width, dilation) for dilation in config.dilation])
        self.skip = nn.Linear(config.n_layers * width, skip, bias=False)
        self.inner = nn.Linear(skip, skip)
        self.last = nn.Linear(skip, config.n_levels)

    def forward(self, levels: Tensor, told: Tensor, waves: Tensor) -> Tensor:
        """Logits (B, T, V) of the levels (B, T); `told` (B, F, C) of their stretches, `waves` (B, T, W)."""
        return self.outputs(scaled(levels, self.config.n_levels), told, waves)

    def outputs(self, companded: Tensor, told: Tensor, waves: Tensor) -> Tensor:
        """The same for samples (B, T) on the scale of the law, -1 to 1, with gradients towards them."""
        return self.traced(companded, told, waves, companded.shape[1])[0]

    def traced(
        self, companded: Tensor, told: Tensor, waves: Tensor, n_last: int
    ) -> tuple[Tensor, list[Tensor]]:
        """The same for the last N samples, (B, N, V), and what goes into each gated layer, (B, T, D) each."""
        biases = self.biases(told)  # (B, F, 2 L D + S)
        width, n_samples = self.config.width, companded.shape[1]
        x = self.first(self._inputs(companded, waves))  # (B, T, D)
        inputs, seen = [], []
        for number, layer in enumerate(self.layers):
            inputs.append(x)
            bias = biases[..., 2 * width * number : 2 * width * (number + 1)]
            gated, x = layer(x, self._stretched(bias, n_samples))
            seen.append(gated[:, -n_last:])
        bias = self._stretched(biases[..., -self.config.skip_width :], n_samples)
        skip = self.skip(torch.cat(seen, -1)) + bias[:, -n_last:]
        logits: Tensor = self.last(F.relu(self.inner(F.relu(skip))))
        return logits.float(), inputs

    def biases(self, told: Tensor) -> Tensor:
        """What told numbers (B, F, C) become, (B, F, 2 L D + S)."""
        result: Tensor = self.tell(told)
        return result

    def _inputs(self, companded: Tensor, waves: Tensor) -> Tensor:
        """(B, T, 2 taps + W): the newest samples before each one in both forms, and its waves."""
        both = torch.stack([companded, expanded(companded)], -1)  # (B, T, 2)
        taps = [_delayed(both, delay) for delay in range(1, N_TAPS + 1)]
        return torch.cat([*taps, waves], -1)

    def _stretched(self, bias: Tensor, n_samples: int) -> Tensor:
        """(B, F, N) for each sample, (B, T, N)."""
        return bias.repeat_interleave(self.config.hop, 1)[:, :n_samples]


class GatedLayer(nn.Module):
    """tanh(a) sigmoid(b) of this sample and one further back, added to what came in; its bias is told."""

    def __init__(self, width: int, dilation: int) -> None:
        super().__init__()
        self.dilation = dilation
        self.into = nn.Linear(2 * width, 2 * width, bias=False)
        self.out = nn.Linear(width, width)

    def forward(self, x: Tensor, bias: Tensor) -> tuple[Tensor, Tensor]:
        """(B, T, D) and biases (B, T, 2 D) to the gated numbers and what goes on to the next layer, (B, T, D) each."""
        a, b = (self.into(torch.cat([_delayed(x, self.dilation), x], -1)) + bias).chunk(2, -1)
        gated = torch.tanh(a) * torch.sigmoid(b)
        return gated, x + self.out(gated)


def _delayed(x: Tensor, n: int) -> Tensor:
    """(B, T, D) by `n` samples later, silence before."""
    return F.pad(x, (0, 0, n, 0))[:, : x.shape[1]]


def scaled(levels: Tensor, n_levels: int) -> Tensor:
    """Levels 0 to V - 1 as numbers from -1 to 1; shapes alike."""
    return levels.float() * (2 / (n_levels - 1)) - 1


def expanded(companded: Tensor) -> Tensor:
    """Samples as they are, of samples on the scale of the law; shapes alike."""
    return companded.sign() * torch.expm1(companded.abs() * math.log1p(MU)) / MU
