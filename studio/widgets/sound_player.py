"""Plays sounds through the computer's speakers, and says how loud they are meanwhile.

PySide6-Essentials has no QtMultimedia; miniaudio is one small wheel on every system and needs no library of it.
"""

import threading
import time
from collections.abc import Generator
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal

from studio.core.error import UserError
from studio.core.translation import N_
from studio.widgets.sound_output import heard_backends, sound_output

FloatArray = NDArray[np.float32]

SILENCE_DB: Final = -60.0
_TICK_MS: Final = 33
_BUFFER_MS: Final = 60
_WINDOW_S: Final = 0.03
_PATIENCE_S: Final = 3.0


class Player(QObject):
    """One sound at a time, on the chosen device; a new one ends the one before.

    Signals:
        level_changed(db): how loud it is now, SILENCE_DB to 0, some 30 times a second; SILENCE_DB at the end.
        finished(): it was played to its end, or stopped.
        failed(error): a UserError; there is no device, or it could not be used.
    """

    level_changed = Signal(float)
    finished = Signal()
    failed = Signal(object)
    _ended = Signal(object)

    def __init__(self, parent: QObject | None = None, backends: tuple[str, ...] = ()) -> None:
        """`backends` are names of miniaudio's, all real ones where empty."""
        super().__init__(parent)
        self._backends = backends
        self._voice: _Voice | None = None
        self._timer = QTimer(self, interval=_TICK_MS)
        self._timer.timeout.connect(self._tell_level)
        self._ended.connect(self._on_ended)
        sound_output().changed.connect(self._on_output_changed)
        self.destroyed.connect(self._timer.stop)

    @property
    def is_playing(self) -> bool:
        """Whether a sound is on."""
        return self._voice is not None

    @property
    def position_s(self) -> float:
        """How much of the sound the device has been given, 0 where none is on."""
        return 0.0 if self._voice is None else self._voice.position_s

    def play(self, samples: FloatArray, rate_hz: int, n_expected: int = 0) -> None:
        """Play (T,) samples in -1..1 from their beginning; returns at once.

        Where more of them are to come (`grow`), `n_expected` says how many there will be: it is silent until they do.
        """
        self._drop()
        self._voice = _Voice(_clean(samples), rate_hz, self._backends, self._ended, n_expected)
        self._voice.start()
        self._timer.start()

    def grow(self, samples: FloatArray) -> None:
        """The sound that is on has become longer: all of it, (T,), from its beginning."""
        if self._voice is not None:
            self._voice.grow(_clean(samples))

    def stop(self) -> None:
        """End the sound, if there is one."""
        if self._voice is not None:
            self._drop()
            self._rest()
            self.finished.emit()

    def _drop(self) -> None:
        voice, self._voice = self._voice, None
        if voice is not None:
            voice.leave()

    def _on_output_changed(self) -> None:
        if self._voice is not None:
            self._voice.leave()
            self._voice = self._voice.again()
            self._voice.start()

    def _rest(self) -> None:
        self._timer.stop()
        self.level_changed.emit(SILENCE_DB)

    def _tell_level(self) -> None:
        if self._voice is not None:
            self.level_changed.emit(self._voice.level_db())

    def _on_ended(self, voice: "_Voice") -> None:
        if voice is not self._voice:
            return
        self._voice = None
        voice.leave()
        self._rest()
        if voice.error is not None:
            self.failed.emit(voice.error)
        else:
            self.finished.emit()


class _Voice:
    """One sound on its way to the device, in a thread of its own: opening a device may take a while."""

    def __init__(
        self, samples: FloatArray, rate_hz: int, backends: tuple[str, ...], ended: Any, n_expected: int
    ) -> None:
        self.error: UserError | None = None
        self._samples = samples
        self._n_expected = n_expected
        self._rate_hz = rate_hz
        self._backends = backends
        self._ended = ended
        self._n_played = 0
        self._output = sound_output()
        self._began_s = time.monotonic()
        self._done = threading.Event()
        self._is_left = False
        self._thread = threading.Thread(target=self._run, name="sound", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def leave(self) -> None:
        """End it and wait until the device is closed, which takes no longer than its buffer."""
        self._is_left = True
        self._done.set()
        if self._thread is not threading.current_thread():
            self._thread.join(_PATIENCE_S)

    def again(self) -> "_Voice":
        """The same sound from where it is now, on the device that is chosen now."""
        voice = _Voice(self._samples, self._rate_hz, self._backends, self._ended, self._n_expected)
        voice._n_played = self._n_played
        return voice

    def grow(self, samples: FloatArray) -> None:
        """There is more of it."""
        self._samples = samples

    @property
    def position_s(self) -> float:
        """How much of the sound the device was given."""
        return self._n_played / self._rate_hz

    def level_db(self) -> float:
        """The RMS of what the device was given last."""
        end = self._n_played
        part = self._samples[max(0, end - int(_WINDOW_S * self._rate_hz)) : end]
        return level_db(part)

    def _run(self) -> None:
        try:
            self._play()
        except UserError as error:
            self.error = error
        if not self._is_left:
            self._ended.emit(self)

    def _play(self) -> None:
        try:
            import miniaudio
        except (ImportError, OSError) as error:
            raise UserError(N_("Sound cannot be played here."), N_("Save it as a WAV file instead.")) from error
        try:
            chosen = self._output.find(self._backends)
            device = miniaudio.PlaybackDevice(
                device_id=chosen,
                output_format=miniaudio.SampleFormat.FLOAT32,
                nchannels=1,
                sample_rate=self._rate_hz,
                buffersize_msec=_BUFFER_MS,
                backends=heard_backends(self._backends),
            )
            with device:
                feed = self._feed()
                next(feed)
                device.start(feed)
                self._done.wait(max(len(self._samples), self._n_expected) / self._rate_hz + _PATIENCE_S)
        except miniaudio.MiniaudioError as error:
            raise UserError(
                N_("There is no audio device to play this on."),
                N_("Connect speakers or headphones, or save the sound as a WAV file."),
            ) from error

    def _feed(self) -> Generator[Any, int, None]:
        """Hands the device as many samples as it asks for; silence at the end until its buffer is empty."""
        n_wanted = yield np.zeros(0, np.float32)
        n_silent = 0
        while n_silent < 2 * _BUFFER_MS / 1000 * self._rate_hz:
            samples = self._samples
            part = samples[self._n_played : self._n_played + n_wanted]
            if len(samples) >= self._n_expected:
                n_silent += n_wanted - len(part)
            self._n_played += len(part)
            n_wanted = yield np.pad(part, (0, n_wanted - len(part)))
        self._done.set()
        yield np.zeros(n_wanted, np.float32)


def _clean(samples: FloatArray) -> FloatArray:
    return np.nan_to_num(np.ascontiguousarray(samples, np.float32)).clip(-1, 1)


def level_db(samples: FloatArray) -> float:
    """The RMS of (T,) samples in dB, SILENCE_DB to 0; a full sine is -3 dB."""
    if not len(samples):
        return SILENCE_DB
    power = float(np.mean(np.square(samples, dtype=np.float64)))
    return min(0.0, max(SILENCE_DB, 10 * float(np.log10(max(power, 1e-12)))))
