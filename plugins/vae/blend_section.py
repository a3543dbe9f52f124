"""The inspector's part for the way from A to B: store two places, blend, swap, play."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from studio.api.panel import Button, SliderRow, ValueRange
from studio.core.position import Rule
from studio.core.text import N_, translate

from .scene import End, Scene

THUMBNAIL_PX = 56
RULES: tuple[tuple[Rule, str], ...] = (("spherical", N_("Along a curve")), ("linear", N_("Straight")))


class BlendSection(QWidget):
    """Shows A, B and where we are between them.

    Signals:
        store_requested(end): keep the present place as "a" or "b".
        blend_changed(blend): 0 is A, 1 is B; blend_started() and blend_finished() stand around a drag.
        swap_requested(), play_requested(), rule_changed(rule).
    """

    store_requested = Signal(str)
    blend_changed = Signal(float)
    blend_started = Signal()
    blend_finished = Signal()
    swap_requested = Signal()
    play_requested = Signal()
    rule_changed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.store_a = self._store_button("a", N_("Keep as A"))
        self.store_b = self._store_button("b", N_("Keep as B"))
        self.thumbnails: dict[End, QLabel] = {"a": _thumbnail(N_("Place A")), "b": _thumbnail(N_("Place B"))}
        for end in ("a", "b"):
            self.show_thumbnail(end, None)
        self.swap = Button(kind="quiet", icon_name="swap", hint=N_("Swap A and B"))
        self.swap.setObjectName("blend_swap")
        self.swap.clicked.connect(self.swap_requested)
        self.play = Button(kind="secondary", icon_name="play", hint=N_("Play from A to B and back (Space)"))
        self.play.setObjectName("blend_play")
        self.play.clicked.connect(self.play_requested)
        self.rule = QComboBox()
        self.rule.setObjectName("blend_rule")
        self.rule.setAccessibleName(translate(N_("Way from A to B")))
        self.rule.setToolTip(
            translate(N_("Spherical or linear interpolation, both at constant perceived speed"))
        )
        for rule, title in RULES:
            self.rule.addItem(translate(title), rule)
        self.rule.activated.connect(self._on_rule_activated)
        self.slider = SliderRow(
            "blend_slider",
            N_("A to B"),
            ValueRange(0.0, 1.0, step=0.01),
            N_("Blends from A to B so that the picture changes equally fast everywhere (arc length)."),
        )
        self.slider.value_changed.connect(self.blend_changed)
        self.slider.edit_started.connect(self.blend_started)
        self.slider.edit_finished.connect(self.blend_finished)
        self._lay_out()

    def _store_button(self, end: End, text: str) -> Button:
        button = Button(text)
        button.setObjectName(f"store_{end}")
        button.clicked.connect(self._on_store_clicked)
        button.setProperty("end", end)
        return button

    def _lay_out(self) -> None:
        ends = QHBoxLayout()
        ends.setSpacing(8)
        for end, button in (("a", self.store_a), ("b", self.store_b)):
            column = QVBoxLayout()
            column.setSpacing(6)
            column.addWidget(self.thumbnails["a" if end == "a" else "b"], 0, Qt.AlignmentFlag.AlignHCenter)
            column.addWidget(button)
            ends.addLayout(column, 1)
            if end == "a":
                ends.addWidget(self.swap)
        controls = QHBoxLayout()
        controls.setSpacing(8)
        controls.addWidget(self.play)
        controls.addWidget(self.rule, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(ends)
        column.addWidget(self.slider)
        column.addLayout(controls)

    def show_scene(self, scene: Scene) -> None:
        """Show how far the blend is and what can be done."""
        self.slider.set_value(scene.blend)
        for widget in (self.slider, self.swap):
            widget.setEnabled(scene.has_path)
        self.rule.setCurrentIndex([rule for rule, _ in RULES].index(scene.rule))

    def show_thumbnail(self, end: End, picture: QImage | None) -> None:
        """Show a small picture of A or B, or that nothing is stored there."""
        label = self.thumbnails[end]
        if picture is None:
            label.clear()
            label.setText(end.upper())
        else:
            label.setPixmap(QPixmap.fromImage(picture))

    def show_playing(self, is_playing: bool) -> None:
        """Turn the play button into a pause button and back."""
        self.play.set_icon("pause" if is_playing else "play")

    def _on_store_clicked(self) -> None:
        self.store_requested.emit(self.sender().property("end"))

    def _on_rule_activated(self, index: int) -> None:
        self.rule_changed.emit(self.rule.itemData(index))


def _thumbnail(name: str) -> QLabel:
    label = QLabel()
    label.setFixedSize(QSize(THUMBNAIL_PX, THUMBNAIL_PX))
    label.setAlignment(Qt.AlignmentFlag.AlignCenter)
    label.setProperty("role", "thumbnail")
    label.setAccessibleName(translate(name))
    return label
