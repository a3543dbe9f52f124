"""Networks of one sort that differ in β alone, the weight of the KL divergence in their training, in one file.

β-VAE: Higgins et al. 2017. With β > 1 the places carry less, and what they carry is spread over fewer numbers that
are more independent of each other.
"""

from dataclasses import dataclass
from typing import Final

from torch import nn

from ...shared.model.vae import DigitsConfig, DigitsVAE

N_BETAS: Final = 3


@dataclass(frozen=True)
class BetaConfig(DigitsConfig):
    """Sizes of each network, and the β of each, lowest first."""

    n_latent: int = 10
    width: int = 16
    narrow: int = 16
    hidden: int = 128
    betas: tuple[int, ...] = (1, 2, 4)


class BetaVAE(nn.Module):
    """One network for each β; all begin alike. Raises ValueError where there are not three."""

    def __init__(self, config: BetaConfig) -> None:
        super().__init__()
        if len(config.betas) != N_BETAS:
            raise ValueError(config.betas)
        self.config = config
        first = DigitsVAE(config)
        self.networks = nn.ModuleList([first, *(DigitsVAE(config) for _ in config.betas[1:])])
        for network in self.networks[1:]:
            network.load_state_dict(first.state_dict())

    @property
    def parts(self) -> tuple[DigitsVAE, ...]:
        """The networks, in the order of their β."""
        return tuple(network for network in self.networks if isinstance(network, DigitsVAE))
