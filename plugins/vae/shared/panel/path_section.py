"""The inspector's part for paths: draw one, take a random walk, choose how it is walked."""

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QVBoxLayout, QWidget

from studio.api.panel import EASING_TEXTS, Label, NumberField, ValueRange, named_button, set_tip
from studio.core.path.keyframe import MAX_DURATION_S, MIN_DURATION_S, KeyframePath
from studio.core.path.route import Curve
from studio.core.translation import N_, _, translate

CURVES: tuple[tuple[Curve, str], ...] = (
    ("linear", N_("Straight")),
    ("spherical", N_("Round")),
    ("smooth", N_("Smooth")),
)
WALK = ValueRange(1.0, 300.0, step=0.5, default=12.0, unit="s")
SEGMENT = ValueRange(MIN_DURATION_S, MAX_DURATION_S, step=0.1, default=1.5, unit="s")
WHOLE = ValueRange(0.1, 3600.0, step=0.1, default=1.5, unit="s")


class VaePathSection(QWidget):
    """Shows a path and one of its segments; changes nothing itself.

    Signals:
        draw_toggled(is_drawing): draw on the map, or no longer.
        walk_requested(seconds): take a random walk.
        clear_requested().
        curve_chosen(curve), easing_chosen(easing) of the shown segment.
        duration_typed(seconds) of the shown segment; whole_typed(seconds) of the whole path.
        loop_toggled(is_loop), pace_toggled(is_paced).
    """

    draw_toggled = Signal(bool)
    walk_requested = Signal(float)
    clear_requested = Signal()
    curve_chosen = Signal(str)
    easing_chosen = Signal(str)
    duration_typed = Signal(float)
    whole_typed = Signal(float)
    loop_toggled = Signal(bool)
    pace_toggled = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._make_buttons()
        self._walk_s = WALK.default
        self.walk_seconds = _field("walk_seconds", N_("Length of the random walk"), WALK, self._on_walk_typed)
        self.whole = _field("path_seconds", N_("Length of the path"), WHOLE, self.whole_typed)
        self.duration = _field("segment_seconds", N_("Time to the next keyframe"), SEGMENT, self.duration_typed)
        self.curve = _choice("path_curve", N_("Shape"), CURVES, self._on_curve_activated)
        set_tip(
            self.curve,
            _(
                "Straight lines, round arcs (spherical interpolation), or one smooth curve through all keyframes "
                "(centripetal Catmull–Rom)"
            ),
        )
        self.easing = _choice("path_easing", N_("Easing"), tuple(EASING_TEXTS.items()), self._on_easing_activated)
        set_tip(self.easing, _("How the move from this keyframe to the next starts and ends (easing)"))
        self.segment = Label()
        self._make_boxes()
        self._lay_out()
        self.show_path(KeyframePath(), None)

    def _make_buttons(self) -> None:
        self.draw = named_button("path_draw", N_("Draw on map"))
        self.draw.setCheckable(True)
        set_tip(self.draw, _("Press and drag on the map; a closed ring becomes a loop. Escape ends it."))
        self.draw.clicked.connect(self.draw_toggled)
        self.walk = named_button(
            "path_walk",
            N_("Random walk"),
            N_("A loop through random places, one about every 1.5 seconds"),
            "dice",
            pressed=self._on_walk_clicked,
        )
        self.clear = named_button(
            "path_clear", "", N_("Clear the path"), "trash", kind="quiet", pressed=self.clear_requested
        )

    def _make_boxes(self) -> None:
        self.loop = QCheckBox(_("Loop"))
        self.loop.setObjectName("path_loop")
        set_tip(self.loop, _("Return smoothly from the last keyframe to the first"))
        self.loop.clicked.connect(self.loop_toggled)
        self.pace = QCheckBox(_("Constant speed"))
        self.pace.setObjectName("path_pace")
        set_tip(
            self.pace,
            _(
                "Change the picture equally fast everywhere (constant perceived speed); only the length of the "
                "whole path matters then"
            ),
        )
        self.pace.clicked.connect(self.pace_toggled)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(_row(self.draw, self.clear, stretched=self.draw))
        column.addLayout(_row(self.walk, self.walk_seconds, stretched=self.walk))
        column.addLayout(_row(Label(_("Shape")), self.curve, self.whole, stretched=self.curve))
        column.addLayout(_row(self.segment, self.easing, self.duration, stretched=self.easing))
        boxes = _row(self.loop, self.pace)
        boxes.addStretch(1)
        column.addLayout(boxes)

    def show_path(self, path: KeyframePath, segment: int | None) -> None:
        """Show a path, and the segment after its keyframe `segment`."""
        has_way, has_segment = path.n_segments > 0, segment is not None and segment < path.n_segments
        self.clear.setEnabled(len(path) > 0)
        self.curve.setEnabled(has_way)
        self.curve.setCurrentIndex(self.curve.findData(path.curve))
        self.loop.setEnabled(len(path) > 1)
        self.loop.setChecked(path.is_loop)
        self.pace.setEnabled(has_way)
        self.pace.setChecked(path.is_paced)
        self.whole.setEnabled(has_way)
        self.whole.set_value(path.duration_s)
        self.easing.setEnabled(has_segment)
        self.duration.setEnabled(has_segment and not path.is_paced)
        if segment is not None and has_segment:
            after = (segment + 1) % len(path) + 1
            self.segment.setText(_("{n} to {after}").format(n=segment + 1, after=after))
            keyframe = path.keyframes[segment]
            self.easing.setCurrentIndex(self.easing.findData(keyframe.easing))
            self.duration.set_value(keyframe.duration_s)
        else:
            self.segment.setText(_("1 to 2"))

    def show_drawing(self, is_drawing: bool) -> None:
        """Show whether the next drag on the map draws."""
        self.draw.setChecked(is_drawing)

    def _on_walk_clicked(self) -> None:
        self.walk_requested.emit(self._walk_s)

    def _on_walk_typed(self, seconds: float) -> None:
        self._walk_s = seconds

    def _on_curve_activated(self, index: int) -> None:
        self.curve_chosen.emit(self.curve.itemData(index))

    def _on_easing_activated(self, index: int) -> None:
        self.easing_chosen.emit(self.easing.itemData(index))


def _field(name: str, title: str, values: ValueRange, typed: Any) -> NumberField:
    field = NumberField(values)
    field.setObjectName(name)
    field.setAccessibleName(translate(title))
    set_tip(field, translate(title))
    field.value_typed.connect(typed)
    return field


def _choice(name: str, title: str, items: Sequence[tuple[str, str]], on_activated: Callable[[int], None]) -> QComboBox:
    box = QComboBox()
    box.setObjectName(name)
    box.setAccessibleName(translate(title))
    for value, text in items:
        box.addItem(translate(text), value)
    box.activated.connect(on_activated)
    return box


def _row(*widgets: QWidget, stretched: QWidget | None = None) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(8)
    for widget in widgets:
        row.addWidget(widget, 1 if widget is stretched else 0)
    return row
