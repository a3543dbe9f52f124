"""The networks of sounds in safetensors files: large weights as whole numbers of one byte, all else as float16."""

from pathlib import Path
from typing import Final

from studio.nn.network_file import NetworkKind, load_network, save_network

from .sound_models import KINDS
from .sound_network import SoundNetwork

_EXACT: Final = ("wave.last", "wave.first", "segments", "timbres")
"""What the levels are read off, what reads them, and what is looked up: kept as float16."""

_LATER: Final = frozenset({"n_taps", "head"})


def save_sound_network(path: Path, network: SoundNetwork) -> None:
    """Write a network of sounds with its configuration."""
    save_network(path, network, _EXACT)


def load_sound_network(path: Path) -> SoundNetwork:
    """Read what `save_sound_network` wrote: on the processor, ready to use.

    Raises:
        UserError: the file is missing, damaged, too large or of another kind.
    """
    kinds = {name: NetworkKind(kind.config, kind.network, _LATER) for name, kind in KINDS.items()}
    network = load_network(path, kinds)[1]
    assert isinstance(network, SoundNetwork)
    return network
