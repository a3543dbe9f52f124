"""Which networks a weights file of this family may hold; see studio.nn.network_file."""

from pathlib import Path
from typing import Final, TypeVar

from torch import nn

from studio.core.error import UserError
from studio.core.translation import N_
from studio.nn import network_file
from studio.nn.network_file import NetworkKind

from ..enlarge.model.enlarger import EnlargeConfig, EnlargePair
from ..people.model.dcgan import DcganConfig, PlainGan
from ..people.model.layered_gan import LayeredGan, LayeredGanConfig
from ..people.model.style_gan import StyleGan, StyleGanConfig
from ..playground.model.weights import PlaygroundConfig, PlaygroundNetwork
from ..sketch.model.pix2pix import DrawConfig, DrawNetwork
from ..styles.model.cyclegan import StylesConfig, StylesNetwork

Network = TypeVar("Network", bound=nn.Module)
KINDS: Final[dict[str, NetworkKind]] = {
    "StyleGan": NetworkKind(StyleGanConfig, StyleGan),
    "LayeredGan": NetworkKind(LayeredGanConfig, LayeredGan),
    "PlainGan": NetworkKind(DcganConfig, PlainGan),
    "DrawNetwork": NetworkKind(DrawConfig, DrawNetwork),
    "EnlargePair": NetworkKind(EnlargeConfig, EnlargePair),
    "StylesNetwork": NetworkKind(StylesConfig, StylesNetwork),
    "PlaygroundNetwork": NetworkKind(PlaygroundConfig, PlaygroundNetwork),
}


def load_network(path: Path, wanted: type[Network]) -> Network:
    """The network in a file: float32, in eval mode, on the CPU, without gradients.

    Raises:
        UserError: the file is missing, damaged, too large, holds NaN or another network than the wanted one.
    """
    network = load_any(path, (wanted,))
    assert isinstance(network, wanted)
    return network


def load_any(path: Path, wanted: tuple[type[nn.Module], ...]) -> nn.Module:
    """The network in a file, one of several that are wanted; see load_network."""
    _, network = network_file.load_network(path, KINDS)
    if not isinstance(network, wanted):
        raise UserError(N_("This file contains another kind of model than its card says."))
    return network
