"""Lets ctrl-C in the terminal, and the end of the session, close the window in order."""

import signal
import socket
from typing import Final

from PySide6.QtCore import QObject, QSocketNotifier
from PySide6.QtWidgets import QApplication

SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


class Interrupt(QObject):
    """Closes all windows when the process is asked to end.

    Python would raise KeyboardInterrupt in whatever slot runs next, and an exception that crosses Qt's own code can end
    the process with a segmentation fault. So the signal only wakes the event loop, through a socket.
    """

    def __init__(self) -> None:
        super().__init__()
        self._inside, self._outside = socket.socketpair()
        for end in (self._inside, self._outside):
            end.setblocking(False)
        self._notifier = QSocketNotifier(self._inside.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._on_woken)
        self._before = {number: signal.signal(number, _stay) for number in SIGNALS}
        self._woken_before = signal.set_wakeup_fd(self._outside.fileno())

    def end(self) -> None:
        """Give the signals back to whoever had them."""
        signal.set_wakeup_fd(self._woken_before)
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._notifier.setEnabled(False)
        self._inside.close()
        self._outside.close()

    def _on_woken(self) -> None:
        self._inside.recv(64)
        QApplication.closeAllWindows()


def _stay(number: int, frame: object) -> None:
    """Leave it to the event loop."""
