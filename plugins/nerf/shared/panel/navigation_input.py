"""Lets a hand on the view steer the camera: pointer, wheel and keys go to the navigator, time goes by."""

import time
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from studio.api.panel import SceneView
from studio.core.hand import Key, Pointer, Wheel
from studio.core.translation import N_

from ..camera.camera import Camera
from ..camera.navigation import Drag, Navigator

HINTS: Final = {
    "orbit": N_(
        "Drag to orbit · right-drag to pan · scroll to come closer · double-click to set the centre · F to fly"
    ),
    "fly": N_("W A S D to move · Q and E for down and up · drag to look around · scroll for the speed · F to orbit"),
    "photos": N_("Click a pyramid to look through its photo · [ and ] for the previous and the next · drag to leave"),
}
"""By the camera's mode."""
TICK_MS: Final = 8
LONGEST_STEP_S: Final = 0.1
ORBIT_KEYS: Final = frozenset({"left", "right", "up", "down", "+", "-", "z", "c", "shift"})
FLY_KEYS: Final = ORBIT_KEYS | {"w", "a", "s", "d", "q", "e"}


class NavigationInput(QObject):
    """Signals:
    moved(): the navigator's camera is somewhere else.
    started(), stopped(): the camera begins to move by hand, and has come to rest.
    pivot_wanted(x_px, y_px): a double click.
    ray_wanted(x_px, y_px): a click with Alt.
    clicked(x_px, y_px): the left button went down and up at one place.
    """

    moved = Signal()
    started = Signal()
    stopped = Signal()
    pivot_wanted = Signal(float, float)
    ray_wanted = Signal(float, float)
    clicked = Signal(float, float)

    def __init__(self, navigator: Navigator, parent: QObject) -> None:
        super().__init__(parent)
        self.navigator = navigator
        self._is_moving = False
        self._is_held = False
        self.claims: Callable[[Pointer], bool] = lambda event: False  # whether somebody else takes a press
        self._pressed_at: tuple[float, float] | None = None
        self._last_s = 0.0
        self._tick = QTimer(self, interval=TICK_MS)
        self._tick.timeout.connect(self._on_tick)

    def attach(self, canvas: SceneView) -> None:
        """Take what a person does on the canvas, but for the wheel, which needs the surface under it (`turn`)."""
        canvas.pointer_pressed.connect(self.press)
        canvas.pointer_moved.connect(self.move)
        canvas.pointer_released.connect(self.release)
        canvas.double_clicked.connect(self.double_click)
        canvas.key_pressed.connect(self.key_down)
        canvas.key_released.connect(self.key_up)
        canvas.hand_lost.connect(self.let_go)

    @property
    def is_moving(self) -> bool:
        """Whether the camera is on its way, or held."""
        return self._is_moving

    @property
    def doing(self) -> str:
        """How the hand moves the camera; empty while it rests."""
        return self.navigator.mode if self._is_moving else ""

    @property
    def keys(self) -> frozenset[str]:
        """The names of the keys that mean something now."""
        return FLY_KEYS if self.navigator.mode == "fly" else ORBIT_KEYS

    def press(self, event: Pointer) -> None:
        """A button goes down."""
        if self.claims(event):
            return
        if "alt" in event.modifiers and event.button == "left":
            self.ray_wanted.emit(event.x_px, event.y_px)
            return
        self._pressed_at = (event.x_px, event.y_px)
        self._is_held = True
        self.navigator.press(self._drag_of(event), event.x_px, event.y_px)

    def _drag_of(self, event: Pointer) -> Drag:
        if event.button in ("right", "middle") or "shift" in event.modifiers:
            return "pan"
        if "ctrl" in event.modifiers:
            return "roll"
        return "look" if self.navigator.mode == "fly" else "orbit"

    def move(self, event: Pointer) -> None:
        """The pointer goes elsewhere."""
        if self._is_held:
            if self._pressed_at is not None and _apart(self._pressed_at, event) > 3:
                self._pressed_at = None
            self.navigator.move(event.x_px, event.y_px)
            self.go()

    def release(self, event: Pointer) -> None:
        """A button goes up."""
        if not self._is_held:
            return
        self._is_held = False
        self.navigator.release()
        if self._pressed_at is not None and event.button == "left":
            self.clicked.emit(*self._pressed_at)
        self._pressed_at = None

    def double_click(self, event: Pointer) -> None:
        """Ask for the surface there."""
        if event.button == "left":
            self.pivot_wanted.emit(event.x_px, event.y_px)

    def turn(self, event: Wheel, hit_distance: float | None) -> None:
        """The wheel turns."""
        self.navigator.wheel(event.notches, event.x_px, event.y_px, hit_distance)
        self.go()

    def key_down(self, event: Key) -> None:
        """A key goes down."""
        if self.navigator.key_down(event.name):
            self.go()

    def key_up(self, event: Key) -> None:
        """A key goes up."""
        self.navigator.key_up(event.name)

    def let_go(self) -> None:
        """The keyboard is elsewhere."""
        self.navigator.let_go()
        self._is_held = False

    def jump(self, camera: Camera) -> None:
        """Be somewhere else at once: the camera was put there, and nobody has moved it."""
        self.navigator.jump(camera)
        self.navigator.advance(0.0)  # takes note of the change, which else would be told as a move of the hand

    def go(self) -> None:
        """Something moves the camera: follow it until it rests."""
        if not self._is_moving:
            self._is_moving = True
            self._last_s = time.perf_counter()
            self.started.emit()
            self._tick.start()

    def _on_tick(self) -> None:
        now = time.perf_counter()
        passed, self._last_s = min(now - self._last_s, LONGEST_STEP_S), now
        if self.navigator.advance(passed):
            self.moved.emit()
        if not self.navigator.is_moving and not self._is_held:
            self._is_moving = False
            self._tick.stop()
            self.stopped.emit()


def _apart(place: tuple[float, float], event: Pointer) -> float:
    return abs(place[0] - event.x_px) + abs(place[1] - event.y_px)
