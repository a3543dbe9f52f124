"""Shows frames on the canvas: which of their pictures, how large, and what stands under them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from PySide6.QtCore import QObject

from studio.core.frame import Frame
from studio.core.text import N_, translate
from studio.core.view import Image

from .step_canvas import Shown, StepCanvas
from .view_name import CHANGE, NOISE_LEFT, NOISY, PREDICTED, REMOVED

LABELS: Final = {
    NOISY: N_("Noisy image at this step"),
    PREDICTED: N_("What the model believes it will become"),
    REMOVED: N_("Noise that the model sees in it"),
    CHANGE: N_("What the belief has changed since the last step"),
}
CRISP: Final = (NOISY, REMOVED, CHANGE)
FIRST_SHOWN: Final = (NOISY, PREDICTED)


class CanvasDesk(QObject):
    """Attributes:
    shown: the names of the views that are wanted, the large one first.
    frame: what is on the canvas; None before the first picture.
    """

    def __init__(self, canvas: StepCanvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self.shown: tuple[str, ...] = FIRST_SHOWN
        self.frame: Frame | None = None
        self._n_items = 1
        self._is_finished = False

    def set_shown(self, names: Sequence[str]) -> None:
        """Show these views from now on."""
        self.shown = tuple(names)
        self._draw()

    def show(self, frame: Frame, n_items: int = 1) -> None:
        """Show a frame of a run; `n_items` are in the batch."""
        self.frame, self._n_items = frame, n_items
        self._draw()

    def sharpen(self, frame: Frame, belief: Image) -> None:
        """Show what is believed in at a frame as the decoder draws it, if the frame is still there."""
        if frame is self.frame:
            self.frame = replace(frame, views={**frame.views, PREDICTED: belief})
            self._draw()

    def _draw(self) -> None:
        frame = self.frame
        if frame is None:
            return
        found = {name: view for name, view in frame.views.items() if isinstance(view, Image)}
        names = [name for name in self.shown if name in found] or list(found)[:1]
        self._is_finished = is_finished(frame)
        if self._is_finished and {NOISY, PREDICTED} <= set(names):
            names.remove(PREDICTED)  # both are the finished picture
        self._canvas.set_pictures([self._shown(name, found[name]) for name in names], self._n_items)

    def _shown(self, name: str, view: Image) -> Shown:
        is_finished = self._is_finished and name in (NOISY, PREDICTED)
        label = N_("Finished picture") if is_finished else LABELS.get(name, "")
        return Shown(name, view.pixels, translate(label), name in CRISP and not is_finished)


def is_finished(frame: Frame) -> bool:
    """Whether a frame shows the end of a run, also where it is one of many pictures of a path.

    The last frame of a dissolving is no end: nothing is believed in there.
    """
    return PREDICTED in frame.views and frame.scalars.get(NOISE_LEFT) == 0
