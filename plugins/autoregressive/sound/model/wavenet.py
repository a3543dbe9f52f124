"""WaveNet: dilated causal gated convolutions with residual and skip connections, and what a mu-law level may be.

Van den Oord et al. 2016 (arXiv 1609.03499). A sound is told by one-hot levels there; here each sample goes in twice, on
the scale of the law and as it is, since a tone is a linear matter. The pitch is told as waves of that pitch besides
(harmonic source: Wang, Takaki and Yamagishi 2019, arXiv 1810.11946). Under a mixture these are a first guess, each as
loud as is told, and what is heard of the past is what they leave (harmonic plus noise: Serra and Smith 1990): errors of
its own then change nothing about the tone that it comes back to.

Shape letters: B sounds, T samples, F stretches, C numbers told, D width, L layers, S width of the skips, W waves or
numbers given beside each sample, K samples that the first layer looks at, P = K + W, O numbers of the head.
"""

import math
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ...shared.model.head import scaled
from ..signal import MU
from .config import WaveConfig

FIRST_SPREAD: Final = 0.05
FIRST_LOG_SCALE: Final = -3.0
FIRST_COEFFICIENTS: Final = 0.1


def expanded(companded: Tensor) -> Tensor:
    """Samples as they are, of samples on the scale of the law; shapes alike."""
    return companded.sign() * torch.expm1(companded.abs() * math.log1p(MU)) / MU


def companded_tensor(samples: Tensor) -> Tensor:
    """What `expanded` was given; shapes alike."""
    return samples.sign() * torch.log1p(samples.abs() * MU) / math.log1p(MU)


def delayed(x: Tensor, n: int) -> Tensor:
    """(B, T, D) by `n` samples later, silence before."""
    return F.pad(x, (0, 0, n, 0))[:, : x.shape[1]]


def both_forms(samples: Tensor) -> Tensor:
    """(B, T, 2) samples (B, T) on the scale of the law and as they are."""
    return torch.stack([companded_tensor(samples), samples], -1)


def heard(both: Tensor, n_taps: int) -> Tensor:
    """(B, T, K, 2) the `n_taps` samples before each, the newest first, of both forms of all of them (B, T, 2)."""
    return torch.stack([delayed(both, delay) for delay in range(1, n_taps + 1)], 2)


def summed_waves(waves: Tensor, strength: Tensor, hop: int) -> Tensor:
    """(B, T) the sum of waves (B, T, W), each as loud as it is told for stretches, (B, F, W).

    Over a stretch of `hop` samples a strength goes from that of the stretch before to its own, or there were clicks.
    """
    n_samples, n_stretches = waves.shape[1], strength.shape[1]
    before = torch.cat([strength[:, :1], strength[:, :-1]], 1)
    whole = F.pad(waves, (0, 0, 0, n_stretches * hop - n_samples)).unflatten(1, (n_stretches, hop))
    sums = whole @ torch.stack([before, strength], -1)  # (B, F, hop, 2)
    share = torch.arange(1, hop + 1, device=waves.device) / hop
    return torch.lerp(sums[..., 0], sums[..., 1], share).flatten(1)[:, :n_samples]


