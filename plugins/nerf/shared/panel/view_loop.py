"""Keeps the viewport in step with the camera: at once where somebody can, else finer and finer."""

import time
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from studio.api.engine import Policy
from studio.api.panel import PICTURE_KEY, EngineTasks

from ..resolution import MIN_HEIGHT, Figures, Resolution, State
from ..state import View, ViewRequest

REST_MS: Final = 150
REST_KEY: Final = "rest"
LEARNING_FPS: Final = 26.0
LONGEST_INTERVAL_S: Final = 0.5  # pictures further apart than this are no motion

Ask = Callable[[tuple[int, int]], ViewRequest]


class ViewLoop(QObject):
    """One picture is made at a time; when it is there, the next one shows the newest camera.

    Signals:
        viewed(View): a picture is there.
        failed(error): one could not be made.
    """

    viewed = Signal(object)
    failed = Signal(object)

    def __init__(self, tasks: EngineTasks, ask: Ask, parent: QObject, least_height: int = MIN_HEIGHT) -> None:
        """`ask` makes the request for a picture of a size, of the scene as it is now; see Resolution."""
        super().__init__(parent)
        self._tasks = tasks
        self._ask = ask
        self._shows_at_once: Callable[[ViewRequest], bool] | None = None
        self._resolution = Resolution(least_height=least_height)
        self._target_fps = self._resolution.target_fps
        self._viewport = (0, 0)
        self._is_drawing = False
        self._is_outdated = False
        self._moved_s = self._shown_s = 0.0
        self._is_full_due = False
        self._share: float | None = None
        self._again = QTimer(self, singleShot=True)
        self._again.timeout.connect(self._on_again)
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest.timeout.connect(self._on_rested)

    def set_viewport(self, width_px: int, height_px: int) -> None:
        """The size of the viewport in pixels of the screen."""
        if (width_px, height_px) != self._viewport and min(width_px, height_px) > 0:
            self._viewport = width_px, height_px
            self.refresh()

    def set_shortcut(self, shows_at_once: Callable[[ViewRequest], bool]) -> None:
        """Ask this first for a camera that moves; where it says True, no picture has to be made."""
        self._shows_at_once = shows_at_once

    def set_target_fps(self, fps: float) -> None:
        """How many pictures a second a moving camera shall have."""
        self._target_fps = fps
        self._aim()

    def figures(self) -> Figures:
        """What was measured."""
        return self._resolution.figures()

    def refresh(self) -> None:
        """Something is to be drawn otherwise: draw a draft now, and the rest when nothing changes any more."""
        self._tasks.cancel(REST_KEY)
        self._rest.start()
        self._moved_s = time.perf_counter()
        if self._is_drawing:
            self._is_outdated = True
        elif self._viewport[0]:
            self._draw()

    def follow_learning(self, share: float | None) -> None:
        """Draw again and again what learns meanwhile, for this share of the time; None to draw only what changes."""
        self._share = share
        self._resolution.restart()
        self._aim()
        if share is None:
            self._again.stop()
        else:
            self._again.start(0)

    def _aim(self) -> None:
        """What learns needs time of its own: there are fewer pictures of it, and larger ones."""
        is_learning = self._share is not None
        self._resolution.target_fps = min(self._target_fps, LEARNING_FPS) if is_learning else self._target_fps

    def restart(self) -> None:
        """It is drawn in another way from now on: measure anew, and draw again."""
        self._resolution.restart()
        if not self._rest.isActive() and self._share is None:
            self.refresh()

    def pause(self) -> None:
        """Draw nothing more until the next `refresh`."""
        self._rest.stop()
        self._again.stop()
        self._tasks.cancel(REST_KEY)

    def _draw(self) -> None:
        self._is_outdated = False
        if self._share is None and self._shows_at_once is not None and self._shows_at_once(self._ask(self._viewport)):
            self._note_shown()
            self._resolution.note_shown(self._viewport)
            return
        self._is_drawing = True
        request = self._ask(self._resolution.moving_size(self._viewport))
        self._tasks.ask(
            PICTURE_KEY,
            lambda engine: engine.draft(request),
            done=self._on_drawn,
            failed=self._on_failed,
            pauses=request.is_slow,
        )

    def _on_drawn(self, view: View) -> None:
        self._is_drawing = False
        self._note("moving", view)
        self._note_shown()
        self.viewed.emit(view)
        if self._is_outdated:
            self._draw()
        elif self._share is not None:
            self._again.start(round(1000 * view.seconds * (1 / self._share - 1)))

    def _note_shown(self) -> None:
        now = time.perf_counter()
        if now - self._shown_s < LONGEST_INTERVAL_S:
            self._resolution.note_interval(now - self._shown_s)
        self._shown_s = now

    def _on_again(self) -> None:
        if self._share is not None and not self._is_drawing and self._viewport[0]:
            self._draw()

    def _on_failed(self, error: BaseException) -> None:
        self._is_drawing = False
        self._rest.stop()
        self.failed.emit(error)

    def _on_rested(self) -> None:
        if not self._viewport[0] or self._share is not None:
            return
        request = self._ask(self._resolution.resting_size(self._viewport))
        self._is_full_due = True
        self._tasks.ask(
            REST_KEY,
            lambda engine: engine.refined(request),
            Policy.RESTART,
            event=self._on_refined,
            failed=self.failed.emit,
            pauses=request.is_slow,
        )

    def _on_refined(self, view: View | None) -> None:
        if view is None:
            return
        if view.fraction == 1.0:
            self._note("resting", view)
            if self._is_full_due and view.is_final_kind:
                self._is_full_due = False
                height, width = view.pixels.shape[:2]
                self._resolution.note_full((width, height), time.perf_counter() - self._moved_s)
        self.viewed.emit(view)

    def _note(self, state: State, view: View) -> None:
        height, width = view.pixels.shape[:2]
        n_rays = width * height
        self._resolution.note(state, n_rays, view.seconds, round(view.n_samples * n_rays))
