"""The kinds of models of sounds: each by the name of its network's class, which its files name too."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from .notes_asking import NotesAsking
from .notes_config import NotesConfig, NotesWaveNet
from .sound_asking import Asking
from .sound_network import SoundNetwork
from .sounds_asking import SoundsAsking
from .sounds_config import OwnWaveNet, SoundsConfig
from .speech_asking import SpeechAsking
from .speech_config import SpeechConfig, SpeechWaveNet


@dataclass(frozen=True)
class SoundKind:
    """Attributes: config: the class of its configurations. network: of its networks. asking: made from one of them."""

    config: type[Any]
    network: type[SoundNetwork]
    asking: Callable[[Any], Asking]


_ALL: Final = (
    SoundKind(NotesConfig, NotesWaveNet, lambda network: NotesAsking(network.config)),
    SoundKind(SpeechConfig, SpeechWaveNet, SpeechAsking),
    SoundKind(SoundsConfig, OwnWaveNet, lambda network: SoundsAsking(network.config)),
)
KINDS: Final[Mapping[str, SoundKind]] = {kind.network.__name__: kind for kind in _ALL}


def asking_of(network: SoundNetwork) -> Asking:
    """What a network can be asked for."""
    return KINDS[type(network).__name__].asking(network)