class WaveNet(nn.Module):
    """Says for each sample, from those before it and from what it is told, what its level may be."""

    def __init__(self, config: WaveConfig) -> None:
        super().__init__()
        self.config = config
        width, skip = config.width, config.skip_width
        biases = nn.Linear(config.told_width, config.n_biases)
        self.tell = nn.Sequential(
            nn.Linear(config.n_told, config.told_inner),
            nn.SiLU(),
            nn.Linear(config.told_inner, config.told_width),
            nn.SiLU(),
            biases,
        )
        self.first = nn.Linear(config.n_inputs, width)
        self.layers = nn.ModuleList([GatedWaveLayer(width, dilation) for dilation in config.dilation])
        self.skip = nn.Linear(config.n_layers * width, skip, bias=False)
        self.inner = nn.Linear(skip, skip)
        self.last = nn.Linear(skip, config.n_outputs)
        if config.n_predicting:
            _begin(self.last, biases, config)

    def forward(self, levels: Tensor, told: Tensor, waves: Tensor) -> Tensor:
        """What the head gives, (B, T, O), for levels (B, T); `told` (B, F, C) of their stretches.

        `waves` (B, T, W) are given beside each sample.
        """
        return self.outputs(scaled(levels, self.config.n_levels), told, waves)

    def outputs(self, companded: Tensor, told: Tensor, waves: Tensor) -> Tensor:
        """The same for samples (B, T) on the scale of the law, -1 to 1, with gradients towards them."""
        return self.traced(companded, told, waves, companded.shape[1])[0]

    def traced(self, companded: Tensor, told: Tensor, waves: Tensor, n_last: int) -> tuple[Tensor, list[Tensor]]:
        """The same for the last N samples, (B, N, O), and what goes into each gated layer, (B, T, D) each."""
        config, n_samples = self.config, companded.shape[1]
        biases = self.biases(told)
        *gates, for_head = biases.split([2 * config.width] * config.n_layers + [config.n_head_biases], -1)
        source = self.source(biases, waves)
        near = heard(self._left(companded, source), config.n_taps)  # (B, T, K, 2)
        guess = [both_forms(source)] if config.has_source else []
        x = self.first(torch.cat([near.flatten(2), waves, *guess], -1))  # (B, T, D)
        inputs, seen = [], []
        for layer, bias in zip(self.layers, gates, strict=True):
            inputs.append(x)
            gated, x = layer(x, self._stretched(bias, n_samples))
            seen.append(gated[:, -n_last:])
        for_head = self._stretched(for_head, n_samples)[:, -n_last:]
        skip = self.skip(torch.cat(seen, -1)) + for_head[..., : config.skip_width]
        hidden = F.relu(self.inner(F.relu(skip)))
        taps = for_head[..., config.skip_width : config.skip_width + config.n_taps]
        return self._head(hidden, source[:, -n_last:], near[:, -n_last:, :, 1], taps), inputs

    def biases(self, told: Tensor) -> Tensor:
        """What told numbers (B, F, C) become, (B, F, 2 L D + S + P), in float32.

        The coefficients of the samples together are 1 at most: what they predict from can only die away.
        """
        with torch.autocast(told.device.type, enabled=False):
            result: Tensor = self.tell(told)
            if not self.config.has_source:
                return result
            sizes = [result.shape[-1] - self.config.n_predicting, self.config.n_taps, self.config.n_waves]
            others, taps, strength = result.split(sizes, -1)
            return torch.cat([others, taps / taps.abs().sum(-1, keepdim=True).clamp(min=1), strength], -1)

    def source(self, biases: Tensor, waves: Tensor) -> Tensor:
        """(B, T) what the waves (B, T, W) alone say a sound is, by `biases` (B, F, 2 L D + S + P); else nothing."""
        if not self.config.has_source:
            return waves.new_zeros(waves.shape[:2])
        with torch.autocast(waves.device.type, enabled=False):
            return summed_waves(waves.float(), biases[..., biases.shape[-1] - self.config.n_waves :], self.config.hop)

    def _left(self, companded: Tensor, source: Tensor) -> Tensor:
        """(B, T, 2) what a source leaves of samples, in both forms; without one the samples."""
        samples = expanded(companded)
        return both_forms(samples - source) if self.config.has_source else torch.stack([companded, samples], -1)

    def _stretched(self, bias: Tensor, n_samples: int) -> Tensor:
        """(B, F, N) for each sample, (B, T, N)."""
        return bias.repeat_interleave(self.config.hop, 1)[:, :n_samples]

    def _head(self, hidden: Tensor, source: Tensor, left: Tensor, taps: Tensor) -> Tensor:
        """What is told, (B, N, O), in float32: a level is a matter of the last of its eight bits.

        The means of a mixture are told as distances from a linear prediction (as in LPCNet: Valin and Skoglund 2019,
        arXiv 1810.11846): the source (B, N), and `taps` (B, N, K) times what it `left` of the samples, (B, N, K).
        """
        with torch.autocast(hidden.device.type, enabled=False):
            outputs: Tensor = self.last(hidden.to(self.last.weight.dtype))
            if not self.config.has_source:
                return outputs
            weights, means, log_scales = outputs.chunk(3, -1)
            predicted = companded_tensor(source + (taps * left).sum(-1))[..., None]
            return torch.cat([weights, means + predicted, log_scales], -1)


@torch.no_grad()
def _begin(last: nn.Linear, tell: nn.Linear, config: WaveConfig) -> None:
    """Begin with the sample before as the prediction, and with means that differ, or mixtures would stay alike."""
    n = config.head.n_mixtures
    last.bias[n : 2 * n] = torch.from_numpy(np.linspace(-FIRST_SPREAD, FIRST_SPREAD, n))
    last.bias[2 * n :] = FIRST_LOG_SCALE
    tell.weight[-config.n_predicting :] *= FIRST_COEFFICIENTS
    tell.bias[-config.n_predicting :] = 0
    tell.bias[-config.n_predicting] = 1


class GatedWaveLayer(nn.Module):
    """tanh(a) sigmoid(b) of this sample and one further back, added to what came in; its bias is told."""

    def __init__(self, width: int, dilation: int) -> None:
        super().__init__()
        self.dilation = dilation
        self.into = nn.Linear(2 * width, 2 * width, bias=False)
        self.out = nn.Linear(width, width)

    def forward(self, x: Tensor, bias: Tensor) -> tuple[Tensor, Tensor]:
        """(B, T, D) and biases (B, T, 2 D) to the gated numbers and what goes on to the next layer, (B, T, D) each."""
        a, b = (self.into(torch.cat([delayed(x, self.dilation), x], -1)) + bias).chunk(2, -1)
        gated = torch.tanh(a) * torch.sigmoid(b)
        return gated, x + self.out(gated)


class SoundNetwork(nn.Module):
    """A WaveNet whose sounds are of some kind; each kind has a class of its own, by whose name its files are known.

    Attributes:
        config: a frozen dataclass that has the sizes of the network as `wave`. wave: the network.
    """

    config: Any

    def __init__(self, config: Any) -> None:
        super().__init__()
        self.config = config
        self.wave = WaveNet(config.wave)

    def forward(self, levels: Tensor, told: Tensor, waves: Tensor) -> Tensor:
        """Logits (B, T, V) of levels (B, T), see WaveNet."""
        logits: Tensor = self.wave(levels, told, waves)
        return logits


def on_processor(network: SoundNetwork) -> SoundNetwork:
    """The network where the kernel can read it: itself on the processor, else a copy."""
    if next(network.parameters()).device.type == "cpu":
        return network
    copy = type(network)(network.config)
    copy.load_state_dict({name: value.cpu() for name, value in network.state_dict().items()})
    return copy.eval().requires_grad_(False)
