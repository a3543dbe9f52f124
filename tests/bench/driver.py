"""Handles the real window as a person does, and watches how promptly it answers."""

import faulthandler
import time
from collections.abc import Callable
from typing import Any

import psutil
from PySide6.QtCore import QEventLoop, QObject, QPoint, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QScrollArea, QWidget

from studio.api.timeline.path_run import KEY as PATH
from studio.app import Studio
from studio.compute.job import Job
from studio.shell.home.family_card import FamilyCard
from studio.widgets.views.canvas import InteractiveCanvas

HEARTBEAT_MS = 4
MOVE_MS = 8  # a mouse reports 125 times a second
CHECK_MS = 2
LIMIT_S = 120.0


class Heartbeat(QObject):
    """A timer of 4 ms that notes how late it was each time, and what this thread computed since the beat before.

    The latter says how long the window would have been late on a machine of its own.
    """

    def __init__(self) -> None:
        super().__init__()
        self.lateness_ms: list[float] = []
        self.computed_ms: list[float] = []
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(HEARTBEAT_MS)
        self._timer.timeout.connect(self._on_beat)
        self._last = self._last_computed = 0.0

    def start(self) -> None:
        """Begin anew."""
        self.lateness_ms.clear()
        self.computed_ms.clear()
        self._last, self._last_computed = time.perf_counter(), time.thread_time()
        self._timer.start()

    def stop(self) -> list[float]:
        """Return how late it was, in milliseconds, for every beat since the start."""
        self._on_beat()
        self._timer.stop()
        return list(self.lateness_ms)

    def _on_beat(self) -> None:
        now, computed = time.perf_counter(), time.thread_time()
        self.lateness_ms.append(max(0.0, 1000 * (now - self._last) - HEARTBEAT_MS))
        self.computed_ms.append(1000 * (computed - self._last_computed))
        self._last, self._last_computed = now, computed


class PaintWatch:
    """Calls `on_begin(canvas)` before each painting of a canvas, and `on_paint(canvas)` after it.

    To be made before the first canvas is.
    """

    def __init__(self) -> None:
        self.times: list[float] = []
        self.on_begin: Callable[[InteractiveCanvas], None] = lambda canvas: None
        self.on_paint: Callable[[InteractiveCanvas], None] = lambda canvas: None
        paint = InteractiveCanvas.paintEvent

        def paint_and_note(canvas: InteractiveCanvas, event: Any) -> None:
            self.on_begin(canvas)
            paint(canvas, event)
            self.times.append(time.perf_counter())
            self.on_paint(canvas)

        InteractiveCanvas.paintEvent = paint_and_note  # type: ignore[method-assign, assignment]  # a probe


