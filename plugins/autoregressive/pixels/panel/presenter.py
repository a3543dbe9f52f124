"""Shows a moment of a run of pictures, and asks the engine about the marked pixel once the hand rests."""

from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject

from studio.api.panel import Caption, Throttle, coloured_amount
from studio.api.timeline.controller import TimelineController
from studio.core.frame import Frame
from studio.core.picture import read_picture
from studio.core.translation import _, translate
from studio.core.view import ByteArray, Image

from ...shared.panel.probe import NextValueSection, ProbeQuery
from ...shared.panel.runs import PlayedRun
from ..scene import Mask, PixelScene, PixelSheet, box_of
from ..state import MOST_BITS, Bytes, coloured
from ..view_model import TERM, PixelViewModel, blind_words, chosen_words, describe, field_words, lead, view_model_of
from .canvas import PixelCanvasContent
from .editor import PixelEditor
from .endings import PixelStage
from .sections import PixelDependenceSection, WholePictureSection

if TYPE_CHECKING:
    from ..engine import PixelEngine, PixelModelInfo

SAY_MS: Final = 150
VEIL = 0.72
"""How much of a picture a map covers where it is strongest."""


@dataclass(frozen=True, eq=False)
class PixelProbe:
    """One pixel of a picture.

    Attributes:
        place: its number in reading order. key: what the look was taken of.
        chances: (V,) probabilities of its levels.
        amount: (H, W) by how many bits others change its surprise. is_seen: (H, W) its receptive field.
        is_seen_plainly: (H, W) that of a plain masked network, with its blind spot.
    """

    place: int
    key: Any
    chances: npt.NDArray[np.float32]
    amount: npt.NDArray[np.float32]
    is_seen: npt.NDArray[np.bool_]
    is_seen_plainly: npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class OpenedPixels:
    """A model that is open: what a panel has to know, and the example of a number, None where none is shipped."""

    about: "PixelModelInfo"
    example: Bytes | None
    number: int


def open_pixels(engine: "PixelEngine", number: int) -> OpenedPixels:
    """Open the model, and take an example."""
    return OpenedPixels(engine.about(), engine.example(number), number)


def probe_pixel(
    engine: "PixelEngine", values: Bytes, label: int, place: int, key: Any
) -> Generator[None, None, PixelProbe]:
    """What is said about a pixel of a picture (H, W), and why."""
    chances = engine.distribution(values, label, place)
    yield
    found = engine.dependence(values, label, place)
    yield
    return PixelProbe(place, key, chances, found.amount, found.is_seen, engine.plain_receptive_field(place))


def own_picture(engine: "PixelEngine", source: Path | ByteArray) -> Bytes:
    """A person's picture, from a file or as pixels (H, W, 3), as levels (H, W) in the size of the model."""
    rgb = read_picture(source).rgb if isinstance(source, Path) else source
    return engine.fitted(rgb)


class PixelProbeQuery(ProbeQuery):
    """Signals: see ProbeQuery; what is found is a PixelProbe."""

    look: PixelProbe | None

    def want(self, seen: PixelViewModel, ending: int, place: int) -> None:
        """Look at a pixel of one ending; what was found for another moment is given up."""
        values, label = _before(seen.values[ending], place), int(seen.labels[ending])
        if label >= 0:
            self.ask(probe_pixel, (place, label, values.tobytes()), values=values, label=label, place=place)


def _before(values: Bytes, place: int) -> Bytes:
    """The picture with nothing behind a place: nothing there can matter, and so the same look serves longer."""
    flat = values.ravel().copy()
    flat[place + 1 :] = 0
    return flat.reshape(values.shape)


@dataclass(frozen=True, eq=False)
class PixelViews:
    """Where a moment of a run is shown: on the stage and in its caption, and in sections of the inspector."""

    stage: PixelStage
    caption: Caption
    next: NextValueSection
    look: PixelDependenceSection
    whole: WholePictureSection


