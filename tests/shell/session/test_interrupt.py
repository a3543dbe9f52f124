"""A signal from outside closes the windows through the event loop, and raises nothing."""

import os
import signal

import pytest
from PySide6.QtWidgets import QWidget

from studio.shell.session.interrupt import SIGNALS, Interrupt


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_closes_the_window(qtbot, number):
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    interrupt = Interrupt()
    try:
        os.kill(os.getpid(), number)
        assert window.isVisible()
        qtbot.waitUntil(lambda: not window.isVisible())
    finally:
        interrupt.end()


def test_the_signals_are_given_back(qapp):
    before = [signal.getsignal(number) for number in SIGNALS]
    interrupt = Interrupt()
    assert signal.getsignal(signal.SIGINT) is not before[0]
    interrupt.end()
    assert [signal.getsignal(number) for number in SIGNALS] == before
    assert signal.set_wakeup_fd(-1) == -1
