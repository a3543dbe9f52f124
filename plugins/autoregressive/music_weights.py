"""Networks of four voices in safetensors files."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from studio.core.error import UserError
from studio.core.text import N_
from studio.nn.network_file import NetworkKind, load_network, save_network

from .music_model import ChoraleTransformer, MusicConfig

KINDS: Final[Mapping[str, NetworkKind]] = {"ChoraleTransformer": NetworkKind(MusicConfig, ChoraleTransformer)}


def save_music(path: Path, network: ChoraleTransformer) -> None:
    """Write a network with its configuration."""
    save_network(path, network)


def load_music(path: Path) -> ChoraleTransformer:
    """Read what `save_music` wrote: on the processor, ready to use.

    Raises:
        UserError: the file is missing, damaged, too large or of another kind.
    """
    network = load_network(path, KINDS)[1]
    if not isinstance(network, ChoraleTransformer):
        raise UserError(N_("This file holds no model of music."))
    return network
