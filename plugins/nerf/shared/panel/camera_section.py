"""The inspector's part for the camera: how it moves, its lens, what is behind the scene, and views to go to."""

import math
from typing import Final

from PySide6.QtCore import Signal, SignalInstance
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from studio.api.panel import (
    Button,
    Choice,
    Label,
    NameLabel,
    NumberField,
    Segmented,
    SettingsSection,
    SliderRow,
    ValueRange,
    named_button,
    param_field,
    put_in_a_column,
    set_tip,
)
from studio.core.param import ParamSpec, param_specs
from studio.core.translation import N_, _, translate

from ..params import BACKGROUNDS, ViewParams
from ..scene import UPS, ViewScene

MODES: Final = {
    "orbit": (N_("Orbit"), N_("Turn around a point of the scene: drag. Double-click a surface to turn around it.")),
    "fly": (
        N_("Fly"),
        N_("Move freely: W A S D, Q and E for down and up; drag to look around, scroll to change the speed."),
    ),
    "photos": (
        N_("Training views"),
        N_("See the scene through the cameras of the training photos; [ and ] go to the previous and the next one."),
    ),
}
VIEWS: Final = {"front": N_("Front"), "side": N_("Side"), "top": N_("Top")}
BACKGROUND_TEXTS: Final = {"white": N_("White"), "grey": N_("Grey"), "black": N_("Black")}
FOV: Final = ValueRange(10.0, 120.0, step=1.0, default=40.0, unit="°", is_whole=True)
ROLL: Final = ValueRange(-180.0, 180.0, step=1.0, unit="°", is_whole=True)
SPEED: Final = ValueRange(0.02, 10.0, step=0.05, default=0.6)


