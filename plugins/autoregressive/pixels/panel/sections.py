"""The inspector's parts of the panel of pictures: next pixel, what it looked at, choosing, the brush, the whole."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from studio.api.panel import (
    ChipFlow,
    Segmented,
    SettingsSection,
    SliderRow,
    ValueRange,
    in_a_row,
    named_button,
    put_in_a_column,
    set_tip,
    small_label,
)
from studio.core.translation import N_, _, translate

from ..params import PixelParams
from ..scene import BRUSH_RANGE_PX, BRUSH_STEP_PX, SPEED_RANGE, PixelScene

ANY: Final = N_("Any")
TOOLS: Final = {
    "look": (N_("Inspect"), N_("Click a pixel to see what it could be and what it depends on (L)")),
    "erase": (
        N_("Erase"),
        N_("The model redraws what you erase (E); the right button erases with every tool"),
    ),
    "draw": (N_("Draw"), N_("Draw pixels of your own for the model to continue from (D)")),
    "keep": (N_("Keep"), N_("Keep pixels that the model has drawn as if they were your own (K)")),
}
SHAPES: Final = {
    "brush": (N_("Brush"), N_("A round brush")),
    "box": (N_("Box"), N_("Everything inside a rectangle that you drag")),
    "below": (N_("From here on"), N_("This pixel and all that come after it in reading order")),
}
MAPS: Final = {
    "field": (
        N_("Seen"),
        N_("Which pixels this one depends on, and how much (receptive field, measured by gradient)"),
    ),
    "blind": (
        N_("Blind spot"),
        N_("What a plain masked PixelCNN with the same number of layers could not see from here (van den Oord 2016)"),
    ),
    "surprise": (N_("Surprise"), N_("How unexpected each pixel was, in bits: the brighter, the more surprising")),
    "order": (N_("Order"), N_("The order in which the pixels come (raster scan)")),
    "": (N_("None"), ""),
}
SURPRISE_HINT: Final = N_("Half of another picture, for the model to finish (R)")
OTHER_HINT: Final = N_("Another picture, drawn from scratch (R)")
AGAIN_HINT: Final = N_("Finish it differently, with a new random seed (N)")
PICTURE_HINT: Final = N_("Score a picture of your own and have its lower half finished; or drop one here")


class PixelDependenceSection(QWidget):
    """What is laid over the picture. Signals: chosen(name), "" for nothing."""

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.maps = Segmented("pixel_maps", MAPS, N_("What is shown on top of the picture"))
        self.maps.value_chosen.connect(self.chosen)
        self.words = small_label(is_marked=True, n_lines=3)
        put_in_a_column(self, (self.maps, self.words))

    def show_map(self, shown: str, words: str) -> None:
        """Show which one is chosen, and what is to be seen in it."""
        self.maps.set_value(shown)
        self.words.setText(words)


class PixelChoosingSection(SettingsSection):
    """What to draw, and how daring. Signals, beside those of settings: speed_changed(px_per_s); again_requested()."""

    speed_changed = Signal(int)
    again_requested = Signal()

    def __init__(self, defaults: PixelParams) -> None:
        super().__init__()
        self.kinds = ChipFlow("pixel_kinds", (), _("What to draw"))
        set_tip(self.kinds, _("What the picture should become; Any: whatever fits the kept pixels (class)"))
        self.kinds.chosen.connect(lambda text: self.changed.emit("kind", "" if text == translate(ANY) else text))
        names = "temperature", "guidance", "n_endings"
        self.temperature, self.guidance, self.endings = self.sliders(defaults, "pixel_", *names)
        self.guidance.hide()
        self.speed = SliderRow(
            "pixel_speed",
            N_("Speed"),
            ValueRange(*SPEED_RANGE, step=10, default=PixelScene.speed, unit="px/s"),
            N_("How many pixels appear per second; at the far right, all at once"),
        )
        self.again = named_button("pixel_again", N_("Again"), AGAIN_HINT)
        self._connect()
        rows = (self.kinds, self.temperature, self.guidance, self.endings, self.speed, self.again)
        put_in_a_column(self, rows)

    def _connect(self) -> None:
        self.speed.value_changed.connect(lambda value: self.speed_changed.emit(round(value)))
        self.again.clicked.connect(self.again_requested)
        self.speed.edit_started.connect(self.edit_started)
        self.speed.edit_finished.connect(self.edit_finished)

    def set_kinds(self, kinds: Sequence[str], can_be_guided: bool) -> None:
        """Offer these kinds, and to keep to the one that is asked for where the model can."""
        self.guidance.setVisible(can_be_guided)
        self.kinds.setVisible(len(kinds) > 1)
        self.kinds.set_texts((translate(ANY), *kinds))

    def show_scene(self, scene: PixelScene) -> None:
        """Show what is asked for. Emits nothing."""
        self.kinds.set_current(scene.params.kind or translate(ANY))
        self.show_params(scene.params)
        self.speed.set_value(scene.speed)


class PixelBrushSection(SettingsSection):
    """Which tool is in hand; its settings are fields of the scene."""

    def __init__(self) -> None:
        super().__init__()
        self.tool = Segmented("pixel_tool", TOOLS, N_("Tool"))
        self.tool.value_chosen.connect(lambda value: self.changed.emit("tool", value))
        self.shape = Segmented("pixel_shape", SHAPES, N_("What it affects"))
        self.shape.value_chosen.connect(lambda value: self.changed.emit("shape", value))
        self.wide = SliderRow(
            "pixel_brush",
            N_("Size"),
            ValueRange(*BRUSH_RANGE_PX, step=BRUSH_STEP_PX, default=PixelScene.brush_px, unit="px"),
            N_("How wide the brush is, in pixels of the picture (mouse wheel, or the keys [ and ])"),
        )
        self.edit_by(self.wide, "brush_px", round)
        self.level = SliderRow(
            "pixel_level",
            N_("Brightness"),
            ValueRange(0.0, 1.0, step=0.05, default=PixelScene.level),
            N_("What the pen draws: 0 is black, 1 is white"),
        )
        self.edit_by(self.level, "level")
        put_in_a_column(self, (self.tool, self.shape, self.wide, self.level))

    def show_scene(self, scene: PixelScene) -> None:
        """Show what is in hand. Emits nothing."""
        self.tool.set_value(scene.tool)
        self.shape.set_value(scene.shape)
        self.wide.set_value(scene.brush_px)
        self.level.set_value(scene.level)
        self.wide.setEnabled(scene.shape == "brush")  # with each tool, since the right button erases
        self.level.setEnabled(scene.tool == "draw")


class WholePictureSection(QWidget):
    """How likely the whole picture is. Signals: surprise_requested(), picture_requested()."""

    surprise_requested = Signal()
    picture_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.words = small_label(is_marked=True)
        hint = N_("The average surprise of a pixel in the large picture, in bits (bits per dimension)")
        set_tip(self.words, translate(hint))
        self.surprise = named_button(
            "pixel_surprise", N_("Surprise me"), SURPRISE_HINT, pressed=self.surprise_requested
        )
        self.picture = named_button("pixel_picture", N_("My picture…"), PICTURE_HINT, pressed=self.picture_requested)
        put_in_a_column(self, (self.words, in_a_row(self.surprise, self.picture)))

    def set_has_examples(self, has_examples: bool) -> None:
        """Say what another picture is: half of one that is there, or a new one from nothing."""
        set_tip(self.surprise, translate(SURPRISE_HINT if has_examples else OTHER_HINT))

    def show_bits(self, bits: float | None, usual: tuple[float, float] | None, is_whole: bool) -> None:
        """Show the likelihood of the picture so far beside the usual range of real ones."""
        if bits is None:
            self.words.setText(_("Nothing here yet."))
            return
        whole, part = N_("Whole picture: <b>{bits:.2f} bits per pixel</b>"), N_("So far: {bits:.2f} bits per pixel")
        text = translate(whole if is_whole else part).format(bits=bits)
        if usual is not None:
            real = N_("Usual for real ones: {low:.2f} to {high:.2f}")
            text += "<br>" + translate(real).format(low=usual[0], high=usual[1])
        self.words.setText(text)
