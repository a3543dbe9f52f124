"""What keys, the palette and the inspector's controls do with a scene, and what leaves a panel as a file."""

import math
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, Final

import numpy as np
from PySide6.QtCore import QObject, Signal

from studio.api.panel import Command, Snapshot
from studio.api.timeline.controller import TimelineController
from studio.core.frame import Frame
from studio.core.param import params_to_json
from studio.core.translation import N_
from studio.core.view import Image

from ..camera.camera import Camera
from ..camera.viewpoint import UP, cameras_around, completed, turntable
from ..params import VIEW_KINDS, ViewParams
from ..scene import ViewScene
from ..state import View
from .camera_section import CameraSection
from .editor import ViewEditor
from .navigation_input import NavigationInput
from .overlay import VIEWS
from .take_section import PictureSize

MENU: Final = "NeRF"
TURNTABLE_S: Final = 4.0
VIEW_NAMES: Final = ("front", "side", "top")


def scene_commands(editor: ViewEditor[Any], steering: "Steering", timeline: TimelineController) -> tuple[Command, ...]:
    """The commands of one panel, while its tab is in front."""
    views = [
        Command(f"nerf.view_{kind}", VIEWS[kind], partial(editor.choose_view, kind), (key,), MENU)
        for kind, key in zip(VIEW_KINDS, "12345", strict=True)
    ]
    return (
        Command("nerf.surprise", N_("Surprise me"), editor.surprise, ("R",), MENU),
        Command("nerf.fly", N_("Fly or orbit"), steering.toggle_flight, ("F",), MENU),
        Command("nerf.reset", N_("Reset the view"), editor.reset, ("0",), MENU),
        Command("nerf.turntable", N_("Once around the scene"), partial(_go_around, editor, timeline), (), MENU),
        *views,
    )


def frame_of(view: View, measure: str) -> Frame:
    """The picture of the viewport as a frame."""
    state = {**view.request.camera.position(), "pass": np.array(0)}
    return Frame(0, 1, views={"picture": Image(view.pixels)}, scalars={measure: view.n_samples}, state=state)


def snapshot_of(scene: ViewScene, frame: Frame, model_id: str, state: Mapping[str, Any]) -> Snapshot:
    """What is on screen: the frame, and the settings that make it, its own size among them."""
    params = params_to_json(scene.params)
    if isinstance(frame.main_view, Image):
        height, width = frame.main_view.pixels.shape[:2]
        params |= {"width": width, "height": height}
    return Snapshot(frame, model_id, scene.params.seed, params, state)


def put_turntable(scene: ViewScene, timeline: TimelineController) -> None:
    """Once around the scene as the path on the timeline, ready to be saved."""
    timeline.pause()
    path = turntable(scene.camera, TURNTABLE_S, up=UP[scene.up])
    timeline.paths.edit(N_("Turntable"), completed(path, timeline.paths.path.rules, scene.params))
    timeline.show_path()
    timeline.playback.seek(0)
    timeline.playback.set_loop("loop")


def draw_from(engine: Any, params: ViewParams, camera: Camera) -> Iterator[Frame | None]:
    """The picture from a camera."""
    frames: Iterator[Frame | None] = engine.run_to_end(params, camera.position())
    return frames


def drawings_around(scene: ViewScene) -> list[Callable[[Any], Iterator[Frame | None]]]:
    """What draws a scene from each camera around it, at its present settings."""
    cameras = cameras_around(scene.camera, UP[scene.up])
    return [partial(draw_from, params=scene.params, camera=camera) for camera in cameras]


def _go_around(editor: ViewEditor[Any], timeline: TimelineController) -> None:
    put_turntable(editor.scene, timeline)
    timeline.playback.play()


class Steering(QObject):
    """What the inspector's controls do with the scene and its camera.

    Signals: mode_changed(mode): the camera moves in another way, one of `camera_section.MODES`.
    """

    mode_changed = Signal(str)

    def __init__(
        self, camera: CameraSection, size: PictureSize, editor: ViewEditor[Any], hand: NavigationInput, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._camera, self._editor, self._hand = camera, editor, hand
        self._connect_camera()
        size.size_chosen.connect(editor.set_picture_size)
        size.shape_chosen.connect(lambda shape: editor.change(N_("Picture"), shape=shape))

    def _connect_camera(self) -> None:
        camera, editor = self._camera, self._editor
        camera.mode_changed.connect(self.set_mode)
        camera.fov_changed.connect(lambda degrees: editor.set_field_of_view(math.radians(degrees)))
        camera.roll_changed.connect(lambda degrees: editor.roll(math.radians(degrees)))
        camera.speed_changed.connect(self._on_speed_changed)
        camera.up_changed.connect(self._on_up_changed)
        camera.view_requested.connect(self._on_view_requested)
        camera.reset_requested.connect(editor.reset)
        camera.level_requested.connect(self._on_level_requested)
        camera.surprise_requested.connect(editor.surprise)
        camera.seed_changed.connect(editor.set_seed)

    def set_mode(self, mode: str) -> None:
        """Turn about the pivot, fly, or go from photo to photo."""
        self._hand.navigator.set_mode("fly" if mode == "fly" else "orbit")
        self._camera.set_mode(mode)
        self._camera.set_speed(self._hand.navigator.speed / self._editor.facts.extent.radius)
        self.mode_changed.emit(mode)

    def toggle_flight(self) -> None:
        """From orbiting to flying, and back."""
        self.set_mode("orbit" if self._hand.navigator.mode == "fly" else "fly")

    def _on_speed_changed(self, speed: float) -> None:
        self._hand.navigator.speed = speed * self._editor.facts.extent.radius

    def _on_up_changed(self, axis: str) -> None:
        self._editor.set_up(axis)
        self._hand.navigator.set_up(UP[axis])
        self._hand.go()

    def _on_view_requested(self, view: str) -> None:
        if view in VIEW_NAMES:
            self._hand.navigator.fly_to_view(view)  # type: ignore[arg-type]  # one of the three
            self._hand.go()

    def _on_level_requested(self) -> None:
        self._hand.navigator.level()
        self._hand.go()
