"""The network of a model of sounds: a WaveNet, with the configuration of what it was told while it learnt."""

from typing import Any

from torch import Tensor, nn

from .wave_network import WaveNet


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
