"""The kinds of networks of sounds, each by the name of its class, and their safetensors files."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from studio.nn.network_file import NetworkKind, load_network, save_network

from ..conditioning import Conditioner
from .notes import NotesConditioner, NotesWaveNet, NotesWaveNetConfig
from .own_sounds import OwnSoundsConditioner, OwnWaveNet, OwnWaveNetConfig
from .speech import SpeechConditioner, SpeechWaveNet, SpeechWaveNetConfig
from .wavenet import SoundNetwork

_EXACT: Final = ("wave.last", "wave.first", "segments", "timbres")
"""What the levels are read off, what reads them, and what is looked up: kept as float16."""

_LATER: Final = frozenset({"n_taps", "head"})


@dataclass(frozen=True)
class SoundKind:
    """Attributes: config: the class of its configurations. network: of its networks. asking: made from one of them."""

    config: type[Any]
    network: type[SoundNetwork]
    asking: Callable[[Any], Conditioner]


_ALL: Final = (
    SoundKind(NotesWaveNetConfig, NotesWaveNet, lambda network: NotesConditioner(network.config)),
    SoundKind(SpeechWaveNetConfig, SpeechWaveNet, SpeechConditioner),
    SoundKind(OwnWaveNetConfig, OwnWaveNet, lambda network: OwnSoundsConditioner(network.config)),
)
KINDS: Final[Mapping[str, SoundKind]] = {kind.network.__name__: kind for kind in _ALL}


def conditioner_of(network: SoundNetwork) -> Conditioner:
    """What a network can be asked for."""
    return KINDS[type(network).__name__].asking(network)


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