class CameraSection(SettingsSection):
    """Shows a camera; changes nothing itself.

    Signals, beside those of settings:
        mode_changed(mode), one of MODES.
        fov_changed(degrees), roll_changed(degrees), speed_changed(speed): also during a drag.
        up_changed(axis).
        view_requested(view), one of VIEWS; reset_requested(), level_requested(), surprise_requested().
        seed_changed(seed).
    """

    mode_changed = Signal(str)
    fov_changed = Signal(float)
    roll_changed = Signal(float)
    speed_changed = Signal(float)
    up_changed = Signal(str)
    view_requested = Signal(str)
    reset_requested = Signal()
    level_requested = Signal()
    surprise_requested = Signal()
    seed_changed = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        specs = param_specs(ViewParams)
        self.mode = Segmented("camera_mode", MODES, N_("How the camera moves"))
        self.mode.value_chosen.connect(self._on_mode_chosen)
        self._make_sliders()
        self._make_choices(specs)
        self._make_buttons()
        self._make_seed()
        self._more = QWidget()
        self.fold = named_button(
            "more_camera", N_("More camera settings"), "", "chevron_right", kind="link", pressed=self._on_fold_clicked
        )
        self._lay_out()
        self._more.hide()
        self.speed.hide()

    # Parts

    def _make_sliders(self) -> None:
        fov_help = N_("The angle between the top and bottom edges of the picture: a wide-angle lens, or a long one.")
        roll_help = N_("How far the camera tilts to the side; Ctrl and drag, or the keys Z and C, do the same.")
        speed_help = N_("Flying speed: at 1, half of the scene is crossed in a second. Scrolling does the same.")
        self.fov = self._slider("fov", N_("Field of view"), FOV, fov_help, self.fov_changed)
        self.exposure, self.near = self.sliders(ViewParams(), "", "exposure", "near")
        self.roll = self._slider("roll", N_("Roll"), ROLL, roll_help, self.roll_changed)
        self.speed = self._slider("speed", N_("Speed"), SPEED, speed_help, self.speed_changed)

    def _slider(
        self, name: str, label: str, limits: ValueRange, description: str, changed: SignalInstance
    ) -> SliderRow:
        row = SliderRow(name, label, limits, description)
        row.value_changed.connect(changed)
        row.edit_started.connect(self.edit_started)
        row.edit_finished.connect(self.edit_finished)
        return row

    def _make_choices(self, specs: dict[str, ParamSpec]) -> None:
        texts = {name: BACKGROUND_TEXTS[name] for name in BACKGROUNDS}
        self.background = Choice("background", texts, specs["background"].label)
        set_tip(self.background, translate(specs["background"].help))
        self.background.value_chosen.connect(lambda name: self.changed.emit("background", name))
        self.up = Choice("up_axis", {axis: axis for axis in UPS}, N_("Axis that points up"))
        set_tip(self.up, _("Which axis of the scene points up; other programs use z or y (up axis)."))
        self.up.value_chosen.connect(self.up_changed)

    def _make_buttons(self) -> None:
        self.views = {name: Button(text) for name, text in VIEWS.items()}
        for name, button in self.views.items():
            button.setObjectName(f"view_{name}")
            button.clicked.connect(lambda _=False, view=name: self.view_requested.emit(view))
        set_tip(self.views["front"], _("See the scene from the front"))
        set_tip(self.views["side"], _("See the scene from the side"))
        set_tip(self.views["top"], _("See the scene from above"))
        self.reset = named_button(
            "reset_camera",
            N_("Reset"),
            N_("Return to the view given by the seed (0)"),
            "reset",
            pressed=self.reset_requested,
        )
        self.level = named_button(
            "level", N_("Straighten"), N_("Make the horizon level again"), pressed=self.level_requested
        )

    def _make_seed(self) -> None:
        self.surprise = named_button(
            "surprise", N_("Surprise me"), N_("Go to a random view (R)"), "dice", pressed=self.surprise_requested
        )
        self.surprise.setProperty("shape", "name")  # beside the seed there is little room
        self.seed = param_field(ViewParams(), "seed", "seed")
        self.seed.value_typed.connect(lambda value: self.seed_changed.emit(int(value)))

    def _lay_out(self) -> None:
        self._seed_name = Label(_("Seed"))
        put_in_a_column(self._more, (self.near, self.roll, _named(N_("Up"), self.up, self.level)), 2)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.mode)
        for row in (self.speed, self.fov, self.exposure):
            column.addWidget(row)
        column.addLayout(_named(N_("Background"), self.background))
        column.addSpacing(4)
        column.addLayout(_side_by_side(*self.views.values(), self.reset))
        column.addLayout(_side_by_side(self.surprise, self._seed_name, self.seed))
        column.addWidget(self.fold)
        column.addWidget(self._more)

    # What it shows

    def show_scene(self, scene: ViewScene, roll_rad: float = 0.0) -> None:
        """Show a scene's camera and look; `roll_rad` is how far the camera leans. Emits nothing."""
        params = scene.params
        self.fov.set_value(math.degrees(scene.camera.fov_y_rad))
        self.show_params(params)
        self.background.set_value(params.background)
        self.up.set_value(scene.up)
        self.roll.set_value(math.degrees(roll_rad))
        self.level.setEnabled(abs(math.degrees(roll_rad)) >= 0.5)
        self.seed.set_value(params.seed)
        self.reset.setEnabled(scene.is_moved)

    def set_mode(self, mode: str) -> None:
        """Show how the camera moves; emits nothing."""
        self.mode.set_value(mode)
        self.speed.setVisible(mode == "fly")

    def set_speed(self, speed: float) -> None:
        """Show how fast it flies, in radii of the scene per second; emits nothing."""
        self.speed.set_value(speed)

    def set_has_photos(self, has_photos: bool) -> None:
        """Say whether there are training photos to look through."""
        self.mode.set_possible("photos", has_photos)

    def leave_out_photos(self) -> None:
        """No scene of this kind has photos to look through."""
        self.mode.leave_out("photos")

    def _on_mode_chosen(self, mode: str) -> None:
        self.speed.setVisible(mode == "fly")
        self.mode_changed.emit(mode)

    def _on_fold_clicked(self) -> None:
        is_shown = self._more.isHidden()
        self._more.setVisible(is_shown)
        self.fold.set_icon("chevron_down" if is_shown else "chevron_right")


def _side_by_side(*widgets: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(6)
    for widget in widgets:
        row.addWidget(widget, 0 if isinstance(widget, Label | NumberField) else 1)
    return row


def _named(name: str, *widgets: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(4)
    row.addWidget(NameLabel(translate(name)))
    for widget in widgets:
        row.addWidget(widget, 1 if widget is widgets[0] else 0)
    return row
