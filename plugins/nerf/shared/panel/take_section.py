"""What a person takes home of a scene: a picture of any size, a turn around it, the way of the camera."""

from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from studio.api.panel import Label, Segmented, SteadyLabel, at_the_left, named_button, param_field, put_in_a_column
from studio.core.translation import N_, _

from ..params import ViewParams

_SHAPES: Final = {
    "view": (N_("As seen"), N_("What the camera sees")),
    "around": (N_("All around (360°)"), N_("Everything around the camera, half as high as wide (equirectangular)")),
}


class ExportSection(QWidget):
    """Signals: picture_requested(), turntable_requested(), page_requested()."""

    picture_requested = Signal()
    turntable_requested = Signal()
    page_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.picture = named_button(
            "take_picture",
            N_("Picture"),
            N_("Save this view as a picture of any size, drawn by the network"),
            "picture",
            pressed=self.picture_requested,
        )
        self.turntable = named_button(
            "take_turntable",
            N_("Turntable video"),
            N_("Once around the scene, saved as a video (turntable)"),
            "loop",
            pressed=self.turntable_requested,
        )
        tip = N_("One file that shows the scene from all sides in any web browser, offline, with your notes (HTML)")
        self.page = named_button("take_page", N_("Web page…"), tip, "export", pressed=self.page_requested)
        self.words = SteadyLabel(role="small")
        rows = at_the_left(self.picture, self.turntable, spacing=6), at_the_left(self.page)
        put_in_a_column(self, (*rows, self.words), 6)
        self.words.hide()

    def say(self, text: str) -> None:
        """Say what was written."""
        self.words.set_text(text)
        self.words.show()


class PathButtons(QWidget):
    """Signals: open_asked(), save_asked(): a path of the camera."""

    open_asked = Signal()
    save_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        open_tip = N_("Put a camera path of instant-ngp or nerfstudio on the timeline; a dropped file does the same")
        self.open = named_button("open_path", N_("Open path…"), open_tip, "open", pressed=self.open_asked)
        save_tip = N_("Write the path on the timeline for instant-ngp or nerfstudio")
        self.save = named_button("save_path", N_("Save path…"), save_tip, "export", pressed=self.save_asked)
        row = at_the_left(self.open, self.save)
        row.setContentsMargins(0, 0, 0, 0)
        self.setLayout(row)


class PictureSize(QWidget):
    """Two numbers, a button that takes those of the view, and whether pictures show what is around the camera.

    Signals: size_chosen(width, height); view_size_requested(); shape_chosen(shape), one of SHAPES.
    """

    size_chosen = Signal(int, int)
    shape_chosen = Signal(str)
    view_size_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.width_px, self.height_px = (
            param_field(ViewParams(), name, f"picture_{name}") for name in ("width", "height")
        )
        for field in (self.width_px, self.height_px):
            field.value_typed.connect(self._on_typed)
        self.like_view = named_button(
            "picture_like_view",
            N_("As shown"),
            N_("Make pictures and videos as large as the view on this screen"),
            pressed=self.view_size_requested,
        )
        self.shape = Segmented("picture_shape", _SHAPES, N_("What pictures and videos show"))
        self.shape.value_chosen.connect(self.shape_chosen)
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(Label(_("Size")))
        row.addStretch(1)
        row.addWidget(self.width_px)
        row.addWidget(Label("×"))
        row.addWidget(self.height_px)
        row.addWidget(self.like_view)
        put_in_a_column(self, (row, self.shape), 6)

    def show_params(self, params: ViewParams) -> None:
        """Show what pictures are like; emits nothing."""
        width, height = self._size = params.width, params.height
        self.shape.set_value(params.shape)
        self.height_px.setEnabled(params.shape == "view")
        self.width_px.set_value(width)
        self.height_px.set_value(height)

    def _on_typed(self, value: float) -> None:
        width, height = self._size
        is_width = self.sender() is self.width_px
        self.size_chosen.emit(*((int(value), height) if is_width else (width, int(value))))
