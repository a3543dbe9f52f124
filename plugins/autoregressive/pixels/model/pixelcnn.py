"""PixelCNNs, with what all networks of pixels share: the gated one without a blind spot, and the masked one.

Van den Oord et al. 2016b (arXiv 1606.05328).

Van den Oord et al. 2016b (arXiv 1606.05328, gated, class-conditional) and 2016a (arXiv 1601.06759, masked).

Shape letters: B pictures, D width, H W pixels.
"""

from abc import ABC, abstractmethod
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ...shared.model.head import scaled
from .config import PixelNetworkConfig

FIRST_LOG_SCALE: Final = -1.5
KIND_MAP_WIDTH: Final = 8
FIRST_KIND_MAP: Final = 0.3


class PixelNetwork(nn.Module, ABC):
    """Says for each pixel, from those before it in reading order alone, what its value may be."""

    def __init__(self, config: PixelNetworkConfig) -> None:
        super().__init__()
        self.config = config

    def forward(self, values: Tensor, labels: Tensor) -> Tensor:
        """What the head gives, (B, H, W, n_outputs), for levels (B, H, W) of kinds (B,)."""
        return self.outputs(scaled(values, self.config.n_levels)[:, None], labels)

    @abstractmethod
    def outputs(self, pictures: Tensor, labels: Tensor) -> Tensor:
        """The same for pictures (B, 1, H, W) from -1 to 1, with gradients towards them."""


class KindMaps(nn.Module):
    """What a kind of picture says about each place of it: location-dependent conditioning, section 2.3 of 2016b.

    Some maps are learnt for all kinds, and each kind mixes them in a way of its own.
    """

    def __init__(self, config: PixelNetworkConfig, n_out: int) -> None:
        super().__init__()
        n, side = config.n_kind_maps, config.size_px
        self.kinds = nn.Embedding(config.n_classes, n)
        self.places = nn.Parameter(torch.empty(n, KIND_MAP_WIDTH, side, side).normal_(0, FIRST_KIND_MAP))
        self.out = nn.Conv2d(KIND_MAP_WIDTH, n_out, 1, bias=False)

    def forward(self, labels: Tensor, n_rows: int) -> Tensor:
        """Of kinds (B,) for the first rows of their pictures, (B, n_out, n_rows, W)."""
        mixed = torch.einsum("bk,kchw->bchw", self.kinds(labels), self.places[:, :, :n_rows])
        maps: Tensor = self.out(mixed)
        return maps


class PixelHead(nn.Module):
    """Two small layers from what was seen at each place to a distribution."""

    def __init__(self, n_in: int, config: PixelNetworkConfig) -> None:
        super().__init__()
        self.inner = nn.Conv2d(n_in, config.head_width, 1)
        self.last = nn.Conv2d(config.head_width, config.n_outputs, 1)
        if config.head.kind == "logistic":
            _spread(self.last, config.head.n_mixtures)

    def forward(self, x: Tensor) -> Tensor:
        """(B, D, H, W) to (B, H, W, n_outputs), float32."""
        y: Tensor = self.last(F.relu(self.inner(F.relu(x))))
        return y.movedim(1, -1).float()


@torch.no_grad()
def _spread(layer: nn.Conv2d, n_mixtures: int) -> None:
    """Let the means begin apart, or all mixtures would stay alike for long."""
    assert layer.bias is not None
    layer.bias[:n_mixtures] = 0
    layer.bias[n_mixtures : 2 * n_mixtures] = torch.linspace(-1, 1, n_mixtures)
    layer.bias[2 * n_mixtures :] = FIRST_LOG_SCALE


