"""The middle of the styles panel: a row of pictures or a wipe, of what a frame holds, and what is said of it."""

from collections.abc import Mapping
from typing import Final

import numpy as np
from PySide6.QtWidgets import QStackedWidget

from studio.api.panel import Caption, CompareCanvas, Side, colour_difference, coloured_amount
from studio.api.timeline.controller import TimelineController
from studio.core.frame import Frame
from studio.core.translation import N_, _, translate
from studio.core.view import ByteArray, Image

from ..scene import SHOWN, StylesExamples, StylesScene
from .canvas import CycleTile, CycleView
from .sections import StylesScoreBars

GAIN: Final = 4.0
"""A quarter of the distance from black to white has the brightest colour: most changes are shades."""
STYLE_NAMES: Final = {False: N_("Flat"), True: N_("Glossy")}
MAKERS: Final = {False: N_("flat, like Google’s Noto"), True: N_("glossy, like Microsoft’s Fluent")}
TERM: Final = N_("CycleGAN: two generators and two discriminators, trained without pairs")


def live_caption(scene: StylesScene, name: str, scalars: Mapping[str, float]) -> str:
    """What is on screen: which picture, which way, what the discriminator says, how well it comes back."""
    subject = N_("Your picture, redrawn {style}.") if scene.own is not None else N_("“{name}”, redrawn {style}.")
    verdict = N_(
        "The detective for that style finds it more genuine than {share:.0f} of 100 real emoji; the original, more "
        "than {share_original:.0f}."
    )
    returned = N_("Translated back, its colours are {percent:.1f} % off.")
    text = " ".join(translate(part) for part in (subject, verdict, returned))
    return text.format(
        name=name,
        style=translate(MAKERS[not scene.is_back]),
        share=100 * scalars["verdict"],
        share_original=100 * scalars["verdict_original"],
        percent=100 * scalars["returned"],
    )


def turns_caption(frame: Frame) -> str:
    """What a frame of the way back and forth shows."""
    text = N_(
        "After {n} translations in a row, every second one back. Its colours are {percent:.1f} % off the original: "
        "what one translation loses, the next cannot bring back."
    )
    return translate(text).format(n=frame.step, percent=100 * frame.scalars["changed"])


def learning_caption(frame: Frame) -> str:
    """What a picture of a training shows."""
    text = N_(
        "After {n:,} of {total:,} training steps: held-out flat emoji, and the same redrawn glossy; below, glossy "
        "ones redrawn flat."
    )
    return translate(text).format(n=frame.step + 1, total=frame.n_steps)


class StylesStage(QStackedWidget):
    """Attributes:
    cycle: original, translation, and the way back or the changes. compare: the wipe of both, in its place.
    """

    def __init__(self) -> None:
        super().__init__()
        self.cycle, self.compare = CycleView(), CompareCanvas()
        self.compare.setAccessibleName(_("Original and translation"))
        self.compare.set_mode("wipe")
        self.addWidget(self.cycle)
        self.addWidget(self.compare)

    def show_frame(self, frame: Frame, scene: StylesScene, shown: str) -> None:
        """Lay out what a frame of a scene holds, in one of the ways of SHOWN."""
        made, original = _pixels(frame, "picture"), _pixels(frame, "original")
        is_compared = shown == "wipe" and original is not None
        self.setCurrentWidget(self.compare if is_compared else self.cycle)
        if is_compared:
            styles = [translate(STYLE_NAMES[is_glossy]) for is_glossy in (scene.is_back, _is_glossy(scene, frame))]
            sides = Side(_("Original"), styles[0]), Side(_("Translation"), styles[1], 1)
            self.compare.show_pictures(original, made, sides)
        elif made is not None:
            self.cycle.show_tiles(_tiles(scene, frame, shown == "changes"))


class StylesPresenter:
    """Shows frames on the stage, in the caption, and as what the discriminator says."""

    def __init__(
        self, stage: StylesStage, caption: Caption, verdict: StylesScoreBars, timeline: TimelineController
    ) -> None:
        self._stage, self._caption, self._verdict, self._timeline = stage, caption, verdict, timeline
        self._examples: StylesExamples | None = None
        self._present: tuple[Frame, StylesScene] | None = None
        self._shown = SHOWN[0]

    def opened(self, examples: StylesExamples) -> None:
        """Now it is known what the examples are called."""
        self._examples = examples
        self._describe()

    def show_scene(self, scene: StylesScene) -> None:
        """Show the frame in the way that the scene says."""
        if scene.shown != self._shown:
            self._shown = scene.shown
            self._show_canvas()

    def show_frame(self, frame: Frame, scene: StylesScene) -> None:
        """Show a frame that was made of a scene."""
        self._present = frame, scene
        self._show_canvas()
        self._describe()

    def _show_canvas(self) -> None:
        if self._present is not None:
            self._stage.show_frame(*self._present, self._shown)

    def _describe(self) -> None:
        if self._present is None:
            return
        frame, scene = self._present
        scalars, term = frame.scalars, translate(TERM)
        if "returned" in scalars:
            name = "" if self._examples is None else self._examples.names[self._examples.index(scene.seed)]
            self._caption.set_text(live_caption(scene, name, scalars), term)
            self._verdict.set_shares(scalars["verdict_original"], scalars["verdict"])
        elif "verdict" in scalars:
            self._caption.set_text(turns_caption(frame), term)
            self._verdict.set_shares(None, scalars["verdict"])
        else:
            self._caption.set_text(self._foreign_caption(frame))
            self._verdict.set_shares(None, None)

    def _foreign_caption(self, frame: Frame) -> str:
        """What is on screen where it is no translation of this model: how one learns, or what another one drew."""
        track = self._timeline.track
        if track is not None and track.recording.info.kind == "training":
            return learning_caption(frame)
        return _("Another model drew this. Click an example to return to this one.")


def _pixels(frame: Frame, name: str) -> ByteArray | None:
    view = frame.views.get(name)
    return view.pixels if isinstance(view, Image) and view.pixels.ndim == 3 else None


def _is_glossy(scene: StylesScene, frame: Frame) -> bool:
    """Which style the main picture of a frame is in."""
    is_turned = frame.step % 2 == 1 if "returned" not in frame.scalars else True
    return scene.is_back != is_turned


def _tiles(scene: StylesScene, frame: Frame, shows_changes: bool) -> list[CycleTile]:
    """Original, translation and the way back or the changes, as far as the frame has them."""
    wanted = translate(STYLE_NAMES[_is_glossy(scene, frame)])
    origin = translate(STYLE_NAMES[scene.is_back])
    made, original, again = (_pixels(frame, name) for name in ("picture", "original", "again"))
    if made is None or original is None:
        return [] if made is None else [CycleTile("", "", made)]
    title = N_("Translation") if again is not None else N_("After {n} translations")
    tiles = [
        CycleTile(_("Original"), origin, original),
        CycleTile(translate(title).format(n=frame.step), wanted, made),
    ]
    if shows_changes:
        differing = coloured_amount(colour_difference(original, made) * np.float32(GAIN))
        words = _("{percent:.1f} %, shown four times as bright")
        detail = words.format(percent=100 * frame.scalars["changed"])
        return [*tiles, CycleTile(_("What changed"), detail, differing, is_made=False)]
    if again is None:
        return tiles
    words = _("{style}, off by {percent:.1f} %")
    detail = words.format(style=origin, percent=100 * frame.scalars["returned"])
    return [*tiles, CycleTile(_("Back again"), detail, again)]
