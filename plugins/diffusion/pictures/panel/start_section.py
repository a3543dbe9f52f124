"""The inspector's part for what a run starts from: noise, a person's picture, or the painted part of one."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, QSize, Qt, Signal
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from studio.api.engine import Policy
from studio.api.panel import (
    Button,
    ElidedLabel,
    EngineTasks,
    Label,
    PictureIntake,
    Segmented,
    SliderRow,
    ValueRange,
    at_the_left,
    image_from_array,
    put_in_a_column,
    set_tip,
)
from studio.core.masked_picture import StartPicture
from studio.core.translation import N_, _, translate

from ...shared.panel.editor import DiffusionEditor
from ...shared.scene import ByteArray, DiffusionScene, Origin, own_picture

ORIGIN_TEXTS: Final = {
    "noise": (N_("Noise"), N_("Make something from nothing but noise")),
    "picture": (
        N_("Picture"),
        N_("Dissolve a picture part of the way, then let it come back changed (image to image)"),
    ),
    "masked": (
        N_("Masked picture"),
        N_("Redraw only the painted part of a picture and keep the rest as it is (inpainting)"),
    ),
}
STRENGTH: Final = ValueRange(0.0, 100.0, step=1.0, default=100 * DiffusionScene.strength, unit="%", is_whole=True)
THUMBNAIL_PX: Final = 76
_WEAK, _STRONG = 0.35, 0.75
MAX_PASTED_PX: Final = 2048
_KEY: Final = "own picture"


class StartSection(QWidget):
    """Shows what a run starts from; changes nothing itself.

    Signals:
        start_changed(origin): "noise", "picture" or "masked".
        file_requested(), paste_requested(): a person wants to bring a picture.
        strength_changed(share): 0..1, for every move of a drag.
        edit_started(), edit_finished(): around one step of undo of the slider.
        dissolve_requested(): let the picture dissolve into noise, step by step.

    Attributes:
        tools: where the tools of the mask go; shown while a masked picture is there.
    """

    start_changed = Signal(str)
    file_requested = Signal()
    paste_requested = Signal()
    strength_changed = Signal(float)
    edit_started = Signal()
    edit_finished = Signal()
    dissolve_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._has_picture = False
        self._n_steps = 25
        self.origin = Segmented("start_from", ORIGIN_TEXTS, N_("Start from"))
        self.origin.value_chosen.connect(self._on_origin_chosen)
        self.thumbnail = Label()
        self.name = ElidedLabel(role="small")
        self.file = Button(N_("Choose…"), icon_name="open")
        self.paste = Button(N_("Paste"))
        self.dissolve = Button(N_("Dissolve"))
        self.strength = SliderRow(
            "strength",
            N_("Strength"),
            STRENGTH,
            N_("How far towards noise the picture goes before it comes back (strength, image to image)"),
        )
        self.meaning = Label()
        self.picture = QWidget()
        self.tools = QWidget()
        self._dress()
        self._lay_out()
        self.set_picture(None)
        self.set_strength(STRENGTH.default / 100)
        self._show_parts()

    def _dress(self) -> None:
        self.thumbnail.setProperty("role", "thumbnail")
        self.thumbnail.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.thumbnail.setFixedSize(QSize(THUMBNAIL_PX, THUMBNAIL_PX))
        self.meaning.setProperty("role", "small")
        self.meaning.setWordWrap(True)
        texts = {
            self.file: ("start_file", N_("Choose a picture file"), self.file_requested),
            self.paste: ("start_paste", N_("Take the picture from the clipboard (Ctrl V)"), self.paste_requested),
            self.dissolve: (
                "dissolve",
                N_("Watch the picture turn into noise, as in training; stop anywhere (forward process)"),
                self.dissolve_requested,
            ),
        }
        for button, (name, hint, signal) in texts.items():
            button.setObjectName(name)
            set_tip(button, translate(hint))
            button.clicked.connect(signal)
        self.strength.value_changed.connect(self._on_strength_changed)
        self.strength.edit_started.connect(self.edit_started)
        self.strength.edit_finished.connect(self.edit_finished)

    def _lay_out(self) -> None:
        buttons = at_the_left(self.file, self.paste, spacing=6)
        beside = QVBoxLayout()
        beside.setSpacing(6)
        beside.addLayout(buttons)
        beside.addWidget(self.name)
        beside.addStretch(1)
        top = QHBoxLayout(self.picture)
        top.setContentsMargins(0, 0, 0, 0)
        top.setSpacing(10)
        top.addWidget(self.thumbnail)
        top.addLayout(beside, 1)
        put_in_a_column(self, (self.origin, self.picture, self.strength, self.meaning, self.dissolve, self.tools))
        inner = QVBoxLayout(self.tools)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(8)

    def add_tool(self, widget: QWidget) -> None:
        """Put a tool of the mask under the picture."""
        layout = self.tools.layout()
        if layout is not None:
            layout.addWidget(widget)

    # What it shows; emits nothing

    def set_start(self, origin: Origin) -> None:
        """Show what a run starts from."""
        self.origin.set_value(origin)
        self._show_parts()

    def set_picture(self, image: QImage | None, name: str = "") -> None:
        """Show the person's picture, or that there is none yet."""
        self._has_picture = image is not None and not image.isNull()
        if image is None or image.isNull():
            self.thumbnail.setPixmap(QPixmap())
            self.thumbnail.setText(_("None yet"))
            self.name.setText(_("or drop one on the window"))
        else:
            self.thumbnail.setPixmap(_thumbnail(image, self.devicePixelRatioF()))
            self.name.setText(name)
        self.thumbnail.setAccessibleName(self.name.text())
        self._show_parts()

    def set_strength(self, strength: float, n_steps: int | None = None) -> None:
        """Show how far the picture goes, 0..1, and of how many steps a run has."""
        self._n_steps = self._n_steps if n_steps is None else n_steps
        self.strength.set_value(100 * strength)
        self._show_meaning()

    # What a hand does

    def _on_origin_chosen(self, origin: str) -> None:
        self._show_parts()
        self.start_changed.emit(origin)

    def _on_strength_changed(self, percent: float) -> None:
        self._show_meaning()
        self.strength_changed.emit(percent / 100)

    def _show_parts(self) -> None:
        origin = self.origin.value()
        has_picture = origin != "noise" and self._has_picture
        self.picture.setVisible(origin != "noise")
        for part in (self.strength, self.meaning, self.dissolve):
            part.setVisible(has_picture)
        self.tools.setVisible(has_picture and origin == "masked")

    def _show_meaning(self) -> None:
        self.meaning.setText(strength_text(self.strength.value() / 100, self._n_steps))


