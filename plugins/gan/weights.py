"""Which networks a weights file of this family may hold; see studio.nn.network_file."""

from pathlib import Path
from typing import Final, TypeVar

from torch import nn

from studio.core.error import UserError
from studio.core.text import N_
from studio.nn import network_file
from studio.nn.network_file import NetworkKind

Network = TypeVar("Network", bound=nn.Module)
KINDS: Final[dict[str, NetworkKind]] = {}


def load_network(path: Path, wanted: type[Network]) -> Network:
    """The network in a file: float32, in eval mode, on the CPU, without gradients.

    Raises:
        UserError: the file is missing, damaged, too large, holds NaN or another network than the wanted one.
    """
    _, network = network_file.load_network(path, KINDS)
    if not isinstance(network, wanted):
        raise UserError(N_("This file holds another kind of model than its card says."))
    return network
