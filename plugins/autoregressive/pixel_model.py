"""PixelCNNs: the gated one with two stacks and no blind spot, and the plain masked one that it is held against.

Van den Oord et al. 2016b (arXiv 1606.05328, gated, class-conditional) and 2016a (arXiv 1601.06759, masked). Shape
letters: B pictures, D width, H W pixels.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .pixel_config import PixelConfig
from .pixel_network import Head, KindMaps, PixelNetwork


class GatedPixelCNN(PixelNetwork):
    """Two stacks: the vertical one sees all rows above, the horizontal one the row's pixels to the left."""

    def __init__(self, config: PixelConfig, dropout: float = 0.0) -> None:
        super().__init__(config)
        self.kind_maps = KindMaps(config, 4 * config.width) if config.n_kind_maps else None
        self.first = FirstLayer(config)
        self.layers = nn.ModuleList([GatedLayer(config, dropout) for _ in range(config.n_layers - 1)])
        n_skips = config.n_layers if config.skip_width else 0
        self.skips = nn.ModuleList([nn.Conv2d(config.width, config.skip_width, 1) for _ in range(n_skips)])
        self.head = Head(config.skip_width or config.width, config)

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


class FirstLayer(nn.Module):
    """Reads the picture: the vertical stack rows above, the horizontal one pixels to the left, neither the pixel."""

    def __init__(self, config: PixelConfig) -> None:
        super().__init__()
        self.reach = reach = config.first_reach_px
        self.vertical = nn.Conv2d(1, 2 * config.width, (reach, 2 * reach + 1))
        self.horizontal = nn.Conv2d(1, 2 * config.width, (1, reach))
        self.joint = Joint(config, 0.0)

    def forward(self, pictures: Tensor, labels: Tensor, maps: Tensor | None) -> tuple[Tensor, Tensor]:
        above = F.pad(pictures, (self.reach, self.reach, self.reach, 0))[:, :, :-1]
        left = F.pad(pictures, (self.reach, 0, 0, 0))[..., :-1]
        return self.joint(self.vertical(above), self.horizontal(left), labels, maps)


class GatedLayer(nn.Module):
    """One layer of both stacks; the horizontal one adds to what it was given."""

    def __init__(self, config: PixelConfig, dropout: float) -> None:
        super().__init__()
        self.reach = reach = config.reach_px
        self.vertical = nn.Conv2d(config.width, 2 * config.width, (reach + 1, 2 * reach + 1))
        self.horizontal = nn.Conv2d(config.width, 2 * config.width, (1, reach + 1))
        self.joint = Joint(config, dropout)

    def forward(self, vertical: Tensor, horizontal: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        above = self.vertical(F.pad(vertical, (self.reach, self.reach, self.reach, 0)))
        left = self.horizontal(F.pad(horizontal, (self.reach, 0, 0, 0)))
        seen_above, seen = self.joint(above, left, labels)
        return seen_above, horizontal + seen


class Joint(nn.Module):
    """Gates both stacks, hands the vertical one's maps to the horizontal one, and tells both the kind of picture."""

    def __init__(self, config: PixelConfig, dropout: float) -> None:
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

    def __init__(self, config: PixelConfig, dropout: float = 0.0) -> None:
        super().__init__(config)
        self.kind_maps = KindMaps(config, config.width) if config.n_kind_maps else None
        self.first = MaskedConv2d(1, config.width, config.first_reach_px, sees_pixel=False)
        self.labels = nn.Embedding(config.n_classes, config.width)
        self.layers = nn.ModuleList([MaskedLayer(config, dropout) for _ in range(config.n_layers - 1)])
        self.head = Head(config.width, config)

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

    def __init__(self, config: PixelConfig, dropout: float) -> None:
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
