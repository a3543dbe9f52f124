"""Shows sheet and icon and says what they are; at rest it looks for icons like it."""

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QTimer

from studio.api.panel import Caption, EngineTasks
from studio.api.timeline.controller import TimelineController
from studio.core.frame import Frame
from studio.core.translation import N_, _, plural, translate
from studio.core.view import ByteArray, Field, Image, Nearest

from ..model.rasteriser import DrawSheet
from ..scene import DrawScene
from ..state import Drawing, OutlineGallery, Painted
from .canvas import DrawStage
from .gallery import ExampleGrid
from .sections import DrawScoreSection

if TYPE_CHECKING:
    from ..engine import DrawEngine

REST_MS: Final = 250
NEAREST_KEY: Final = "nearest"
TERM: Final = N_("pix2pix: a conditional GAN, U-Net as generator, PatchGAN as discriminator (Isola et al. 2017)")
SCORE: Final = "verdict"
SUSPICION: Final = "suspicion"


def paint(engine: "DrawEngine", drawing: Drawing | None, seed: int) -> Painted:
    """Paint into a drawing, or into the example of a seed where there is none."""
    return engine.paint_example(seed) if drawing is None else Painted(drawing, engine.paint(drawing))


def nearest(engine: "DrawEngine", icon: ByteArray) -> Nearest:
    """The shipped icons that are most like a painted one."""
    return engine.nearest(icon)


@dataclass(frozen=True, eq=False)
class DrawViews:
    """Where sheet and icon are shown: on the stage and in its caption, and in sections of the inspector."""

    stage: DrawStage
    caption: Caption
    verdict: DrawScoreSection
    examples: ExampleGrid


class DrawPresenter(QObject):
    """Attributes:
    shown_scene: the scene that the icon on screen was painted for.
    rest: runs while the hand has only just come to rest.
    """

    def __init__(self, views: DrawViews, tasks: EngineTasks, timeline: TimelineController) -> None:
        super().__init__(views.stage)
        self._views, self._tasks, self._timeline = views, tasks, timeline
        self._names: tuple[str, ...] = ()
        self._frame: Frame | None = None
        self._sheet = DrawSheet()
        self._drawn: Drawing | None = None
        self.shown_scene = DrawScene()
        self.rest = QTimer(self, singleShot=True, interval=REST_MS)
        self.rest.timeout.connect(self._find_nearest)
        views.verdict.heat.clicked.connect(self.show_heat)

    def opened(self, found: OutlineGallery) -> None:
        """The model is open: offer its examples."""
        self._names = found.names
        self._views.examples.show_examples(found.pixels, found.names)
        self._describe()

    @property
    def is_busy(self) -> bool:
        """Whether icons are about to be looked for."""
        return self.rest.isActive()

    def show_scene(self, scene: DrawScene) -> None:
        """Show the drawing, the tool in hand, and which example it is."""
        canvas, examples = self._views.stage.canvas, self._views.examples
        if scene.drawing is not None and scene.drawing is not self._drawn:
            self._drawn = scene.drawing
            canvas.show_sheet(self._sheet.layers(scene.drawing).picture())
        colour = scene.colour if scene.tool in ("colour", "fill") else None
        canvas.set_tool(scene.widths.get(scene.tool, 1.0), colour, scene.is_mirrored)
        is_example = bool(self._names) and not scene.is_own
        examples.set_current(scene.params.seed % len(self._names) if is_example else -1)

    def show_frame(self, frame: Frame, scene: DrawScene) -> None:
        """Show an icon, and what is said of it."""
        self._frame, self.shown_scene = frame, scene
        view = frame.main_view
        if isinstance(view, Image):
            self._views.stage.icon.show_array(view.pixels)
        self.show_heat()
        self._views.verdict.show_verdict(frame.scalars.get(SCORE))
        self._describe()

    def show_heat(self) -> None:
        """Show where the icon looks forged, or no more."""
        view = None if self._frame is None else self._frame.views.get(SUSPICION)
        is_shown = self._views.verdict.heat.isChecked() and isinstance(view, Field)
        self._views.stage.icon.show_heat(view.values if is_shown and isinstance(view, Field) else None)

    def _find_nearest(self) -> None:
        frame = self._frame
        if frame is not None and isinstance(frame.main_view, Image) and SCORE in frame.scalars:
            call = partial(nearest, icon=frame.main_view.pixels)
            self._tasks.ask(NEAREST_KEY, call, done=self._views.verdict.show_nearest)

    def _describe(self) -> None:
        caption, frame, track = self._views.caption, self._frame, self._timeline.track
        if frame is None:
            return
        if frame.state is not None:
            caption.set_text(self._sentence(frame), translate(TERM))
        elif track is not None and track.recording.info.kind == "training":
            caption.set_text(_("Outlines, what the network paints into them so far, and the real icons."))
        else:
            caption.set_text(_("Another model made this. Draw, or choose an example, to return to this one."))

    def _sentence(self, frame: Frame) -> str:
        scene = self.shown_scene
        if SCORE not in frame.scalars:
            return _("An empty sheet. Draw something on the left, and the forger paints it as an icon.")
        what = plural("{n} stroke", "{n} strokes", len(scene.strokes))
        if not scene.is_own and self._names:
            name = self._names[scene.params.seed % len(self._names)]
            what = _("The outline of “{name}” in {strokes}").format(name=name, strokes=what)
        text = N_(
            "{what}. The forger makes up the colours, light and shadow. The detective thinks the icon looks more "
            "real than {percent:.0f} % of real ones."
        )
        return translate(text).format(what=what, percent=100 * frame.scalars[SCORE])
