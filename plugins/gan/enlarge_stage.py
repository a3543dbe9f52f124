"""What lies left and right of the divider: the mix of both networks' pictures, or a frame of the timeline."""

from dataclasses import replace
from typing import Final

import numpy as np

from studio.core.frame import Frame
from studio.core.text import N_, translate
from studio.core.view import Image

from .enlarge_picture import SCALE, Pixels, Sheet, mixed
from .enlarge_scene import EnlargeScene
from .enlarge_sections import COMPARED_TEXTS
from .enlarge_sheets import EnlargeSheets
from .enlarge_view import WipeView

_PREVIEW: Final = "preview"


class EnlargeStage:
    """Attributes:
    frame: of a run, shown last; None before the first picture.
    is_live: whether the slider shows at once what it does, rather than a frame of the timeline.
    is_waiting: whether that frame is still one of the picture before.
    """

    def __init__(self, view: WipeView, sheets: EnlargeSheets) -> None:
        self._view, self._sheets = view, sheets
        self._sheet: Sheet | None = None  # of the frame
        self.frame: Frame | None = None
        self.is_live = True
        self.is_waiting = True

    def take(self, frame: Frame, is_live: bool) -> None:
        """Have another frame; where `is_live` is set, the mix of both networks stands for it once it is there."""
        self.frame, self._sheet = frame, None
        self.is_live, self.is_waiting = is_live, False

    def begin_picture(self) -> None:
        """Another picture is coming: all of it shall be seen."""
        self.is_waiting = True
        self._view.set_zoom(None)

    def show(self, scene: EnlargeScene) -> None:
        """Draw both sides."""
        right, left = self._right(scene), self._sheets.left
        if right is not None and left is not None and left.size != right.size:
            left = None  # a frame of another picture
        left_name = translate(COMPARED_TEXTS[scene.compared]) if left is not None else ""
        self._view.show_sheets(left, right, (left_name, name_of(scene.params.vividness)))

    def _right(self, scene: EnlargeScene) -> Sheet | None:
        if self.is_live and self._sheets.both is not None:
            return replace(self._sheets.both, vividness=scene.params.vividness)
        if self._sheet is None and self.frame is not None:
            view = self.frame.main_view
            self._sheet = self._sheet_of(coloured(view.pixels)) if isinstance(view, Image) else None
        return self._sheet

    def _sheet_of(self, pixels: Pixels) -> Sheet:
        """The picture of the frame; one that is reduced stands for the whole."""
        opened = self._sheets.opened
        height, width = pixels.shape[:2]
        if opened is not None and self._is_reduced:
            return Sheet((SCALE * opened.small.shape[1], SCALE * opened.small.shape[0]), (), (pixels,))
        return Sheet((width, height), (pixels,), (pixels,))

    @property
    def _is_reduced(self) -> bool:
        return self.frame is not None and _PREVIEW in (self.frame.state or {})

    def whole_frame(self, scene: EnlargeScene) -> Frame | None:
        """The frame, with the picture in full size where it is reduced for the timeline and the whole is there."""
        both = self._sheets.both
        if self.frame is None or not self._is_reduced or both is None or not self.is_live:
            return self.frame
        faithful, vivid = both.parts
        return replace(self.frame, views={"picture": Image(mixed(faithful, vivid, scene.params.vividness))})


def name_of(vividness: float) -> str:
    """A few words for a mix."""
    if vividness in (0.0, 1.0):
        return translate(N_("Vivid") if vividness else N_("Faithful"))
    return translate(N_("{percent} % vivid")).format(percent=round(100 * vividness))


def coloured(pixels: Pixels) -> Pixels:
    """A grey picture (H, W) in three equal colours, a coloured one as it is."""
    return pixels if pixels.ndim == 3 else np.repeat(pixels[..., None], 3, 2)