def strength_text(strength: float, n_steps: int) -> str:
    """What a strength 0..1 means, in plain words, for a run of so many steps."""
    n_redone = round(strength * n_steps)
    if n_redone == 0:
        return _("Nothing is redrawn: the picture stays as it is.")
    if strength < _WEAK:
        text = N_("The picture stays nearly the same; only details are redrawn ({n} of {total} steps).")
    elif strength < _STRONG:
        text = N_("Colours and rough shapes stay; the rest is redrawn ({n} of {total} steps).")
    elif n_redone < n_steps:
        text = N_("Little more than the colours will stay (redrawn in {n} of {total} steps).")
    else:
        text = N_("Nothing of the picture remains: this is the same as starting from noise.")
    return translate(text).format(n=n_redone, total=n_steps)


def _thumbnail(image: QImage, ratio: float) -> QPixmap:
    size = QSize(THUMBNAIL_PX - 4, THUMBNAIL_PX - 4) * ratio
    keep, smooth = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
    crisp = Qt.TransformationMode.FastTransformation
    is_small = max(image.width(), image.height()) * 2 < size.width()
    pixmap = QPixmap.fromImage(image.scaled(size, keep, crisp if is_small else smooth))
    pixmap.setDevicePixelRatio(ratio)
    return pixmap


class StartPicturePresenter(QObject):
    """Reads one picture at a time, and keeps the section in step with the scene.

    Signals: failed(UserError); taken() when a run starts from another picture.
    """

    failed = Signal(object)
    taken = Signal()

    def __init__(
        self,
        editor: DiffusionEditor,
        section: StartSection,
        tasks: EngineTasks,
        on_screen: Callable[[], ByteArray | None],
        parent: QWidget,
    ) -> None:
        """`on_screen` gives the finished picture that is shown, (H, W, 3), None where there is none."""
        super().__init__(parent)
        self._on_screen = on_screen
        self._editor, self._section, self._tasks = editor, section, tasks
        self._intake = PictureIntake(parent, self, MAX_PASTED_PX)
        self._intake.path_given.connect(self.open)
        self._intake.pixels_given.connect(self._on_pixels_given)
        self._intake.failed.connect(self.failed)
        self._name = ""
        self._shown: StartPicture | None = None
        section.start_changed.connect(self._on_origin_chosen)
        section.file_requested.connect(self.choose)
        section.paste_requested.connect(self.paste)
        section.strength_changed.connect(lambda share: editor.change(N_("Strength"), "strength", strength=share))
        section.edit_started.connect(editor.begin_gesture)
        section.edit_finished.connect(editor.end_gesture)

    def show_scene(self, scene: DiffusionScene) -> None:
        """Show the scene's picture and strength; emits nothing."""
        self._section.set_start(scene.origin)
        self._section.set_strength(scene.strength, scene.params.steps)
        if scene.source is not self._shown:
            self._shown = scene.source
            image = None if scene.source is None else image_from_array(scene.source.picture)
            self._section.set_picture(image, self._name)

    def _on_origin_chosen(self, origin: str) -> None:
        shown = self._on_screen() if origin == "masked" else None  # before another run takes its place
        self._editor.change(N_("Start from"), origin=origin)
        if origin == "noise" or self._editor.scene.source is not None:
            return
        if shown is None:
            self.choose()
        else:
            self._read(shown, _("The picture on screen"))

    def choose(self) -> None:
        """Ask for a file."""
        self._intake.choose()

    def open(self, path: Path) -> None:
        """Start from the picture in a file."""
        self._read(path, path.name)

    def paste(self) -> None:
        """Start from the picture on the clipboard, or the picture file that was copied in a file manager."""
        self._intake.paste()

    def _on_pixels_given(self, pixels: ByteArray) -> None:
        self._read(pixels, _("From the clipboard"))

    def _read(self, source: Path | ByteArray, name: str) -> None:
        self._name = name
        self._tasks.ask(
            _KEY,
            lambda engine: own_picture(source, engine.size),
            Policy.RESTART,
            done=self.take,
            failed=self.failed.emit,
        )

    def take(self, picture: ByteArray) -> None:
        """Start from pixels (H, W, 3) of the model's size, as a step of undo; a mask of the one before goes."""
        scene = self._editor.scene
        origin = scene.origin if scene.origin != "noise" else "picture"
        self.taken.emit()
        self._editor.apply(N_("My picture"), replace(scene, origin=origin, source=StartPicture(picture)))
