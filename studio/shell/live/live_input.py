"""Where values come from while somebody performs: ports that are asked for what is new, a few times in a moment."""

import logging
import math
import socket
from collections.abc import Iterator
from typing import Any, Final, Protocol

from studio.core.error import UserError
from studio.core.translation import N_

log = logging.getLogger(__name__)

MAX_MESSAGES: Final = 512
"""More of them at one look are left for the next: a flood must not hold the window."""
MAX_DATAGRAM_BYTES: Final = 8192
MAX_NAME: Final = 80
MIDI_MOST: Final = 127
PITCH_MOST: Final = 8191
ANYWHERE, HERE = "0.0.0.0", "127.0.0.1"
_NO_OSC: Final = N_("OSC needs one more package.")
_NO_MIDI: Final = N_("MIDI needs one more package.")
_INSTALL: Final = N_("Install it with “{command}” and start again.")


class LiveInput(Protocol):
    """A source of values."""

    def poll(self) -> Iterator[tuple[str, float]]:
        """What has come since the last look: the name of what was moved, and where it is now, 0 to 1."""
        ...

    def close(self) -> None:
        """Listen no more."""
        ...


class OscInput:
    """Messages of OSC 1.0 over UDP; of each its numbers, as 0 to 1 where they are floats and 0 to 127 where integers.

    Raises UserError where the package is missing or the port is taken.
    """

    def __init__(self, port: int, is_open_to_all: bool = False) -> None:
        try:
            from pythonosc.osc_packet import OscPacket
        except ImportError as error:
            raise UserError(_NO_OSC, _INSTALL.format(command="pip install python-osc")) from error
        self._parse: Any = OscPacket
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        try:
            self._socket.bind((ANYWHERE if is_open_to_all else HERE, port))
        except OSError as error:
            self._socket.close()
            raise UserError(N_("This port is in use already."), N_("Choose another number.")) from error
        self.port: int = self._socket.getsockname()[1]

    def poll(self) -> Iterator[tuple[str, float]]:
        """See `LiveInput`; a datagram that is no OSC is left out."""
        for _ in range(MAX_MESSAGES):
            try:
                data = self._socket.recv(MAX_DATAGRAM_BYTES)
            except OSError:
                return
            try:
                messages = self._parse(data).messages
            except Exception as error:  # whatever a parser says of bytes that anybody may send
                log.info("a datagram is left out: %s", error)
                continue
            for timed in messages:
                yield from _osc_values(timed.message.address, timed.message.params)

    def close(self) -> None:
        """See `LiveInput`."""
        self._socket.close()


def _osc_values(address: str, params: list[Any]) -> Iterator[tuple[str, float]]:
    """Each number of a message; where there are several, with its place."""
    for place, value in enumerate(params):
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            continue
        name = address if len(params) == 1 else f"{address} {place + 1}"
        yield name[:MAX_NAME], float(value) / (MIDI_MOST if isinstance(value, int) else 1)


class MidiInput:
    """A port of mido, or any that has its `iter_pending`: controllers, the wheel, pressure.

    Raises UserError where the port cannot be opened.
    """

    def __init__(self, port: str | Any) -> None:
        try:
            self._port = _mido().open_input(port) if isinstance(port, str) else port
        except (OSError, ValueError, RuntimeError, ImportError) as error:
            raise UserError(N_("This MIDI port cannot be opened."), N_("Is the device still connected?")) from error

    def poll(self) -> Iterator[tuple[str, float]]:
        """See `LiveInput`."""
        for number, message in enumerate(self._port.iter_pending()):
            found = _midi_value(message)
            if found is not None:
                yield found
            if number >= MAX_MESSAGES:
                return

    def close(self) -> None:
        """See `LiveInput`."""
        self._port.close()


def _midi_value(message: Any) -> tuple[str, float] | None:
    channel = getattr(message, "channel", 0) + 1
    if message.type == "control_change":
        return f"MIDI {channel} · {message.control}", message.value / MIDI_MOST
    if message.type == "pitchwheel":
        return f"MIDI {channel} · pitch", min(message.pitch / PITCH_MOST, 1) / 2 + 0.5
    if message.type == "aftertouch":
        return f"MIDI {channel} · pressure", message.value / MIDI_MOST
    return None


def _mido() -> Any:
    import mido  # only who performs pays for it

    return mido


def midi_ports() -> list[str]:
    """The ports that can be opened.

    Raises UserError where mido finds nothing on this computer that speaks MIDI.
    """
    try:
        return list(dict.fromkeys(_mido().get_input_names()))
    except ImportError as error:
        raise UserError(_NO_MIDI, _INSTALL.format(command="pip install python-rtmidi")) from error
    except (OSError, RuntimeError, ValueError) as error:
        raise UserError(N_("This computer has no MIDI."), N_("Connect a device and try again.")) from error