class PixelPresenter(QObject):
    """Attributes:
    about: what the open model is, None before it is open.
    shown: the frame on screen. seen: what it is of a run, None where another model or a training made it.
    ending: which of the ways in which the picture is finished is large.
    """

    def __init__(
        self,
        views: PixelViews,
        editor: PixelEditor,
        timeline: TimelineController,
        runs: PlayedRun,
        looks: PixelProbeQuery,
    ) -> None:
        super().__init__(timeline)
        self._views, self._editor, self._timeline, self._runs, self._looks = views, editor, timeline, runs, looks
        self.about: PixelModelInfo | None = None
        self.shown: Frame | None = None
        self.seen: PixelViewModel | None = None
        self.ending = 0
        self._was_playing = False
        self._saying = Throttle(SAY_MS, self._say, self)
        timeline.playback.changed.connect(self._follow_playback)
        looks.found.connect(self.redraw)
        views.stage.endings.chosen.connect(self._choose_ending)

    @property
    def place(self) -> int | None:
        """The marked pixel: the one that was clicked, where it is there already, or the one that comes next."""
        seen, chosen = self.seen, self._editor.scene.place
        if seen is None:
            return None
        if chosen is not None and chosen < seen.n_places and (chosen <= seen.place or seen.is_known.ravel()[chosen]):
            return chosen
        return int(seen.surprise[self.ending].argmax()) if seen.is_whole else seen.place

    def show_frame(self, frame: Frame, scene: PixelScene) -> None:
        """Show a frame."""
        self.shown, self.seen = frame, view_model_of(frame)
        if self.seen is not None:
            self.ending = min(self.ending, len(self.seen.values) - 1)
        self.redraw()

    def redraw(self) -> None:
        """Show the moment with all that is known of it."""
        seen, about, stage = self.seen, self.about, self._views.stage
        if seen is None or about is None:
            self._show_foreign()
            return
        self._look(seen)
        stage.canvas.show_picture(self._picture(seen, about.n_levels))
        pictures = [seen.picture(number, about.n_levels) for number in range(len(seen.values))]
        stage.endings.show_endings(pictures, self.ending)
        if self._timeline.playback.is_playing:
            self._saying.request()
        else:
            self._say()

    def _say(self) -> None:
        """Show all that is said in words and plots; nobody reads that as fast as pixels come."""
        seen, about = self.seen, self.about
        if seen is not None and about is not None:
            self._show_next(seen)
            self._show_look_words()
            self._views.whole.show_bits(seen.bits(self.ending), about.usual_bits, seen.is_whole)
            self._describe(seen, about)

    def _follow_playback(self) -> None:
        """Look into the marked pixel as soon as nothing moves any more."""
        is_playing = self._timeline.playback.is_playing
        if self._was_playing and not is_playing:
            self.redraw()
        self._was_playing = is_playing

    def _choose_ending(self, number: int) -> None:
        """Show another ending in large."""
        self.ending = number
        self.redraw()

    def show_scene(self, scene: PixelScene) -> None:
        """There is an ending in large also where fewer are asked for."""
        self.ending = min(self.ending, scene.params.n_endings - 1)

    def show_sheet(self, sheet: PixelSheet | None) -> None:
        """Show a sheet that a hand is at work on."""
        about = self.about
        if sheet is None or about is None:
            return
        side, is_known = len(sheet.values), ~sheet.is_erased
        flat = coloured(sheet.values.reshape(1, -1), is_known.ravel(), about.n_levels)
        self._views.stage.canvas.show_picture(PixelCanvasContent(flat[0].reshape(side, side, 3), is_known))

    def _show_foreign(self) -> None:
        """What a training or another model has made: its picture as it is."""
        view = self.shown.main_view if self.shown is not None else None
        if isinstance(view, Image):
            self._views.stage.endings.show_endings([], 0)
            known = np.ones(view.pixels.shape[:2], np.bool_)
            self._views.stage.canvas.show_picture(PixelCanvasContent(_squared(view.pixels), _squared(known)))
            self._views.caption.set_text(_("What the network draws so far."))

    # The picture and what is laid over it

    def _look(self, seen: PixelViewModel) -> None:
        place = self.place
        is_moving = self._timeline.playback.is_playing or self._runs.is_running
        if place is None or (is_moving and self._editor.scene.place is None):
            self._looks.forget()
        else:
            self._looks.want(seen, self.ending, place)

    def _picture(self, seen: PixelViewModel, n_levels: int) -> PixelCanvasContent:
        shown, look = self._editor.scene.shown, self._looks.look
        veil, box = self._veil(seen, shown), None
        if look is not None and shown == "field":
            box = box_of(look.is_seen)
        order = None
        if shown == "order":
            order = 0 if self.place is None else self.place
        return PixelCanvasContent(seen.picture(self.ending, n_levels), seen.is_known, self.place, veil, box, order)

    def _veil(self, seen: PixelViewModel, shown: str) -> ByteArray | None:
        look = self._looks.look
        if shown == "surprise":
            return veil_of(seen.surprise[self.ending], MOST_BITS)
        if look is None:
            return None
        if shown == "field":
            return veil_of(look.amount, max(float(look.amount.max()), 1e-6))
        if shown == "blind":
            return spot_veil(look.is_seen & ~look.is_seen_plainly)
        return None

    # Words

    def _show_next(self, seen: PixelViewModel) -> None:
        section, look, place = self._views.next, self._looks.look, self.place
        if place == seen.place and seen.chances is not None:
            chances = seen.chances[self.ending]  # by which it is drawn
        elif look is not None and look.place == place:
            chances = look.chances
        else:
            section.show_chances(None)
            return
        is_there = place is not None and bool(seen.is_known.ravel()[place])
        level = int(seen.values[self.ending].ravel()[place]) if is_there and place is not None else None
        section.show_chances(chances, level)

    def _show_look_words(self) -> None:
        shown, look = self._editor.scene.shown, self._looks.look
        words = ""
        if look is not None and shown == "field":
            words = field_words(int(look.is_seen.sum()), look.place)
        elif look is not None and shown == "blind":
            words = blind_words(int((look.is_seen & ~look.is_seen_plainly).sum()))
        self._views.look.show_map(shown, words)

    def _describe(self, seen: PixelViewModel, about: "PixelModelInfo") -> None:
        """Say what is to be seen at the playhead."""
        label, chosen, place = int(seen.labels[self.ending]), self._editor.scene.place, seen.place
        kind = about.labels[label] if label >= 0 else ""
        is_asked = bool(self._runs.shown_params(self._editor.scene.params).kind)
        text = describe(seen, self.ending, kind, is_asked)
        if chosen is not None and chosen == self.place and chosen < seen.place:
            row, column = divmod(chosen, seen.side)
            place, surprise = chosen, float(seen.surprise[self.ending, row, column])
            text = chosen_words(row, column, surprise, seen.bits(self.ending) or 0.0)
        self._views.caption.set_lead(lead(place, seen.n_places))
        self._views.caption.set_text(text, translate(TERM))


def _squared(picture: np.ndarray) -> np.ndarray:
    """A wide picture in the middle of a square."""
    height, width = picture.shape[:2]
    side = max(height, width)
    sheet = np.zeros((side, side, *picture.shape[2:]), picture.dtype)
    top, left = (side - height) // 2, (side - width) // 2
    sheet[top : top + height, left : left + width] = picture
    return sheet


def veil_of(amount: npt.NDArray[np.float32], most: float) -> ByteArray:
    """(H, W, 4): a map (H, W) of amounts up to `most` to be laid over a picture, clear where there is nothing."""
    share = np.clip(amount / max(most, 1e-9), 0, 1).astype(np.float32)
    alpha = np.round(255 * VEIL * np.sqrt(share)).astype(np.uint8)
    return np.ascontiguousarray(np.concatenate([coloured_amount(share), alpha[..., None]], -1))


def spot_veil(is_missed: Mask) -> ByteArray:
    """(H, W, 4): pixels that could not be seen, in the strongest colour."""
    return veil_of(is_missed.astype(np.float32), 1.0)
