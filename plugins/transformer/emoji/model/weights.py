"""Drawers in safetensors files."""

from pathlib import Path
from typing import Final

from studio.nn.network_file import load_only, save_network

from .writer import Drawer, DrawerConfig

EXACT: Final = ("coder.quantiser.codes",)


def save_drawer(path: Path, drawer: Drawer) -> None:
    """Write a drawer, its matrices as int8 for each row."""
    save_network(path, drawer, EXACT)


def load_drawer(path: Path) -> Drawer:
    """Read what `save_drawer` wrote, ready to use.

    Raises:
        UserError: the file is damaged or of another kind.
    """
    return load_only(path, DrawerConfig, Drawer)
