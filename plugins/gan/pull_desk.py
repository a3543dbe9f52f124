"""Joins the pulling of points to the people's panel: points and region are set over the canvas, then it creeps."""

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QObject

from studio.api.panel import Step
from studio.core.frame import Frame
from studio.core.text import N_

from .people_scene import PeopleScene
from .place_run import PlaceRun, PlaceSource
from .pull_call import creep
from .pull_overlay import PullOverlay
from .pull_points import HANDLES, Pair, Pulls

if TYPE_CHECKING:
    from .people_engine import About
    from .people_panel import PeoplePanel


class PullDesk(QObject):
    """Attributes: pulls: the points and the region as they are set."""

    def __init__(self, panel: "PeoplePanel") -> None:
        super().__init__(panel)
        self._panel = panel
        self._section = section = panel.controls.pull
        self.pulls = Pulls()
        self.overlay = overlay = PullOverlay(panel.stage.picture)
        self.run = PlaceRun(panel)
        section.setting_toggled.connect(self.set_setting)
        section.brush_toggled.connect(self._on_brush_toggled)
        section.radius_changed.connect(self._on_radius_changed)
        section.start_requested.connect(self.start)
        section.stop_requested.connect(self.run.stop)
        section.clear_requested.connect(lambda: self._change(N_("Clear the points"), Pulls()))
        overlay.pair_drawn.connect(lambda pair: self._change(N_("Point"), self.pulls.with_pair(pair)))
        overlay.pair_changed.connect(self._on_pair_changed)
        overlay.pair_removed.connect(lambda index: self._change(N_("Remove a point"), self.pulls.without(index)))
        overlay.stroke_drawn.connect(lambda pulls: self._change(N_("Region"), pulls))
        panel.opened.connect(self._on_opened)
        panel.drawn.connect(self._on_drawn)
        self.run.grown.connect(lambda frame: section.show_distance(frame.scalars["distance"]))
        self.run.ended.connect(self._on_ended)
        self.run.settled.connect(self._on_settled)

    def set_setting(self, is_on: bool) -> None:
        """Set points on the picture with the mouse, or walk over the carpet again."""
        self._section.show_setting(is_on)
        self.overlay.setVisible(is_on)
        if is_on:
            self._section.show_pulls(self.pulls)
            self.overlay.raise_()
            self.overlay.setFocus()

    def start(self) -> None:
        """Let the picture creep."""
        if not self.pulls.pairs:
            return
        self._section.show_running(True)
        scene: PeopleScene = self._panel.editor.scene
        self.run.begin(N_("Pull points"), PlaceSource(scene, partial(creep, scene=scene, pulls=self.pulls)))

    def _on_opened(self, about: "About") -> None:
        self._section.set_available(about.can_pull)
        self._section.show_pulls(self.pulls)

    def _change(self, title: str, pulls: Pulls) -> None:
        self.run.stop()
        before = self.pulls
        self._show(pulls)
        self._panel.host.undo.push(Step(title, partial(self._show, before), partial(self._show, pulls)))

    def _show(self, pulls: Pulls) -> None:
        self.pulls = pulls
        self.overlay.show_pulls(pulls)
        self.overlay.show_handles(None)
        self._section.show_pulls(pulls)

    def _on_pair_changed(self, index: int, pair: Pair) -> None:
        pairs = (*self.pulls.pairs[:index], pair, *self.pulls.pairs[index + 1 :])
        self._change(N_("Move a point"), replace(self.pulls, pairs=pairs))

    def _on_brush_toggled(self, is_on: bool) -> None:
        self.overlay.is_brush = is_on
        if is_on and not self.overlay.isVisible():
            self.set_setting(True)

    def _on_radius_changed(self, share: float) -> None:
        self.overlay.radius = share

    def _on_drawn(self, frame: Frame) -> None:
        """While the run is on the timeline, the dots are where the handles were at that step."""
        if self.overlay.isVisible():
            self.overlay.show_handles(None if frame.state is None else frame.state.get(HANDLES))

    def _on_ended(self, _: Any) -> None:
        self._section.show_running(False)

    def _on_settled(self, frame: Frame) -> None:
        """The next pull starts from where the handles are now."""
        handles = None if frame.state is None else frame.state.get(HANDLES)
        if handles is not None and len(handles) == len(self.pulls.pairs):
            places = [(float(x), float(y)) for x, y in np.asarray(handles)]
            pairs = tuple(replace(pair, handle=at) for at, pair in zip(places, self.pulls.pairs, strict=True))
            self._show(replace(self.pulls, pairs=pairs))
