"""Drawers in safetensors files."""

from pathlib import Path
from typing import Final

from studio.nn.network_file import NetworkKind, load_network, save_network

from .writer import Drawer, DrawerConfig

KINDS: Final = {"Drawer": NetworkKind(DrawerConfig, Drawer)}
EXACT: Final = ("coder.quantiser.codes",)


def save_drawer(path: Path, drawer: Drawer) -> None:
    """Write a drawer, its matrices as int8 for each row."""
    save_network(path, drawer, EXACT)


def load_drawer(path: Path) -> Drawer:
    """Read what `save_drawer` wrote, ready to use.

    Raises:
        UserError: the file is damaged or of another kind.
    """
    network = load_network(path, KINDS)[1]
    assert isinstance(network, Drawer)
    return network
