"""Small random networks of pixels to test with."""

from typing import Any

import torch

from plugins.autoregressive.pixels.model.config import PixelNetworkConfig
from plugins.autoregressive.pixels.model.pixelcnn import GatedPixelCNN, MaskedPixelCNN
from plugins.autoregressive.pixels.model.row_lstm import RowLSTM
from plugins.autoregressive.shared.model.head_config import HeadConfig

NETWORKS = (GatedPixelCNN, MaskedPixelCNN, RowLSTM)
SOFTMAX = HeadConfig()
LOGISTIC = HeadConfig("logistic", 3)


def tiny_config(**changes: Any) -> PixelNetworkConfig:
    """8 pixels, 6 levels, 3 kinds, 3 layers."""
    sizes: dict[str, Any] = {"size_px": 8, "n_levels": 6, "n_classes": 3, "n_layers": 3, "width": 8, "head_width": 12}
    return PixelNetworkConfig(**{**sizes, **changes})


def made_network(kind=GatedPixelCNN, head: HeadConfig = SOFTMAX, seed: int = 3, **changes: Any) -> Any:
    """A network whose numbers are large enough that its distributions differ from place to place."""
    torch.manual_seed(seed)
    network = kind(tiny_config(head=head, **changes)).eval().requires_grad_(False)
    for name, weight in network.named_parameters():
        if name.endswith("bias") or "labels" in name:
            weight.add_(0.3 * torch.randn_like(weight))
        else:
            weight.mul_(1.8)
    return network