class GatedPixelCNN(PixelNetwork):
    """Two stacks: the vertical one sees all rows above, the horizontal one the row's pixels to the left."""

    def __init__(self, config: PixelNetworkConfig, dropout: float = 0.0) -> None:
        super().__init__(config)
        self.kind_maps = KindMaps(config, 4 * config.width) if config.n_kind_maps else None
        self.first = FirstPixelLayer(config)
        self.layers = nn.ModuleList([GatedPixelLayer(config, dropout) for _ in range(config.n_layers - 1)])
        n_skips = config.n_layers if config.skip_width else 0
        self.skips = nn.ModuleList([nn.Conv2d(config.width, config.skip_width, 1) for _ in range(n_skips)])
        self.head = PixelHead(config.skip_width or config.width, config)

    def outputs(self, pictures: Tensor, labels: Tensor) -> Tensor:
        maps = None if self.kind_maps is None else self.kind_maps(labels, pictures.shape[2])  # (B, 4D, H, W)
        vertical, horizontal = self.first(pictures, labels, maps)  # (B, D, H, W) each
        seen = [horizontal]
        for layer in self.layers:
            vertical, horizontal = layer(vertical, horizontal, labels)
            seen.append(horizontal)
        result: Tensor = self.head(self._handed(seen))
        return result

    def _handed(self, seen: list[Tensor]) -> Tensor:
        """What the head is given of what each layer saw, (B, D, H, W) each."""
        if not self.skips:
            return seen[-1]
        first, *others = (skip(one) for skip, one in zip(self.skips, seen, strict=True))
        return sum(others, first)


class FirstPixelLayer(nn.Module):
    """Reads the picture: the vertical stack rows above, the horizontal one pixels to the left, neither the pixel."""

    def __init__(self, config: PixelNetworkConfig) -> None:
        super().__init__()
        self.reach = reach = config.first_reach_px
        self.vertical = nn.Conv2d(1, 2 * config.width, (reach, 2 * reach + 1))
        self.horizontal = nn.Conv2d(1, 2 * config.width, (1, reach))
        self.joint = JointPixelLayer(config, 0.0)

    def forward(self, pictures: Tensor, labels: Tensor, maps: Tensor | None) -> tuple[Tensor, Tensor]:
        above = F.pad(pictures, (self.reach, self.reach, self.reach, 0))[:, :, :-1]
        left = F.pad(pictures, (self.reach, 0, 0, 0))[..., :-1]
        return self.joint(self.vertical(above), self.horizontal(left), labels, maps)


