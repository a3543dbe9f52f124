"""The inspector's part for the box outside which nothing of a scene is drawn, and the same box over the picture."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QLineF, QObject, QPointF, QRect, Signal
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QWidget

from studio.api.panel import (
    EngineTasks,
    Label,
    NumberField,
    SceneView,
    Segmented,
    ValueRange,
    at_the_left,
    hue_of,
    named_button,
    put_in_a_column,
    set_tip,
    theme,
)
from studio.core.hand import Pointer
from studio.core.translation import N_, _

from ...shared.panel.editor import ViewEditor
from ...shared.panel.navigation_input import NavigationInput
from ..box import Box, box_words, is_box
from ..scene import FieldScene

TOOLS: Final = {
    "off": (N_("Hide"), N_("The scene stays as it is cut; the box is not shown")),
    "on": (N_("Show the box"), N_("Drag the points on its faces: what lies outside is not drawn (crop)")),
}
FIELD: Final = ValueRange(-1000.0, 1000.0, step=0.01)
PHOTOS_RECIPE: Final = "nerf/photos"
_NAMES: Final = (N_("From"), N_("To"))
_CORNERS: Final = np.array([[i >> 0 & 1, i >> 1 & 1, i >> 2 & 1] for i in range(8)])
_EDGES: Final = [(i, i | 1 << axis) for i in range(8) for axis in range(3) if not i >> axis & 1]
_HANDLE_PX: Final = 6.0
_HIT_PX: Final = 14.0
_THIN: Final = 0.01
"""Of the way between two faces, that is left at least."""


class BoxSection(QWidget):
    """Signals:
    tool_changed(tool), one of TOOLS. typed(index, value): one of the six numbers.
    whole_asked(): nothing is left out any more; learn_asked(): learn the photos again in this box.
    """

    tool_changed = Signal(str)
    typed = Signal(int, float)
    whole_asked = Signal()
    learn_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.tool = Segmented("box_tool", TOOLS, N_("The box round the scene"))
        self.tool.value_chosen.connect(self.tool_changed)
        self.fields = [self._field(index) for index in range(6)]
        rows = [at_the_left(Label(_(name)), *self.fields[3 * row : 3 * row + 3]) for row, name in enumerate(_NAMES)]
        self.whole = named_button(
            "box_whole", N_("Whole scene"), N_("Draw all of the scene again"), "reset", pressed=self.whole_asked
        )
        self.learn = named_button(
            "box_learn",
            N_("Learn again in it"),
            N_("Learn your photos again, and nothing outside this box"),
            pressed=self.learn_asked,
        )
        put_in_a_column(self, (self.tool, *rows, at_the_left(self.whole, self.learn)), 4)
        self.show_box("off", (), False)

    def _field(self, index: int) -> NumberField:
        field = NumberField(FIELD)
        axis = "xyz"[index % 3]
        field.setObjectName(f"box_{axis}_{index // 3}")
        name = _("Lower end along {axis}") if index < 3 else _("Upper end along {axis}")
        field.setAccessibleName(name.format(axis=axis))
        set_tip(field, _("In units of the scene"))
        field.value_typed.connect(lambda value: self.typed.emit(index, value))
        return field

    def show_box(self, tool: str, box: Box, can_learn: bool) -> None:
        """Show which box there is; emits nothing."""
        self.tool.set_value(tool)
        for field, value in zip(self.fields, box or (0.0,) * 6, strict=True):
            field.setEnabled(bool(box))
            field.set_value(value)
        self.whole.setEnabled(bool(box))
        self.learn.setVisible(can_learn)
        self.learn.setEnabled(bool(box))


class BoxPresenter(QObject):
    """Joins the section to the scene and to the canvas, where a hand drags the faces of the box.

    Signals: learn_asked(settings): of a training on the photos of this scene.
    """

    learn_asked = Signal(object)

    def __init__(
        self,
        section: BoxSection,
        canvas: SceneView,
        editor: ViewEditor[FieldScene],
        hand: NavigationInput,
        tasks: EngineTasks,
    ) -> None:
        super().__init__(canvas)
        self._section, self._canvas, self._editor, self._tasks = section, canvas, editor, tasks
        self._tool, self._held = "off", -1
        self._claims: Callable[[Pointer], bool] = hand.claims
        hand.claims = lambda event: self._takes(event) or self._claims(event)
        canvas.overlays.append(self._paint)
        canvas.pointer_moved.connect(self._on_moved)
        canvas.pointer_released.connect(lambda _: self._let_go())
        canvas.hand_lost.connect(self._let_go)
        section.tool_changed.connect(self.hold)
        section.typed.connect(self._on_typed)
        section.whole_asked.connect(lambda: self._apply(()))
        section.learn_asked.connect(self._on_learn_asked)

    @property
    def _box(self) -> Box:
        return self._editor.scene.box

    @property
    def _settings(self) -> Mapping[str, Any]:
        card = self._tasks.handle.source.card
        settings = card.get("settings")
        return settings if isinstance(settings, dict) else {}

    def hold(self, tool: str) -> None:
        """Show the box, or not; where there is none yet, the one round all of the scene is suggested."""
        self._tool = tool
        if tool == "on" and not self._box:
            self._tasks.ask("box", lambda engine: engine.box(), done=self._suggest)
        self.show_scene(self._editor.scene)
        self._canvas.update()

    def _suggest(self, box: Box) -> None:
        if self._tool == "on" and not self._box:
            self._apply(box)

    def show_scene(self, scene: FieldScene) -> None:
        """Let the controls stand where the scene is."""
        self._section.show_box(self._tool, scene.box, bool(self._settings.get("data")))

    def _apply(self, box: Box, merge_key: str | None = None) -> None:
        self._editor.apply(N_("Crop the scene"), replace(self._editor.scene, box=box), merge_key)
        self._canvas.update()

    def _on_typed(self, index: int, value: float) -> None:
        self._move(index, value)
        self.show_scene(self._editor.scene)

    def _move(self, index: int, value: float, merge_key: str | None = None) -> None:
        """Put one face elsewhere, as far as the face opposite lets it."""
        low, high = self._box[index % 3], self._box[index % 3 + 3]
        thin = _THIN * (high - low)
        bounded = min(value, high - thin) if index < 3 else max(value, low + thin)
        box = (*self._box[:index], bounded, *self._box[index + 1 :])
        if is_box(box) and box != self._box:
            self._apply(box, merge_key)

    def _on_learn_asked(self) -> None:
        given = {"data": str(self._settings["data"]), "box": box_words(self._box)}
        self.learn_asked.emit(given)

    # The hand

    def _handles(self) -> npt.NDArray[np.float64]:
        """The middles of the six faces (6, 3): lower x, y, z, then upper ones."""
        low, high = np.array(self._box[:3]), np.array(self._box[3:])
        faces = np.tile((low + high) / 2, (6, 1))
        faces[range(3), range(3)], faces[range(3, 6), range(3)] = low, high
        return faces

    def _project(self, points: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
        return self._editor.scene.camera.project(points, self._canvas.width(), self._canvas.height())[0]

    def _takes(self, event: Pointer) -> bool:
        if self._tool != "on" or not self._box or event.button != "left" or event.modifiers:
            return False
        away = np.linalg.norm(self._project(self._handles()) - (event.x_px, event.y_px), axis=1)
        nearest = int(np.argmin(np.where(np.isnan(away), np.inf, away)))
        self._held = nearest if away[nearest] <= _HIT_PX else -1
        if self._held >= 0:
            self._editor.begin_gesture()
        return self._held >= 0

    def _on_moved(self, event: Pointer) -> None:
        """Move the face that is held to where its axis comes nearest to the pointer."""
        if self._held < 0:
            return
        face, axis = self._handles()[self._held], np.eye(3)[self._held % 3]
        step = 0.01 * (self._box[self._held % 3 + 3] - self._box[self._held % 3])
        here, there = self._project(np.stack([face, face + step * axis]))
        way = there - here
        length = float(way @ way)
        if np.isfinite(length) and length > 1e-6:
            moved = float((np.array([event.x_px, event.y_px]) - here) @ way) / length * step
            self._move(self._held, float(face[self._held % 3]) + moved, "box")

    def _let_go(self) -> None:
        if self._held >= 0:
            self._held = -1
            self._editor.end_gesture()

    def _paint(self, painter: QPainter, rect: QRect) -> None:
        if self._tool != "on" or not self._box:
            return
        low, high = np.array(self._box[:3]), np.array(self._box[3:])
        corners = self._project(low + _CORNERS * (high - low))
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(hue_of(self._canvas).fill), 1.5))
        for start, end in _EDGES:
            if np.isfinite(corners[[start, end]]).all():
                painter.drawLine(QLineF(*map(float, (*corners[start], *corners[end]))))
        painter.setPen(QPen(QColor(theme().colour.card), 1))
        painter.setBrush(QColor(hue_of(self._canvas).fill))
        for place in self._project(self._handles()):
            if np.isfinite(place).all():
                painter.drawEllipse(QPointF(*map(float, place)), _HANDLE_PX, _HANDLE_PX)
        painter.restore()
