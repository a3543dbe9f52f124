"""Saves a field as something that other programs open: a mesh, points, splats, or how far everything is."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from studio.api.engine import Policy
from studio.api.panel import (
    EngineTasks,
    SliderRow,
    SteadyLabel,
    ValueRange,
    named_button,
    put_in_a_column,
    side_by_side,
)
from studio.core.translation import N_, _, plural

from ...shared.panel.editor import ViewEditor
from ..scene import FieldScene
from ..state import TAKEN_KINDS, FieldRequest, TakenKind, Taking

KEY: Final = "take home"
DETAIL: Final = ValueRange(64.0, 512.0, step=32.0, default=256.0, is_whole=True)
_BUTTONS: Final[dict[TakenKind, tuple[str, str]]] = {
    "mesh": (N_("Mesh…"), N_("Save the scene as a surface of triangles with colours (marching cubes)")),
    "points": (N_("Points…"), N_("Save points on all surfaces with colours and normals (point cloud)")),
    "splats": (N_("Splats…"), N_("Save soft coloured spots on all surfaces (Gaussian splats)")),
    "depth": (N_("Depth…"), N_("Save how far everything in this view is, along the axis of the camera (depth map)")),
}
_FILES: Final[dict[TakenKind, tuple[str, str, str]]] = {
    "mesh": (N_("Meshes"), "scene.glb", "*.glb *.ply *.obj"),
    "points": (N_("Points"), "points.ply", "*.ply"),
    "splats": (N_("Gaussian splats"), "splats.ply", "*.ply *.splat *.spz *.sog *.glb"),
    "depth": (N_("Depths"), "depth.npz", "*.npz *.png"),
}


class TakeSection(QWidget):
    """Signals: asked(kind), one of TAKEN_KINDS."""

    asked = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.buttons = {kind: self._button(kind) for kind in TAKEN_KINDS}
        tip = N_("Cells along the longest side of a mesh: twice as many are four times the triangles")
        self.detail = SliderRow("mesh_detail", N_("Detail"), DETAIL, tip)
        self.words = SteadyLabel(role="small")
        first, second = (
            side_by_side(*(self.buttons[kind] for kind in row)) for row in (TAKEN_KINDS[:2], TAKEN_KINDS[2:])
        )
        put_in_a_column(self, (first, second, self.detail, self.words), 4)

    def _button(self, kind: TakenKind) -> QWidget:
        title, tip = _BUTTONS[kind]
        button = named_button(f"take_{kind}", title, tip)
        button.clicked.connect(lambda: self.asked.emit(kind))
        return button


class TakePresenter(QObject):
    """Asks for names, and has the files written."""

    def __init__(
        self,
        section: TakeSection,
        request: Callable[[tuple[int, int]], Any],
        editor: ViewEditor[FieldScene],
        tasks: EngineTasks,
        window: QWidget,
    ) -> None:
        """`request` says what is shown, for a picture of a width and height in pixels."""
        super().__init__(window)
        self._section, self._request, self._editor = section, request, editor
        self._tasks, self._window = tasks, window
        section.asked.connect(self._choose_name)

    def _choose_name(self, kind: TakenKind) -> None:
        title, name, endings = _FILES[kind]
        filters = f"{_(title)} ({endings})"
        chosen, _filter = QFileDialog.getSaveFileName(self._window, _(_BUTTONS[kind][1]), name, filters)
        if chosen:
            self.save(kind, Path(chosen))

    def save(self, kind: TakenKind, path: Path) -> None:
        """Write what is shown now; depths are as large as pictures are."""
        params = self._editor.scene.params
        request: FieldRequest = self._request((params.width, params.height))
        taking = Taking(kind, round(self._section.detail.value()))
        self._tasks.ask(
            KEY,
            partial(_take_home, path=path, request=request, taking=taking),
            Policy.QUEUE,
            done=partial(self._on_saved, path.name, kind),
            title=_("Saving {name}").format(name=path.name),
            pauses=True,
        )

    def _on_saved(self, name: str, kind: TakenKind, n_parts: int) -> None:
        text = {
            "mesh": plural("{n} triangle is in “{name}”.", "{n} triangles are in “{name}”.", n_parts),
            "points": plural("{n} point is in “{name}”.", "{n} points are in “{name}”.", n_parts),
            "splats": plural("{n} splat is in “{name}”.", "{n} splats are in “{name}”.", n_parts),
            "depth": plural("{n} depth is in “{name}”.", "{n} depths are in “{name}”.", n_parts),
        }[kind]
        self._section.words.set_text(text.format(name=name))


def _take_home(engine: Any, path: Path, request: FieldRequest, taking: Taking) -> int:
    n_parts: int = engine.take_home(path, request, taking)
    return n_parts
