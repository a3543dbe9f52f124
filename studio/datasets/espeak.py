"""Words spoken by espeak-ng, with the place of every phoneme: through its C interface, only where data are built.

The program is GPL-3 and stays outside: what it says is ours to use.
"""

import ctypes
import ctypes.util
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from studio.core.error import UserError
from studio.core.translation import N_

RATE: Final = 1
"""The setting of its speed, in words a minute."""
VOLUME: Final = 2
PITCH: Final = 3
"""0 to 100, around the pitch of the voice."""
_RETRIEVAL: Final = 1
_PHONEME_EVENTS: Final = 1
_PHONEME_EVENT: Final = 7
_UTF8: Final = 1
_VOLUME: Final = 50
"""Of 100: above it, the loudest voices are clipped."""


class _Name(ctypes.Union):
    _fields_ = (("number", ctypes.c_int), ("pointer", ctypes.c_char_p), ("letters", ctypes.c_char * 8))


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("message", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_ms", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user", ctypes.c_void_p),
        ("id", _Name),
    )


_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))


@dataclass(frozen=True, eq=False)
class Spoken:
    """A word.

    Attributes:
        samples: (T,) float32 in -1..1 at `rate_hz`.
        phonemes: the name of each and the sample at which it begins, in order; "_" and "_:" are pauses.
    """

    samples: NDArray[np.float32]
    phonemes: tuple[tuple[str, int], ...]
    rate_hz: int


@dataclass(eq=False)
class Espeak:
    """The program, started once in this process.

    Raises:
        UserError: it is not on this computer.
    """

    rate_hz: int = 0
    _parts: list[NDArray[np.int16]] = field(default_factory=list)
    _phonemes: list[tuple[str, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._library = _library()
        self._heard: Callable[..., int] = _Callback(self._hear)  # kept: the library calls it
        self.rate_hz = self._library.espeak_Initialize(_RETRIEVAL, 0, None, _PHONEME_EVENTS)
        if self.rate_hz <= 0:
            raise UserError(N_("espeak-ng does not start."), N_("Install its package “espeak-ng-data” too."))
        self._library.espeak_SetSynthCallback(self._heard)

    def say(self, word: str, voice: str, words_per_minute: int, pitch: int) -> Spoken:
        """A word in a voice such as “en-us+f2”, at 80 to 450 words a minute and a pitch of 0 to 100.

        Raises:
            UserError: it has no such voice.
        """
        self._parts, self._phonemes = [], []
        if self._library.espeak_SetVoiceByName(voice.encode()):
            raise UserError(N_("espeak-ng has no voice “{voice}”.").format(voice=voice))
        for setting, value in ((RATE, words_per_minute), (PITCH, pitch), (VOLUME, _VOLUME)):
            self._library.espeak_SetParameter(setting, value, 0)
        text = word.encode()
        self._library.espeak_Synth(text, ctypes.c_size_t(len(text) + 1), 0, 0, 0, ctypes.c_uint(_UTF8), None, None)
        self._library.espeak_Synchronize()
        samples = np.concatenate(self._parts).astype(np.float32) / np.float32(32768)
        return Spoken(samples, tuple(self._phonemes), self.rate_hz)

    def _hear(self, samples: Any, n_samples: int, events: Any) -> int:
        if n_samples > 0:
            self._parts.append(np.ctypeslib.as_array(samples, (n_samples,)).copy())
        place = 0
        while events[place].type:  # the list ends with a zero
            event = events[place]
            if event.type == _PHONEME_EVENT:
                self._phonemes.append((event.id.letters.decode(), event.sample))
            place += 1
        return 0


def _library() -> Any:
    name = ctypes.util.find_library("espeak-ng")
    if name is None:
        raise UserError(N_("Speaking the digits needs espeak-ng."), N_("Install your system’s “espeak-ng” package."))
    return ctypes.CDLL(name)
