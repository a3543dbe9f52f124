"""Looks for the nearest training picture once a face rests on the canvas of the people's panel."""

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QObject

from studio.api.engine import Policy
from studio.core.view import Image

from .nearest_call import SET, find_nearest

if TYPE_CHECKING:
    from .people_panel import PeoplePanel

NEAREST_KEY: Final = "nearest real picture"
SIZE_PX: Final = 64


class NearestDesk(QObject):
    """Works for models that learnt the shipped faces; others have no such section."""

    def __init__(self, panel: "PeoplePanel") -> None:
        super().__init__(panel)
        self._panel = panel
        data_set = panel.handle.source.card.get("data_set", {})
        self._n_all = int(data_set.get("n_items", 0))
        self.can_look = data_set.get("name") == SET
        panel.controls.nearest_box.setVisible(self.can_look)
        if self.can_look:
            panel.rested.connect(self._look)

    def _look(self) -> None:
        shown = self._panel.shown
        view = shown[1].main_view if shown is not None else None
        if isinstance(view, Image) and view.pixels.shape == (SIZE_PX, SIZE_PX, 3):
            work = self._panel.handle.work(partial(find_nearest, pixels=view.pixels))
            self._panel.tasks.run(NEAREST_KEY, work, Policy.RESTART, done=self._on_found)

    def _on_found(self, found: Any) -> None:
        self._panel.controls.nearest.show_nearest(found, self._n_all)