class GatedPixelLayer(nn.Module):
    """One layer of both stacks; the horizontal one adds to what it was given."""

    def __init__(self, config: PixelNetworkConfig, dropout: float) -> None:
        super().__init__()
        self.reach = reach = config.reach_px
        self.vertical = nn.Conv2d(config.width, 2 * config.width, (reach + 1, 2 * reach + 1))
        self.horizontal = nn.Conv2d(config.width, 2 * config.width, (1, reach + 1))
        self.joint = JointPixelLayer(config, dropout)

    def forward(self, vertical: Tensor, horizontal: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        above = self.vertical(F.pad(vertical, (self.reach, self.reach, self.reach, 0)))
        left = self.horizontal(F.pad(horizontal, (self.reach, 0, 0, 0)))
        seen_above, seen = self.joint(above, left, labels)
        return seen_above, horizontal + seen


class JointPixelLayer(nn.Module):
    """Gates both stacks, hands the vertical one's maps to the horizontal one, and tells both the kind of picture."""

    def __init__(self, config: PixelNetworkConfig, dropout: float) -> None:
        super().__init__()
        width = config.width
        self.across = nn.Conv2d(2 * width, 2 * width, 1, bias=False)
        self.out = nn.Conv2d(width, width, 1)
        self.labels = nn.Embedding(config.n_classes, 4 * width)
        self.dropout = nn.Dropout2d(dropout)  # of whole maps: numbers for each pixel would take a tenth of the time
        nn.init.normal_(self.labels.weight, std=0.1)

    def forward(
        self, vertical: Tensor, horizontal: Tensor, labels: Tensor, maps: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Maps before the gates, (B, 2D, H, W) each, to (B, D, H, W) each; `maps` (B, 4D, H, W) are of the kinds."""
        kinds = self.labels(labels)[:, :, None, None]  # (B, 4D, 1, 1)
        if maps is not None:
            kinds = kinds + maps
        above, left = kinds.chunk(2, 1)
        vertical = vertical + above
        seen = gated(horizontal + self.across(vertical) + left)
        return self.dropout(gated(vertical)), self.out(self.dropout(seen))


def gated(maps: Tensor) -> Tensor:
    """tanh(a) * sigmoid(b) of the two halves of maps (B, 2D, H, W)."""
    a, b = maps.chunk(2, 1)
    return torch.tanh(a) * torch.sigmoid(b)


class MaskedPixelCNN(PixelNetwork):
    """One stack of masked convolutions: simpler, and blind to a wedge above to the right."""

    def __init__(self, config: PixelNetworkConfig, dropout: float = 0.0) -> None:
        super().__init__(config)
        self.kind_maps = KindMaps(config, config.width) if config.n_kind_maps else None
        self.first = MaskedConv2d(1, config.width, config.first_reach_px, sees_pixel=False)
        self.labels = nn.Embedding(config.n_classes, config.width)
        self.layers = nn.ModuleList([MaskedLayer(config, dropout) for _ in range(config.n_layers - 1)])
        self.head = PixelHead(config.width, config)

    def outputs(self, pictures: Tensor, labels: Tensor) -> Tensor:
        x = self.first(pictures) + self.labels(labels)[:, :, None, None]  # (B, D, H, W)
        if self.kind_maps is not None:
            x = x + self.kind_maps(labels, pictures.shape[2])
        for layer in self.layers:
            x = x + layer(x, labels)
        result: Tensor = self.head(x)
        return result


class MaskedLayer(nn.Module):
    """A residual block: narrow, look around, widen; figure 5 of 2016a, and told the kind of picture."""

    def __init__(self, config: PixelNetworkConfig, dropout: float) -> None:
        super().__init__()
        half = max(1, config.width // 2)
        self.narrow = nn.Conv2d(config.width, half, 1)
        self.around = MaskedConv2d(half, half, config.reach_px, sees_pixel=True)
        self.labels = nn.Embedding(config.n_classes, half)
        self.widen = nn.Conv2d(half, config.width, 1)
        self.dropout = nn.Dropout2d(dropout)  # of whole maps: numbers for each pixel would take a tenth of the time
        nn.init.normal_(self.labels.weight, std=0.1)

    def forward(self, x: Tensor, labels: Tensor) -> Tensor:
        y = self.around(F.relu(self.narrow(F.relu(x)))) + self.labels(labels)[:, :, None, None]
        widened: Tensor = self.widen(self.dropout(F.relu(y)))
        return widened


class MaskedConv2d(nn.Conv2d):
    """A square convolution that sees the rows above and the pixels to the left (mask A), or the pixel too (mask B)."""

    def __init__(self, n_in: int, n_out: int, reach_px: int, sees_pixel: bool) -> None:
        side = 2 * reach_px + 1
        super().__init__(n_in, n_out, side, padding=reach_px)
        self.n_seen_left = reach_px + int(sees_pixel)

    @property
    def mask(self) -> Tensor:
        """(S, S): 1 for what is seen. Made anew, since a buffer that no file holds would be lost on loading."""
        side = self.kernel_size[0]
        mask = torch.zeros(side, side, device=self.weight.device)
        mask[: side // 2] = 1
        mask[side // 2, : self.n_seen_left] = 1
        return mask

    @property
    def n_hidden(self) -> int:
        """How many of the places that it covers it does not see."""
        side = self.kernel_size[0]
        return side * (side - side // 2) - self.n_seen_left

    def forward(self, x: Tensor) -> Tensor:
        return self._conv_forward(x, self.weight * self.mask, self.bias)


def n_seen_weights(network: nn.Module) -> int:
    """How many numbers a network learns; those behind a mask are none."""
    total = sum(weight.numel() for weight in network.parameters())
    masked = [one for one in network.modules() if isinstance(one, MaskedConv2d)]
    return total - sum(one.n_hidden * one.in_channels * one.out_channels for one in masked)