class Driver(QObject):
    """One person in front of `studio`."""

    def __init__(self, studio: Studio, paints: PaintWatch) -> None:
        super().__init__()
        self.studio = studio
        self.window = studio.window
        self.paints = paints
        self.heartbeat = Heartbeat()
        self._process = psutil.Process()
        self._pointer = QPoint()

    # Waiting

    def wait(self, condition: Callable[[], object], what: str, limit_s: float = LIMIT_S) -> None:
        """Let the program run until `condition` holds."""
        loop, timer = QEventLoop(), QTimer()
        deadline = time.monotonic() + limit_s
        has_held = False

        def check() -> None:
            nonlocal has_held
            has_held = has_held or bool(condition())
            if has_held or time.monotonic() > deadline:
                loop.quit()

        timer.timeout.connect(check)
        timer.start(CHECK_MS)
        loop.exec()
        timer.stop()
        if not has_held:  # it need not hold any more
            faulthandler.dump_traceback(all_threads=True)
            jobs = ", ".join(map(str, self.studio.worker.jobs())) or "none"
            raise TimeoutError(f"{what} did not happen within {limit_s:.0f} s; in front: {self._front()}; jobs: {jobs}")

    def pause(self, duration_s: float) -> None:
        """Let the program run for a while."""
        loop = QEventLoop()
        QTimer.singleShot(round(1000 * duration_s), loop.quit)
        loop.exec()

    def wait_for_device(self) -> None:
        """Wait until torch is there."""
        self.wait(lambda: self.window.status.has_device, "loading torch")

    def wait_until_idle(self) -> None:
        """Wait until nothing is computed."""
        self.wait(lambda: not self.studio.worker.jobs(), "the end of all work")

    def wait_until_answered(self) -> None:
        """Wait until nothing is computed but the pictures of a path, drawn ahead for whoever plays it."""
        self.wait(lambda: all(_is_ahead(job) for job in self.studio.worker.jobs()), "the end of what was asked for")

    # What there is

    @property
    def panel(self) -> Any:
        """The panel in front, or None."""
        tab = self.window.tabs.front_tab
        return None if tab is None else tab.panel

    def has_picture(self) -> bool:
        """Whether the panel in front shows a picture."""
        return self.panel is not None and self.panel.snapshot() is not None

    def memory_mb(self) -> float:
        """Resident memory of this process."""
        return float(self._process.memory_info().rss / 1e6)

    def _front(self) -> str:
        """What is to be seen, for somebody who was not there."""
        tab, pointed = self.window.tabs.front_tab, QApplication.widgetAt(self.window.mapToGlobal(self._pointer))
        page = "Home" if tab is None else f"{tab.title}{' without a panel' if tab.panel is None else ''}"
        return f"{page}, the pointer on {pointed and (pointed.objectName() or type(pointed).__name__)}"

    # The hand

    def place(self, widget: QWidget, x_share: float = 0.5, y_share: float = 0.5) -> QPoint:
        """A point of a widget, in the window's coordinates."""
        x, y = round(widget.width() * x_share), round(widget.height() * y_share)
        return widget.mapTo(self.window, QPoint(x, y))

    def press(self, point: QPoint) -> None:
        """Press the left button."""
        QTest.mousePress(self.window.windowHandle(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, point)

    def move(self, point: QPoint) -> None:
        """Move the pointer."""
        self._pointer = point
        QTest.mouseMove(self.window.windowHandle(), point)

    def release(self, point: QPoint) -> None:
        """Let the left button go."""
        QTest.mouseRelease(self.window.windowHandle(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, point)

    def click(self, widget: QWidget) -> float:
        """Click on the middle of a widget; returns when the button went up."""
        self.move(self.place(widget))
        point = self.place(widget)  # the program ran as the pointer moved, and may have laid itself out anew
        self.press(point)
        released = time.perf_counter()
        self.release(point)
        return released

    def type_key(self, key: Qt.Key) -> None:
        """Press and let go a key."""
        QTest.keyClick(self.window.windowHandle(), key)

    def drag(self, point_at: Callable[[float], QPoint], duration_s: float) -> None:
        """Drag along `point_at(seconds)`, 125 moves a second."""
        started = time.perf_counter()
        loop, timer = QEventLoop(), QTimer()
        timer.setTimerType(Qt.TimerType.PreciseTimer)

        def step() -> None:
            passed = time.perf_counter() - started
            if passed >= duration_s:
                timer.stop()
                loop.quit()
            else:
                self.move(point_at(passed))

        self.press(point_at(0.0))
        timer.timeout.connect(step)
        timer.start(MOVE_MS)
        loop.exec()
        self.release(point_at(duration_s))

    def open_family(self, family_id: str) -> float:
        """Click on Open on the card of a family; returns when the button went up."""
        cards = [card for card in self.window.home.findChildren(FamilyCard) if card.item.family.id == family_id]
        if not cards or not cards[0].item.cards:
            raise LookupError(f"the family {family_id} or its models are not installed")
        return self.click(cards[0].open_button)

    def show_in_inspector(self, widget: QWidget) -> None:
        """Scroll until `widget` is in sight."""
        parent = widget.parentWidget()
        while parent is not None and not isinstance(parent, QScrollArea):
            parent = parent.parentWidget()
        if isinstance(parent, QScrollArea):
            parent.ensureWidgetVisible(widget)


def _is_ahead(job: Job) -> bool:
    return job.key[-1:] == (PATH,)
