"""Joins the detective's card and map to the people's panel."""

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, QTimer

from studio.core.frame import Frame
from studio.core.view import Image

from .people_call import heat
from .verdict_card import with_heat

if TYPE_CHECKING:
    from .people_panel import PeoplePanel

HEAT_KEY: Final = "heat"
JUDGE_MS: Final = 120


def awaits_verdict(frame: Frame) -> bool:
    """Whether a frame shows a place that the detective has not judged yet."""
    return frame.state is not None and "w" in frame.state and "score" not in frame.scalars


class VerdictDesk(QObject):
    """Asks the detective a few times a second while a hand moves, which waits for pictures only, and then at rest.

    While the card is checked, the map of what is at rest lies over it.

    Attributes:
        last: the verdict on show.
    """

    def __init__(self, panel: "PeoplePanel") -> None:
        super().__init__(panel)
        self._panel = panel
        self._heat: npt.NDArray[np.float32] | None = None
        self._has_verdict = self._is_due = False
        self.last: Mapping[str, float] = {}
        self._due = QTimer(self, singleShot=True, interval=JUDGE_MS)
        self._due.timeout.connect(self._on_due)
        panel.stage.verdict.toggled.connect(self._on_toggled)

    def show_about(self, about: Any) -> None:
        """Show the card where there is a detective."""
        self._has_verdict = about.has_verdict
        self._panel.stage.verdict.setVisible(about.has_verdict)
        self._panel.stage.place_verdict()

    @property
    def is_due(self) -> bool:
        """Whether the next picture is judged as well."""
        return self._is_due or not self._panel.editor.is_in_gesture

    def show_frame(self, frame: Frame) -> None:
        """Show the share of real pictures that look less real; the last one stays until this picture is judged."""
        if awaits_verdict(frame):
            if self._has_verdict and not self._is_due and not self._due.isActive():
                self._due.start()
            return
        self._is_due = False
        self._due.stop()
        self.last = frame.scalars
        self._panel.stage.verdict.show_share(frame.scalars.get("real_share"))

    def _on_due(self) -> None:
        shown = self._panel.shown
        if shown is not None and awaits_verdict(shown[1]):
            self._is_due = True
            self._panel.request()

    def seen(self, pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
        """A picture as the canvas shows it: a new one without the map of the one before."""
        self._heat = None
        return pixels

    def toggle(self) -> None:
        """Show the map, or no longer."""
        self._panel.stage.verdict.toggle()

    def on_settled(self) -> None:
        """Ask for the map of a picture that stays."""
        if self._panel.stage.verdict.isChecked():
            work = self._panel.handle.work(partial(heat, scene=self._panel.editor.scene))
            self._panel.tasks.run(HEAT_KEY, work, done=self._on_heat)

    def _on_heat(self, found: npt.NDArray[np.float32]) -> None:
        self._heat = found
        self._show()

    def _on_toggled(self, is_on: bool) -> None:
        if is_on:
            self.on_settled()
        else:
            self._heat = None
            self._show()

    def _show(self) -> None:
        shown = self._panel.shown
        view = shown[1].main_view if shown is not None else None
        if isinstance(view, Image):
            pixels = view.pixels if self._heat is None else with_heat(view.pixels, self._heat)
            self._panel.stage.picture.show_array(pixels)
