"""Lets the map and the path section edit the timeline's path, by hand or by chance, and keeps both in step with it."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QObject, Signal

from studio.api.panel import Throttle
from studio.api.timeline.controller import TimelineController
from studio.core.error import UserError
from studio.core.path.easing import Easing
from studio.core.path.keyframe import DEFAULT_DURATION_S, MAX_KEYFRAMES, MIN_DURATION_S, Keyframe, KeyframePath
from studio.core.path.position import Array, Position, Rule, unit_rows
from studio.core.path.route import Curve
from studio.core.seed import MAX_SEED, standard_normal
from studio.core.translation import N_

from ..scene import MAX_ABS_Z
from .editor import VaeSceneEditor
from .latent_map import LatentMap
from .path_section import VaePathSection

SECONDS_ACROSS = 5.0
FOLLOW_MS = 33
N_PER_SEGMENT, MAX_POINTS = 16, 1600
MIN_PLACES = 3


def random_walk(
    seed: int,
    shapes: Mapping[str, tuple[int, ...]],
    rules: Mapping[str, Rule],
    seconds: float,
    spread: float = 1.0,
) -> KeyframePath:
    """Return a seamless loop through random places, one about every 1.5 seconds, at least three.

    Place k is drawn from hash(seed, name, k): N(0, spread² I), a rotation of any kind, exp(N(0, spread² I)) for a
    logarithmic array.

    Args:
        seconds: how long it lasts, 0.1 to 700.
    """
    n = min(max(MIN_PLACES, round(seconds / DEFAULT_DURATION_S)), MAX_KEYFRAMES)
    duration_s = max(seconds / n, MIN_DURATION_S)
    keyframes = []
    for k in range(n):
        position = {name: _random_array(shape, rules[name], spread, (seed, name, k)) for name, shape in shapes.items()}
        keyframes.append(Keyframe(position, duration_s))
    return KeyframePath(tuple(keyframes), rules, "smooth", is_loop=True)


def _random_array(shape: tuple[int, ...], rule: Rule, spread: float, keys: tuple[int, str, int]) -> Array:
    noise = standard_normal(shape, *keys)
    match rule:
        case "rotation":
            return unit_rows(noise).astype(np.float32)
        case "logarithmic":
            return np.asarray(np.exp(spread * noise), np.float32)
        case _:
            return np.float32(spread) * noise


class PathControl(QObject):
    """The path on the map and in the inspector.

    A drawn path goes as it was drawn, straight between its places. Taking the round course gives it the rules of
    the family, as all other paths have them.

    Signals: failed(UserError).
    """

    failed = Signal(object)

    def __init__(
        self,
        timeline: TimelineController,
        editor: VaeSceneEditor,
        latent_map: LatentMap,
        section: VaePathSection,
        go_to: Callable[[Position], None],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._timeline = timeline
        self._rules = timeline.paths.path.rules
        self._editor = editor
        self._map = latent_map
        self._section = section
        self._go_to = go_to
        self._segment: int | None = None
        self._shown: tuple[KeyframePath, float | None] | None = None
        self._connect_map()
        self._connect_section()
        self._follow = Throttle(FOLLOW_MS, self.show, self)
        timeline.paths.changed.connect(self._on_path_changed)
        timeline.source_changed.connect(self._on_source_changed)
        timeline.playback.moved.connect(self._show_playhead)

    def _connect_map(self) -> None:
        path, paths = self._map.path, self._timeline.paths
        path.drawing_changed.connect(self._section.show_drawing)
        path.drawn.connect(self._on_drawn)
        path.dot_chosen.connect(self._on_dot_chosen)
        path.dot_dragged.connect(self._on_dot_dragged)
        path.dot_inserted.connect(self._on_dot_inserted)
        path.dot_removed.connect(paths.remove)
        path.edit_started.connect(paths.begin_gesture)
        path.edit_finished.connect(paths.end_gesture)

    def _connect_section(self) -> None:
        section = self._section
        section.draw_toggled.connect(self._map.path.set_drawing)
        section.walk_requested.connect(self._on_walk_requested)
        section.clear_requested.connect(self._on_clear_requested)
        section.curve_chosen.connect(self._on_curve_chosen)
        section.easing_chosen.connect(self._on_easing_chosen)
        section.duration_typed.connect(self._on_duration_typed)
        section.whole_typed.connect(self._on_whole_typed)
        section.loop_toggled.connect(self._on_loop_toggled)
        section.pace_toggled.connect(self._on_pace_toggled)

    @property
    def _path(self) -> KeyframePath:
        return self._timeline.paths.path

    # Showing

    def _on_path_changed(self) -> None:
        """While it plays, a hand may move all of it many times between two pictures."""
        if self._timeline.playback.is_playing:
            self._follow.request()
        else:
            self.show()

    def _on_source_changed(self) -> None:
        if not self._timeline.playback.is_playing:
            self._show_playhead()

    def show(self) -> None:
        """Show the path as it is now; before the model's atlas is there, the section alone."""
        path, atlas = self._path, self._editor.atlas
        if atlas is not None and len(path):
            n = max(1, min(N_PER_SEGMENT, MAX_POINTS // max(1, path.n_segments)))
            route = path.route.at_all(path.route.stops(n))["z"]
            dots = np.stack([keyframe.position["z"] for keyframe in path.keyframes])
            self._map.show_path(atlas.on_map(route), atlas.on_map(dots), path.is_loop)
        else:
            self._map.show_path(np.zeros((0, 2)), np.zeros((0, 2)), False)
        self._shown, self._segment = None, None
        self._show_playhead()
        self._section.show_path(path, self._segment)

    def _show_playhead(self) -> None:
        """Put the ring where the playhead is on the path, and show that segment; another recording has no ring."""
        path, atlas = self._path, self._editor.atlas
        progress = self._progress()
        if (path, progress) == self._shown:
            return
        self._shown = path, progress
        segment = None if progress is None or not path.n_segments else min(int(progress), path.n_segments - 1)
        if segment != self._segment:
            self._segment = segment
            self._section.show_path(path, segment)
        if atlas is None or progress is None:
            self._map.path.show_current(None)
        else:
            x, y = atlas.on_map(path.route.at(progress)["z"])
            self._map.path.show_current((float(x), float(y)))

    def _progress(self) -> float | None:
        """Where on the route the playhead is, None while no path is on the timeline."""
        path, playback = self._path, self._timeline.playback
        if not len(path) or self._timeline.track is not None:
            return None
        index = min(playback.index, path.n_frames(playback.fps) - 1)
        return path.progress_at(self._timeline.paths.time_of(index, playback.fps))

    # The map

    def _on_drawn(self, points: Sequence[tuple[float, float]], is_loop: bool) -> None:
        atlas = self._editor.atlas
        if atlas is None:
            return
        here = self._editor.scene.z
        places = [_bounded(atlas.from_map(x, y, here)) for x, y in points]
        ends = np.roll(np.array(points), -1, axis=0)
        shares = np.hypot(*((ends - points) / (2 * np.array(atlas.extent))).T)  # (K,), of the map's width and height
        durations = np.maximum(SECONDS_ACROSS * shares, MIN_DURATION_S).tolist()
        keyframes = tuple(Keyframe({"z": z}, s) for z, s in zip(places, durations, strict=True))
        rules: dict[str, Rule] = dict.fromkeys(self._rules, "linear")
        self._start(N_("Draw a path"), KeyframePath(keyframes, rules, "smooth", is_loop))

    def _start(self, title: str, path: KeyframePath) -> None:
        """Take a new path and stand at its beginning; a loop is played as one."""
        self._timeline.pause()
        self._timeline.paths.edit(title, path)
        self._timeline.show_path()
        self._timeline.playback.seek(0)
        self._go_to(path.keyframes[0].position)
        self._follow_loop(path.is_loop)

    def _follow_loop(self, is_loop: bool) -> None:
        if is_loop and self._timeline.playback.loop == "once":
            self._timeline.playback.set_loop("loop")

    def _on_dot_chosen(self, index: int) -> None:
        if not self._timeline.playback.is_playing:
            self._timeline.go_to_keyframe(index)
            self._go_to(self._path.keyframes[index].position)

    def _on_dot_dragged(self, index: int, x: float, y: float) -> None:
        atlas = self._editor.atlas
        if atlas is None:
            return
        position = {"z": _bounded(atlas.from_map(x, y, self._path.keyframes[index].position["z"]))}
        self._timeline.paths.place(index, position)
        if not self._timeline.playback.is_playing:
            self._timeline.go_to_keyframe(index)
            self._go_to(position)

    def _on_dot_inserted(self, number: float) -> None:
        try:
            self._timeline.paths.edit(N_("Add a keyframe"), self._path.split_on_route(number))
        except UserError as error:
            self.failed.emit(error)

    # The section

    def _on_walk_requested(self, seconds: float) -> None:
        shapes = {"z": self._editor.scene.z.shape}
        walk = random_walk(random.randrange(MAX_SEED), shapes, self._rules, seconds, self._editor.scene.spread)
        self._start(N_("Random walk"), walk)
        self._timeline.playback.play()

    def _on_clear_requested(self) -> None:
        self._timeline.pause()
        self._timeline.paths.edit(N_("Clear the path"), KeyframePath((), self._rules))

    def _on_curve_chosen(self, curve: Curve) -> None:
        path = replace(self._path, rules=self._rules) if curve == "spherical" else self._path
        self._timeline.paths.edit(N_("Shape of the path"), path.with_curve(curve))

    def _on_easing_chosen(self, easing: Easing) -> None:
        if self._segment is not None:
            self._timeline.paths.ease(self._segment, easing)

    def _on_duration_typed(self, seconds: float) -> None:
        if self._segment is not None:
            self._timeline.paths.edit(N_("Duration"), self._path.retimed(self._segment, seconds))

    def _on_whole_typed(self, seconds: float) -> None:
        self._timeline.paths.edit(N_("Length of the path"), self._path.stretched(seconds))

    def _on_loop_toggled(self, is_loop: bool) -> None:
        self._timeline.paths.edit(N_("Loop"), self._path.looped(is_loop))
        self._follow_loop(is_loop)

    def _on_pace_toggled(self, is_paced: bool) -> None:
        path = self._path.with_even_pace() if is_paced else self._path.without_pace()
        self._timeline.paths.edit(N_("Constant speed"), path)


def _bounded(z: Array) -> Array:
    return np.clip(z, -MAX_ABS_Z, MAX_ABS_Z).astype(np.float32)
