"""What a weights file of `gan/avatars-style` holds: the forger and its detective."""

from dataclasses import dataclass

from torch import nn

from .detective import Detective, DetectiveConfig
from .style_model import Forger, StyleConfig


@dataclass(frozen=True)
class StyleGanConfig:
    """Sizes of both."""

    forger: StyleConfig
    detective: DetectiveConfig


class StyleGan(nn.Module):
    """Both of them."""

    def __init__(self, config: StyleGanConfig) -> None:
        super().__init__()
        self.config = config
        self.forger = Forger(config.forger)
        self.detective = Detective(config.detective)
