"""What a person does with a chorale: chooses one bar after the other and has it made anew."""

import time
from typing import Any, Final

from PySide6.QtCore import QEvent, QObject

from tests.bench.driver import Driver
from tests.bench.statistic import percentile

MODEL: Final = "autoregressive/chorales"
N_BARS: Final = 8
AT_ONCE: Final = 240
"""Sixteenths a second: the slider's end, where notes are shown as soon as they are made."""

Result = dict[str, Any]


class Paints(QObject):
    """Notes when a widget was painted last."""

    def __init__(self, widget: QObject) -> None:
        super().__init__()
        self.last_s = 0.0
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Only look on."""
        if event.type() is QEvent.Type.Paint:
            self.last_s = time.perf_counter()
        return False


def chorale_bars(driver: Driver) -> Result:
    """Open the chorales; choose a bar, click “Rewrite bar n”, and wait until the roll with the whole bar is painted."""
    driver.wait_for_device()
    driver.window.opener.open_model(MODEL)
    driver.wait(lambda: driver.panel is not None and driver.panel.presenter.seen is not None, "the first notes")
    panel = driver.panel
    panel.editor.set_field("Speed", "speed", AT_ONCE)
    driver.wait(lambda: panel.is_settled, "the end of the piece")
    driver.show_in_inspector(panel.choosing.bar)
    paints = Paints(panel.canvas)
    taken = [_remade_s(driver, paints, number) for number in range(N_BARS + 1)][1:]
    return {"bar_s": percentile(taken, 50), "worst_s": max(taken)}


def _remade_s(driver: Driver, paints: Paints, number: int) -> float:
    """Seconds from the click until one bar, another each time, was made anew and painted."""
    panel = driver.panel
    panel.gestures.choose_bar(1 + number % 4)
    driver.wait(lambda: panel.is_settled and panel.choosing.bar.isEnabled(), "a chosen bar")
    driver.pause(0.3)
    before = panel.presenter.seen
    clicked_s = driver.click(panel.choosing.bar)
    driver.wait(lambda: panel.presenter.seen is not before and panel.is_settled, "the bar")
    settled_s = time.perf_counter()
    panel.canvas.update()
    driver.wait(lambda: paints.last_s >= settled_s, "the picture of it")
    return paints.last_s - clicked_s


ALL = (chorale_bars,)
