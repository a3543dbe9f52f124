"""What keys, the palette and the inspector's controls do with a scene, and what leaves the panel as a file."""

import math
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from PySide6.QtCore import QObject

from studio.api.panel import Command, Snapshot
from studio.core.frame import Frame
from studio.core.param import params_to_json
from studio.core.translation import N_
from studio.core.view import Image

from ..camera.viewpoint import UP, turntable
from ..params import VIEW_KINDS
from ..scene import FieldScene
from ..state import QUALITIES, Quality, View
from .overlay import VIEWS

if TYPE_CHECKING:
    from .panel import FieldPanel

MENU = "NeRF"
TURNTABLE_S: Final = 4.0
VIEW_NAMES: Final = ("front", "side", "top")


def scene_commands(panel: "FieldPanel") -> tuple[Command, ...]:
    """The commands of one panel, while its tab is in front."""
    desk, steering, editor = panel.photo_desk, panel.steering, panel.editor
    views = [
        Command(f"nerf.view_{kind}", VIEWS[kind], partial(panel.choose_view, kind), (key,), MENU)
        for kind, key in zip(VIEW_KINDS, "12345", strict=True)
    ]
    return (
        Command("nerf.surprise", N_("Surprise me"), editor.surprise, ("R",), MENU),
        Command("nerf.fly", N_("Fly, or orbit"), steering.toggle_flight, ("F",), MENU),
        Command("nerf.photo_on", N_("To the photo after"), partial(desk.step, 1), ("]",), MENU),
        Command("nerf.photo_back", N_("To the photo before"), partial(desk.step, -1), ("[",), MENU),
        Command("nerf.reset", N_("Reset the view"), editor.reset, ("0",), MENU),
        *views,
    )


def frame_of(view: View) -> Frame:
    """The picture of the viewport as a frame."""
    state = {**view.request.camera.position(), "pass": np.array(0)}
    return Frame(0, 1, views={"picture": Image(view.pixels)}, scalars={"samples a ray": view.n_samples}, state=state)


def snapshot_of(scene: FieldScene, frame: Frame, model_id: str, state: Mapping[str, Any]) -> Snapshot:
    """What is on screen: the frame, and the settings that make it, its own size among them."""
    params = params_to_json(scene.params)
    if isinstance(frame.main_view, Image):
        height, width = frame.main_view.pixels.shape[:2]
        params |= {"width": width, "height": height}
    return Snapshot(frame, model_id, scene.params.seed, params, state)


class Steering(QObject):
    """The connections between one panel's controls and its editor and hand."""

    def __init__(self, panel: "FieldPanel") -> None:
        super().__init__(panel)
        self._panel = panel
        self._editor = panel.editor
        self._hand = panel.hand
        self._connect_camera()
        self._connect_rest()

    def _connect_camera(self) -> None:
        camera, editor = self._panel.controls.camera, self._editor
        camera.edit_started.connect(editor.begin_gesture)
        camera.edit_finished.connect(editor.end_gesture)
        camera.mode_changed.connect(self.set_mode)
        camera.fov_changed.connect(lambda degrees: editor.set_field_of_view(math.radians(degrees)))
        camera.exposure_changed.connect(lambda ev: editor.change(N_("Exposure"), exposure=ev))
        camera.near_changed.connect(lambda near: editor.change(N_("Near clip"), near=near))
        camera.background_changed.connect(lambda name: editor.change(N_("Background"), background=name))
        camera.roll_changed.connect(self._on_roll_changed)
        camera.speed_changed.connect(self._on_speed_changed)
        camera.up_changed.connect(self._on_up_changed)
        camera.view_requested.connect(self._on_view_requested)
        camera.reset_requested.connect(editor.reset)
        camera.level_requested.connect(self._on_level_requested)
        camera.surprise_requested.connect(editor.surprise)
        camera.seed_changed.connect(editor.set_seed)

    def _connect_rest(self) -> None:
        controls, editor = self._panel.controls, self._editor
        controls.quality.quality_changed.connect(self._on_quality_changed)
        controls.quality.target_changed.connect(self._panel.loop.set_target_fps)
        controls.size.size_chosen.connect(lambda w, h: editor.change(N_("Picture size"), width=w, height=h))
        controls.size.view_size_requested.connect(self._on_view_size_requested)

        controls.take.picture_requested.connect(lambda: self._panel.host.run_command("studio.export"))
        controls.take.turntable_requested.connect(self._on_turntable_requested)

    def _on_turntable_requested(self) -> None:
        """Once around the scene as the path on the timeline, ready to be saved."""
        scene, deck = self._editor.scene, self._panel.deck
        deck.pause()
        deck.paths.edit(N_("Turntable"), turntable(scene.camera, TURNTABLE_S, up=UP[scene.up]))
        deck.show_path()
        deck.playback.seek(0)
        deck.playback.set_loop("loop")
        self._panel.host.run_command("studio.export")

    def set_mode(self, mode: str) -> None:
        """Turn about the pivot, fly, or go from photo to photo."""
        self._hand.navigator.set_mode("fly" if mode == "fly" else "orbit")
        self._panel.canvas.taken_keys = self._hand.keys
        self._panel.controls.camera.set_mode(mode)
        self._panel.controls.camera.set_speed(self._hand.navigator.speed / self._panel.facts.extent.radius)
        self._panel.photo_desk.set_active(mode == "photos")
        self._panel.show_hint(mode)

    def toggle_flight(self) -> None:
        """From orbiting to flying, and back."""
        self.set_mode("orbit" if self._hand.navigator.mode == "fly" else "fly")

    def _on_quality_changed(self, chosen: str) -> None:
        quality: Quality = next(one for one in QUALITIES if one == chosen)
        scene = self._editor.scene
        params = replace(scene.params, quality="baked" if quality == "baked" else "network")
        self._editor.apply(N_("Quality"), replace(scene, quality=quality, params=params))

    def _on_view_size_requested(self) -> None:
        width, height = self._panel.canvas.size_px()
        self._editor.change(N_("Picture size"), width=width, height=height)

    def _on_roll_changed(self, degrees: float) -> None:
        self._editor.roll(math.radians(degrees))

    def _on_speed_changed(self, speed: float) -> None:
        self._hand.navigator.speed = speed * self._panel.facts.extent.radius

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
