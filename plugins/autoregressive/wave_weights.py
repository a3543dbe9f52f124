"""The networks of sounds in safetensors files: large weights as whole numbers of one byte, all else as float16."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from studio.core.error import UserError
from studio.core.text import N_
from studio.nn.network_file import NetworkKind, load_network, save_network

from .notes_config import NotesConfig, NotesWaveNet

KINDS: Final[Mapping[str, NetworkKind]] = {NotesWaveNet.__name__: NetworkKind(NotesConfig, NotesWaveNet)}
_EXACT: Final = ("wave.last", "wave.first")
"""What the levels are read off, and what reads them: a hundredth of all, kept as float16."""


def save_notes(path: Path, network: NotesWaveNet) -> None:
    """Write a network of notes with its configuration."""
    save_network(path, network, _EXACT)


def load_notes_network(path: Path) -> NotesWaveNet:
    """Read what `save_notes` wrote: on the processor, ready to use.

    Raises:
        UserError: the file is missing, damaged, too large or of another kind.
    """
    network = load_network(path, KINDS)[1]
    if not isinstance(network, NotesWaveNet):
        raise UserError(N_("This file holds no model of sounds."))
    return network
