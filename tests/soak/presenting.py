"""Presents a playlist for hours of a clock that it moves itself: python -m tests.soak.presenting --hours 8 --step 4

Visitors come at random, touch what they like, press keys and buttons that do nothing, and go. With the first state in
front and nobody there the process is read.
"""

import argparse
import json
import random
import sys
import tempfile
import traceback
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QCoreApplication, QEvent, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QWidget

from tests.soak.reading import Meter, Rest, slope

if TYPE_CHECKING:
    from studio.shell.window.window import MainWindow

HOUR_S: Final = 3600.0
REST_EVERY_S: Final = 1800.0
VISITS_PER_HOUR: Final = 12
LEFT, NO_KEY = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
KEYS: Final = (
    Qt.Key.Key_F1,
    Qt.Key.Key_F11,
    Qt.Key.Key_Q,
    Qt.Key.Key_Tab,
    Qt.Key.Key_Space,
    Qt.Key.Key_Left,
    Qt.Key.Key_R,
)
SLOPES: Final = ("memory_mb", "n_threads", "n_descriptors", "n_objects", "n_widgets")


class Day:
    """A long day of one presentation.

    Attributes:
        now_s: what the presentation's clock says. n_visits, n_turns: how often somebody came, and another state did.
    """

    def __init__(self, window: "MainWindow", seed: int, breathe: Callable[[], None]) -> None:
        """`breathe` lets the program do what is due."""
        self._window, self._random, self._breathe = window, random.Random(seed), breathe
        self._meter = Meter()
        self.now_s, self.n_visits, self.n_turns = 0.0, 0, 0
        self.rests: list[Rest] = []
        window.presenting.clock = lambda: self.now_s

    def live(self, hours: float, step_s: float) -> None:
        """Begin, let `hours` pass in steps of `step_s`, and read the process twice an hour; raises where it ended."""
        self._window.presenting.present_playlist()
        next_rest_s, place = REST_EVERY_S, 0
        while self.now_s < hours * HOUR_S:
            if self._random.random() < VISITS_PER_HOUR * step_s / HOUR_S:
                self._visit()
            self._pass(step_s)
            self.n_turns += self._place != place
            place = self._place
            self._meter.look()
            if self.now_s >= next_rest_s and self._is_at_rest:
                self.rests.append(self._meter.rest(round(self.now_s), len(self.rests)))
                next_rest_s += REST_EVERY_S
                print(self.rests[-1], file=sys.stderr, flush=True)

    @property
    def _place(self) -> int:
        stage = self._window.presenting.stage
        return -1 if stage is None else stage.place

    @property
    def _is_at_rest(self) -> bool:
        presentation = self._presentation
        return self._place == 0 and presentation.pace.is_attracting

    @property
    def _presentation(self) -> Any:
        presentation = self._window.presenting.presentation
        if presentation is None:
            raise RuntimeError(f"the presentation ended by itself after {self.now_s:.0f} s")
        return presentation

    def _pass(self, seconds: float) -> None:
        self.now_s += seconds
        self._presentation.tick()
        self._breathe()
        # Qt keeps what is to be deleted until the loop goes on in which that was said; this is inside of it.
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)

    def _visit(self) -> None:
        """Wake it, and do a few things at random."""
        self.n_visits += 1
        self._click(self._presentation.side)
        for _ in range(self._random.randint(1, 6)):
            self._random.choice((self._touch_control, self._touch_button, self._drag_canvas, self._press_key))()
            self._pass(1.0)

    def _touch_control(self) -> None:
        if controls := self._presentation.side.controls():
            self._click(self._random.choice(controls))

    def _touch_button(self) -> None:
        side = self._presentation.side
        buttons = [one for one in side.findChildren(QAbstractButton) if one.isVisible() and one.isEnabled()]
        if buttons:
            self._click(self._random.choice(buttons))

    def _drag_canvas(self) -> None:
        tab = self._window.tabs.front_tab
        if tab is not None and tab.panel is not None:
            self._click(tab.panel.frame.picture, self._random.choice((LEFT, LEFT, Qt.MouseButton.RightButton)))

    def _press_key(self) -> None:
        modifier = self._random.choice((NO_KEY, Qt.KeyboardModifier.ControlModifier))
        QTest.keyClick(self._window.windowHandle(), self._random.choice(KEYS), modifier)

    def _click(self, widget: QWidget, button: Qt.MouseButton = LEFT) -> None:
        handle, rect = self._window.windowHandle(), widget.rect()
        x, y = (round(self._random.uniform(0.1, 0.9) * length) for length in (rect.width(), rect.height()))
        point = widget.mapTo(self._window, QPoint(x, y))
        if not self._window.rect().contains(point):
            return
        QTest.mousePress(handle, button, NO_KEY, point)
        QTest.mouseMove(handle, point + QPoint(3, 2))
        QTest.mouseRelease(handle, button, NO_KEY, point + QPoint(3, 2))

    def figures(self) -> dict[str, Any]:
        """What was measured; slopes by the hour of the presentation's clock."""
        return {
            "hours": self.now_s / HOUR_S,
            "n_visits": self.n_visits,
            "n_turns": self.n_turns,
            "slopes_per_hour": {name: _per_hour(slope(self.rests, name)) for name in SLOPES},
            "first": asdict(self.rests[0]),
            "last": asdict(self.rests[-1]),
        }


def _per_hour(per_1000_s: float | None) -> float | None:
    return None if per_1000_s is None else round(3.6 * per_1000_s, 3)


def main() -> int:
    """Start the real program in this process, with a home of its own, and present all families."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=float, default=8.0)
    parser.add_argument("--step", type=float, default=4.0)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()

    from PySide6.QtCore import QTimer

    from studio.app import Studio
    from studio.cli.main import main as run_command_line
    from tests.bench.driver import Driver, PaintWatch

    begin = Studio.begin

    def live(studio: Studio) -> None:
        driver = Driver(studio, PaintWatch())
        try:
            driver.wait_for_device()
            day = Day(studio.window, options.seed, lambda: driver.pause(0.02))
            day.live(options.hours, options.step)
            print(json.dumps(day.figures(), indent=1), flush=True)
        except Exception:  # the window would go on and wait
            traceback.print_exc()
            studio.window.grab().save(str(Path(tempfile.gettempdir()) / "manifold-presenting-failure.png"))
        studio.window.close()

    def begin_and_live(studio: Studio, opening: object = None) -> None:
        studio.window.first_painted.connect(lambda: QTimer.singleShot(0, lambda: live(studio)))
        begin(studio, None)

    Studio.begin = begin_and_live  # type: ignore[method-assign, assignment]  # a probe
    return run_command_line([])


if __name__ == "__main__":
    sys.exit(main())
