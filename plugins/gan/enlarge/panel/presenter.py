"""Shows what lies left and right of the divider, the mix of both networks or a frame of a run, and says what it is."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from PySide6.QtCore import QObject

from studio.api.panel import Caption, Throttle, image_from_array, time_text
from studio.api.timeline.controller import TimelineController
from studio.core.frame import Frame
from studio.core.learning import Pace
from studio.core.translation import N_, _, translate
from studio.core.view import Image

from ..scene import EnlargeScene
from ..state import SCALE, EnlargeMeasured, EnlargeSheet, EnlargeSource, Pixels, mixed
from .canvas import WipeView
from .editor import EnlargeEditor
from .run import EnlargeRun
from .sections import COMPARED_TEXTS, N_EXAMPLES, EnlargeCompareSection, EnlargePictureSection, NearSection
from .sheets import EnlargeSheets

_PREVIEW: Final = "preview"
NAMES: Final = {
    "abstract-spiral": N_("Lattice"),
    "blue-periwinkle": N_("Flowers"),
    "casa-mila": N_("Courtyard"),
    "extreme-desert-hike": N_("Desert"),
    "lake-sherburne": N_("Mountains"),
    "tea-gardens": N_("Tea gardens"),
}
NO_ORIGINAL: Final = N_("Nobody knows what your own picture looked like before, so nothing can be measured here.")
MEASURING: Final = N_("This is measured as soon as the picture is drawn.")
DRAFT_MS: Final = 16
LEAST_LEFT_S: Final = 5.0
"""Less than this is not worth saying, nor what comes of less than a twentieth of the parts."""
LEFT: Final = {
    "bicubic": N_("Left of the line: what most programs do (bicubic)."),
    "lanczos": N_("Left of the line: a windowed sinc (Lanczos)."),
    "nearest": N_("Left of the line: the pixels as they are."),
    "original": N_("Left of the line: the photo before it was shrunk."),
}
TERM: Final = N_(
    "Single-image super-resolution, {n} x {n}: a residual network with pixel shuffle; the vivid one was trained "
    "against a detective (SRGAN)"
)
_FAITHFUL, _VIVID = 0.15, 0.85


def lead_of(small: tuple[int, int], scale: int) -> str:
    """The words in bold for a finished picture of so many small pixels (width, height)."""
    return _("{w:,} x {h:,} pixels become {large_w:,} x {large_h:,}.").format(
        w=small[0], h=small[1], large_w=scale * small[0], large_h=scale * small[1]
    )


def finished_text(vividness: float, compared: str) -> str:
    """What a finished picture shows: two lines at any vividness, so that nothing moves while a hand drags."""
    if vividness <= _FAITHFUL:
        own = N_("To the right, edges are drawn where they most likely are, and what is unknown stays soft.")
    elif vividness < _VIVID:
        own = N_("To the right, edges are redrawn and some fine detail is invented.")
    else:
        own = N_("To the right, everything is crisp, but the fine detail is invented.")
    return f"{translate(LEFT[compared])} {translate(own)}"


def drawing_text(n_done: int, n_parts: int) -> str:
    """What a picture shows that is drawn in part."""
    if n_done == 0:
        return _("So far the picture is simply enlarged; the network is redrawing it part by part.")
    text = N_("The network is redrawing the picture part by part; {n} of {total} are still to come.")
    return translate(text).format(n=n_parts - n_done, total=n_parts)


@dataclass(frozen=True, eq=False)
class EnlargeViews:
    """Where a picture is shown: under the wipe, in its caption, and in sections of the inspector."""

    wipe: WipeView
    caption: Caption
    compare: EnlargeCompareSection
    near: NearSection
    picture: EnlargePictureSection


class EnlargePresenter(QObject):
    """Attributes:
    is_live: whether the slider shows at once what it does, rather than a frame of the timeline.
    """

    def __init__(
        self,
        views: EnlargeViews,
        editor: EnlargeEditor,
        sheets: EnlargeSheets,
        runs: EnlargeRun,
        timeline: TimelineController,
    ) -> None:
        super().__init__(views.wipe)
        self._views, self._editor, self._sheets, self._runs, self._timeline = views, editor, sheets, runs, timeline
        self._frame: Frame | None = None  # of a run, shown last
        self._sheet: EnlargeSheet | None = None  # of the frame
        self._is_waiting = True  # that frame is still one of the picture before
        self.is_live = True
        self._pace = Pace()
        self._drafts = Throttle(DRAFT_MS, self._show, self)
        sheets.changed.connect(self._on_sheets_changed)
        sheets.measured.connect(self._on_measured)
        views.near.show_none(translate(MEASURING))

    # What is on screen

    def begin_picture(self) -> None:
        """Another picture is coming: all of it shall be seen, and nothing of it is known."""
        self._views.caption.set_lead(_("Another picture."))
        self._views.caption.set_text(_("It is simply enlarged first; then the network redraws it."))
        self.is_live = self._is_waiting = True
        self._pace = Pace()
        self._views.wipe.fit()
        self._views.near.show_none(translate(MEASURING))

    def request(self) -> None:
        """Show soon what has changed."""
        self._drafts.request()

    def show_frame(self, frame: Frame, scene: EnlargeScene) -> None:
        """Show a frame of a run; where that is the newest, the mix of both networks stands for it once it is there."""
        is_end = frame.step == frame.n_steps - 1
        is_drawn_again = self._sheets.both is not None and self._runs.is_busy and not self._runs.is_branch_shown
        self._frame, self._sheet, self._is_waiting = frame, None, False
        self._pace.note(time.monotonic(), frame.step)
        self.is_live = self._runs.is_own_shown and (is_end or is_drawn_again)
        self._show()

    def _show(self) -> None:
        scene, left, right = self._editor.scene, self._sheets.left, self._right()
        if right is not None and left is not None and left.size != right.size:
            left = None  # a frame of another picture
        left_name = translate(COMPARED_TEXTS[scene.compared][0]) if left is not None else ""
        self._views.wipe.show_sheets(left, right, (left_name, name_of(scene.params.vividness)))
        self._describe()

    def _right(self) -> EnlargeSheet | None:
        if self.is_live and self._sheets.both is not None:
            return replace(self._sheets.both, vividness=self._editor.scene.params.vividness)
        if self._sheet is None and self._frame is not None:
            view = self._frame.main_view
            self._sheet = self._sheet_of(coloured(view.pixels)) if isinstance(view, Image) else None
        return self._sheet

    def _sheet_of(self, pixels: Pixels) -> EnlargeSheet:
        """The picture of the frame; one that is reduced stands for the whole."""
        source = self._sheets.source
        height, width = pixels.shape[:2]
        if source is not None and self._is_reduced:
            return EnlargeSheet((SCALE * source.small.shape[1], SCALE * source.small.shape[0]), (), (pixels,))
        return EnlargeSheet((width, height), (pixels,), (pixels,))

    @property
    def _is_reduced(self) -> bool:
        return self._frame is not None and _PREVIEW in (self._frame.state or {})

    def whole(self, frame: Frame) -> Frame:
        """The frame on screen, in full size where it is reduced for the timeline and the whole is there."""
        both = self._sheets.both
        if not self._is_reduced or both is None or not self.is_live:
            return frame
        faithful, vivid = both.parts
        pixels = mixed(faithful, vivid, self._editor.scene.params.vividness)
        return replace(frame, views={"picture": Image(pixels)})

    def _describe(self) -> None:
        caption, frame, source = self._views.caption, self._frame, self._sheets.source
        track, scene = self._timeline.track, self._editor.scene
        if frame is None or self._is_waiting:
            return
        if track is not None and track.recording.info.kind == "training":
            caption.set_text(_("Simply enlarged, as the network draws it so far, and the photo itself."))
        elif not self.is_live and frame.step < frame.n_steps - 1:
            caption.set_lead(f"{frame.label}.")
            caption.set_text(f"{drawing_text(frame.step, frame.n_steps - 1)} {self._left_text(frame.n_steps)}".rstrip())
        elif source is not None:
            n = translate(TERM).format(n=SCALE)
            caption.set_lead(lead_of((source.small.shape[1], source.small.shape[0]), SCALE))
            caption.set_text(finished_text(scene.params.vividness, scene.compared), n)

    def _left_text(self, n_steps: int) -> str:
        """How long it takes until the picture is whole, where that is known and long."""
        n_done = len(self._timeline.recording or ()) - 1
        left_s = self._pace.seconds_left(n_steps - 1 - n_done) or 0.0
        if not self._timeline.is_growing or 20 * n_done < n_steps or left_s < LEAST_LEFT_S:
            return ""
        text = time_text(left_s)
        return f"{text[0].upper()}{text[1:]}."

    # The inspector

    def opened(self, found: Sequence[EnlargeSource]) -> None:
        """The model is open: show the examples."""
        names = [title_of(one) for one in found]
        self._views.picture.show_examples([image_from_array(one.small) for one in found], names)

    def show_scene(self, scene: EnlargeScene) -> None:
        """Show which picture it is, and what it is compared with."""
        source = self._sheets.source
        self._views.compare.show_compared(scene.compared, source is not None and source.large is not None)
        number = None if scene.picture is not None else (scene.params.seed - 1) % N_EXAMPLES
        self._views.picture.show_chosen(number, "" if source is None else size_text(source))

    def _on_sheets_changed(self) -> None:
        self.show_scene(self._editor.scene)
        self._show()

    def _on_measured(self, found: EnlargeMeasured) -> None:
        if found.nearness:
            self._views.near.show_figures(found.nearness)
        else:
            self._views.near.show_none(translate(NO_ORIGINAL))


def title_of(source: EnlargeSource) -> str:
    """What a picture is called; examples have names that can be translated."""
    return translate(NAMES.get(source.name, source.name))


def size_text(source: EnlargeSource) -> str:
    """The name of a picture, and how large it is and becomes."""
    height, width = source.small.shape[:2]
    text = N_("{name} · {w:,} x {h:,} px become {large_w:,} x {large_h:,} px")
    return translate(text).format(
        name=title_of(source), w=width, h=height, large_w=SCALE * width, large_h=SCALE * height
    )


def name_of(vividness: float) -> str:
    """A few words for a mix."""
    if vividness in (0.0, 1.0):
        return _("Vivid") if vividness else _("Faithful")
    return _("{percent} % vivid").format(percent=round(100 * vividness))


def coloured(pixels: Pixels) -> Pixels:
    """A grey picture (H, W) in three equal colours, a coloured one as it is."""
    return pixels if pixels.ndim == 3 else np.repeat(pixels[..., None], 3, 2)
