"""What lies left and right of the divider: the mix of both networks' pictures, or a frame of the timeline."""

from dataclasses import replace
from functools import partial
from typing import Final

import numpy as np
from PySide6.QtCore import QObject, Signal

from studio.api.engine import EngineHandle, Policy
from studio.api.panel import TaskScope
from studio.core.frame import Frame
from studio.core.translation import _, translate
from studio.core.view import Image

from ..scene import EnlargeScene
from ..state import SCALE, EnlargeMeasured, EnlargeSheet, EnlargeSource, Pixels, compared, mixed
from .canvas import WipeView
from .sections import COMPARED_TEXTS

_OPENED: Final = "opened"
_COMPARED: Final = "compared"
_FINISHED: Final = "finished"
_MEASURED: Final = "measured"
_PREVIEW: Final = "preview"


class EnlargeSheets(QObject):
    """Attributes:
        opened: the picture that is enlarged; None until the engine has said so.
        left: what it is compared with; None until it is there.
        both: what both networks have made of it; None until the run is over.

    Signals:
        changed(): one of them is another one.
        measured(Measured): the figures of the scene as it is.
        failed(error): the picture could not be had.
    """

    changed = Signal()
    measured = Signal(object)
    failed = Signal(object)

    def __init__(self, tasks: TaskScope, handle: EngineHandle, parent: QObject) -> None:
        super().__init__(parent)
        self._tasks, self._handle = tasks, handle
        self._scene: EnlargeScene | None = None
        self.opened: EnlargeSource | None = None
        self.left: EnlargeSheet | None = None
        self.both: EnlargeSheet | None = None
        self._figures = EnlargeMeasured()

    def take(self, scene: EnlargeScene) -> None:
        """Follow a scene: another picture, another comparison, or only another vividness."""
        before, self._scene = self._scene, scene
        if before is None or not before.is_same_picture(scene):
            self.opened = self.left = self.both = None
            self._figures = EnlargeMeasured()
            for key in (_OPENED, _COMPARED, _FINISHED, _MEASURED):
                self._tasks.cancel(key)
            own = None if scene.picture is None else EnlargeSource(scene.picture, None, scene.name)
            work = self._handle.work(lambda engine: own or engine.example(scene.params.seed))
            # These short works go before the run (LATEST), or nothing could be compared until it is over.
            self._tasks.run(_OPENED, work, done=self._on_opened, failed=self.failed.emit)
            self.changed.emit()
        elif before.compared != scene.compared:
            self._compare()

    def _on_opened(self, opened: EnlargeSource) -> None:
        self.opened = opened
        self._compare()
        self.changed.emit()

    def _compare(self) -> None:
        opened, scene = self.opened, self._scene
        if opened is not None and scene is not None:
            self._tasks.run(_COMPARED, lambda: compared(opened, scene.compared), done=self._on_compared)

    def _on_compared(self, sheet: EnlargeSheet) -> None:
        self.left = sheet
        self.changed.emit()

    def finish(self) -> None:
        """The run is over: fetch what both networks have drawn, and measure it."""
        opened = self.opened
        if opened is None:
            return
        if self.both is not None:
            self._measure()
            return
        work = self._handle.work(lambda engine: engine.sheet(opened.small))
        self._tasks.run(_FINISHED, work, done=partial(self._on_finished, opened))

    def _on_finished(self, opened: EnlargeSource, sheet: EnlargeSheet | None) -> None:
        if sheet is not None and opened is self.opened:  # or the engine has gone on to another picture
            self.both = sheet
            self.changed.emit()
            self._measure()

    def _measure(self) -> None:
        opened, both, known = self.opened, self.both, self._figures
        if opened is None or both is None or self._scene is None:
            return
        if opened.large is None:
            self.measured.emit(EnlargeMeasured())
            return
        self._tasks.cancel(_MEASURED)
        vividness = self._scene.params.vividness
        work = self._handle.work(lambda engine: engine.measured(opened, both, vividness, known))
        self._tasks.run(_MEASURED, work, Policy.BACKGROUND, done=self._on_measured)

    def _on_measured(self, found: EnlargeMeasured) -> None:
        self._figures = found
        self.measured.emit(found)


class EnlargeCompareSource:
    """Attributes:
    frame: of a run, shown last; None before the first picture.
    is_live: whether the slider shows at once what it does, rather than a frame of the timeline.
    is_waiting: whether that frame is still one of the picture before.
    """

    def __init__(self, view: WipeView, sheets: EnlargeSheets) -> None:
        self._view, self._sheets = view, sheets
        self._sheet: EnlargeSheet | None = None  # of the frame
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

    def _right(self, scene: EnlargeScene) -> EnlargeSheet | None:
        if self.is_live and self._sheets.both is not None:
            return replace(self._sheets.both, vividness=scene.params.vividness)
        if self._sheet is None and self.frame is not None:
            view = self.frame.main_view
            self._sheet = self._sheet_of(coloured(view.pixels)) if isinstance(view, Image) else None
        return self._sheet

    def _sheet_of(self, pixels: Pixels) -> EnlargeSheet:
        """The picture of the frame; one that is reduced stands for the whole."""
        opened = self._sheets.opened
        height, width = pixels.shape[:2]
        if opened is not None and self._is_reduced:
            return EnlargeSheet((SCALE * opened.small.shape[1], SCALE * opened.small.shape[0]), (), (pixels,))
        return EnlargeSheet((width, height), (pixels,), (pixels,))

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
        return _("Vivid") if vividness else _("Faithful")
    return _("{percent} % vivid").format(percent=round(100 * vividness))


def coloured(pixels: Pixels) -> Pixels:
    """A grey picture (H, W) in three equal colours, a coloured one as it is."""
    return pixels if pixels.ndim == 3 else np.repeat(pixels[..., None], 3, 2)
