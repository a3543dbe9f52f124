"""The networks of this family in safetensors files: large weights as whole numbers of one byte, all else as float16."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from torch import nn

from studio.core.error import UserError
from studio.core.text import N_
from studio.nn.network_file import NetworkKind, load_network, save_network

from .pixel_config import PixelConfig
from .pixel_model import GatedPixelCNN, MaskedPixelCNN
from .pixel_network import PixelNetwork
from .pixel_rnn import RowLSTM

KINDS: Final[Mapping[str, NetworkKind]] = {
    kind.__name__: NetworkKind(PixelConfig, kind, frozenset({"skip_width"}))
    for kind in (GatedPixelCNN, MaskedPixelCNN, RowLSTM)
}


def save_pixels(path: Path, network: PixelNetwork) -> None:
    """Write a network of pixels with its configuration."""
    save_network(path, network)


def load_pixels(path: Path) -> PixelNetwork:
    """Read what `save_pixels` wrote: on the processor, ready to use.

    Raises:
        UserError: the file is missing, damaged, too large or of another kind.
    """
    network: nn.Module = load_network(path, KINDS)[1]
    if not isinstance(network, PixelNetwork):
        raise UserError(N_("This file holds no model of pictures."))
    return network
