"""A PixelRNN: Row LSTMs that carry what they saw from row to row (van den Oord 2016a, arXiv 1601.06759).

A row is computed at once, from the state of the row above and the pixels to the left. Shape letters: B pictures,
D width, H W pixels.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .config import PixelNetworkConfig
from .pixelcnn import KindMaps, MaskedConv2d, PixelHead, PixelNetwork


class RowLSTM(PixelNetwork):
    """A masked first layer, Row LSTMs that add to what they were given, and a head.

    All LSTMs are told the kind of picture, the first one also by place.
    """

    def __init__(self, config: PixelNetworkConfig, dropout: float = 0.0) -> None:
        super().__init__(config)
        self.kind_maps = KindMaps(config, 4 * config.width) if config.n_kind_maps else None
        self.first = MaskedConv2d(1, config.width, config.first_reach_px, sees_pixel=False)
        self.layers = nn.ModuleList([RowLayer(config, dropout) for _ in range(config.n_layers - 1)])
        self.head = PixelHead(config.width, config)

    def outputs(self, pictures: Tensor, labels: Tensor) -> Tensor:
        maps = None if self.kind_maps is None else self.kind_maps(labels, pictures.shape[2])  # (B, 4D, H, W)
        x = self.first(pictures)  # (B, D, H, W)
        for layer in self.layers:
            x, maps = x + layer(x, labels, maps), None
        result: Tensor = self.head(x)
        return result


class RowLayer(nn.Module):
    """One Row LSTM: gates from the row's pixels to the left (and the place itself), and from the state above."""

    def __init__(self, config: PixelNetworkConfig, dropout: float) -> None:
        super().__init__()
        width, self.reach = config.width, config.reach_px
        self.inputs = nn.Conv2d(width, 4 * width, (1, self.reach + 1))
        self.states = nn.Conv1d(width, 4 * width, 2 * self.reach + 1, padding=self.reach, bias=False)
        self.labels = nn.Embedding(config.n_classes, 4 * width)
        self.out = nn.Conv2d(width, width, 1)
        self.dropout = nn.Dropout2d(dropout)  # of whole maps: numbers for each pixel would take a tenth of the time
        nn.init.normal_(self.labels.weight, std=0.1)

    def forward(self, x: Tensor, labels: Tensor, maps: Tensor | None = None) -> Tensor:
        """What is added to x (B, D, H, W); `maps` (B, 4D, H, W) are of the kinds."""
        gates = self.inputs(F.pad(x, (self.reach, 0, 0, 0))) + self.labels(labels)[:, :, None, None]
        if maps is not None:
            gates = gates + maps
        hidden = cell = x.new_zeros(len(x), x.shape[1], x.shape[3])  # (B, D, W)
        rows = []
        for row in gates.unbind(2):  # (B, 4D, W) each
            keep, write, show, new = (row + self.states(hidden)).chunk(4, 1)
            cell = torch.sigmoid(keep) * cell + torch.sigmoid(write) * torch.tanh(new)
            hidden = torch.sigmoid(show) * torch.tanh(cell)
            rows.append(hidden)
        added: Tensor = self.out(self.dropout(torch.stack(rows, 2)))
        return added
