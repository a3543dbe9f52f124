"""The training photos in a panel: where they were taken, flights to them, and one held against our picture."""

from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np
from PySide6.QtCore import QObject, QPointF, QRect
from PySide6.QtGui import QImage, QPainter

from studio.api.engine import Policy
from studio.api.panel import image_from_array
from studio.core.hand import Pointer

from .caption import Make, Words, describe
from .engine_call import compare_photo, read_views
from .frusta import Frusta
from .frustum import nearest_photo, projected_pyramids, stepped
from .params import VIEW_KINDS
from .photo_compare import COMPARISONS, Comparison, compared, resized
from .view_request import View

if TYPE_CHECKING:
    from .camera import Camera
    from .panel import NerfPanel
    from .scene_photos import PhotoPair, PhotoViews

PAIR_KEY: Final = "pair"


class PhotoDesk(QObject):
    """Attributes:
    views: the photos once they have been read, None before and where there are none.
    current: the photo through which the scene is seen, -1 for none.
    """

    def __init__(self, panel: "NerfPanel") -> None:
        super().__init__(panel)
        self._panel = panel
        self._section = panel.controls.photos
        self.views: PhotoViews | None = None
        self.current = -1
        self._is_active = False
        self._pair: PhotoPair | None = None
        self._comparison: Comparison = "off"
        self._place = 0.5
        self._frusta = Frusta(panel.canvas)
        self._frusta.changed.connect(panel.canvas.update)
        self._frusta.photo_clicked.connect(self.go_to)
        panel.canvas.overlays.append(self._paint)
        panel.canvas.pointer_moved.connect(self._on_pointer_moved)
        panel.canvas.pointer_left.connect(lambda: self._frusta.point_at(None))
        panel.hand.clicked.connect(self._on_clicked)
        panel.hand.stopped.connect(self._on_arrived)
        self._section.photo_requested.connect(self.go_to)
        self._section.step_requested.connect(self.step)
        self._section.comparison_changed.connect(self._on_comparison_changed)
        self._section.place_changed.connect(self._on_place_changed)

    def read(self) -> None:
        """Read the photos."""
        self._panel.tasks.run("photos", self._panel.handle.work(read_views), Policy.RESTART, done=self._on_read)

    def _on_read(self, views: "PhotoViews | None") -> None:
        self.views = views
        self._panel.controls.set_has_photos(views is not None)
        if views is not None:
            images = [image_from_array(pixels) for pixels in views.thumbnails] or [QImage()] * len(views)
            self._section.set_photos(images, views.names)
            self._frusta.set_photos(images, views.names)
            self.follow()

    def words(self, view: View) -> Words:
        """What to say about a picture."""
        make = Make(int(self._panel.handle.source.card.get("n_params", 0)), self._panel.facts.has_grid)
        camera, near = view.request.camera, None
        if self.views is not None:
            near = nearest_photo(camera, self.views.camera_to_world)
        kind = next(one for one in VIEW_KINDS if one == view.request.look.view)
        is_held_out = near is not None and self.views is not None and self.views.is_held_out[near.index]
        return describe(make, kind, view.stage, near, bool(is_held_out))

    # Going there

    def set_active(self, is_active: bool) -> None:
        """Show the pyramids on the canvas, or not."""
        self._is_active = is_active
        self.follow()
        if is_active and self.current < 0:
            self.step(1)

    def step(self, way: int) -> None:
        """Go to the photo after or before this one."""
        if self.views is not None:
            self.go_to(stepped(self.current, way, len(self.views)))

    def go_to(self, index: int) -> None:
        """Fly to where a photo was taken."""
        if self.views is None:
            return
        self._mark(index)
        self._panel.hand.navigator.fly_to(self._camera(index))
        self._panel.hand.go()

    def _camera(self, index: int) -> "Camera":
        assert self.views is not None
        canvas = self._panel.canvas
        return self.views.camera(index, canvas.width() / max(canvas.height(), 1), self._panel.facts.extent)

    def _mark(self, index: int) -> None:
        self.current, self._pair = index, None
        self._section.set_current(index)
        self._frusta.set_current(index)

    def follow(self) -> None:
        """The camera is elsewhere, or the pyramids come and go."""
        if self.views is None or not self._is_active:
            return
        canvas = self._panel.canvas
        camera = self._panel.editor.scene.camera
        corners, depths = projected_pyramids(camera, self.views.pyramids, canvas.width(), canvas.height())
        self._frusta.set_corners(corners, depths)

    def leave(self) -> None:
        """The camera leaves the photo's place by hand."""
        if self.current >= 0 and not self._is_at_photo():
            self._mark(-1)
            self._panel.canvas.set_filling(True)

    def _is_at_photo(self) -> bool:
        if self.views is None or self.current < 0:
            return False
        camera, here = self._camera(self.current), self._panel.editor.scene.camera
        is_turned = abs(float(np.dot(camera.rotation, here.rotation))) < 1 - 1e-5
        return not is_turned and np.allclose(camera.eye, here.eye, atol=1e-3 * self._panel.facts.extent.radius)

    def _on_arrived(self) -> None:
        if self._is_at_photo() and self.views is not None and self.views.thumbnails:
            work = self._panel.handle.work(partial(compare_photo, index=self.current))
            self._panel.tasks.run(PAIR_KEY, work, done=self._on_compared)
        elif not self._is_at_photo():
            self.leave()

    # Comparing

    def _on_compared(self, pair: "PhotoPair") -> None:
        if pair.index != self.current:
            return
        self._pair = pair
        self._section.set_figures(pair.psnr_db, pair.ssim)
        self._show_pair()

    @property
    def is_comparing(self) -> bool:
        """Whether the canvas shows a photo, not the scene alone."""
        return self._pair is not None and self._comparison != "off" and self._is_at_photo()

    def _show_pair(self) -> None:
        if self.is_comparing and self._pair is not None:
            self._panel.canvas.set_filling(False)
            ours, photo = (resized(one, *self._shown_size()) for one in (self._pair.ours, self._pair.photo))
            self._panel.canvas.set_picture(compared(self._comparison, ours, photo, self._place))

    def _shown_size(self) -> tuple[int, int]:
        """As large as the photo is on the canvas, so that lines over it are thin."""
        assert self._pair is not None
        height, width = self._pair.photo.shape[:2]
        scale = max(1.0, min(self._panel.canvas.width() / width, self._panel.canvas.height() / height))
        return round(width * scale), round(height * scale)

    def _on_comparison_changed(self, kind: str) -> None:
        self._comparison = next(one for one in COMPARISONS if one == kind)
        if self._comparison == "off":
            self._panel.canvas.set_filling(True)
            self._panel.loop.refresh()
        self._show_pair()

    def _on_place_changed(self, share: float) -> None:
        self._place = share
        self._show_pair()

    # The canvas

    def _on_pointer_moved(self, event: Pointer) -> None:
        if self._is_active and not event.buttons:
            self._frusta.point_at(QPointF(event.x_px, event.y_px))

    def _on_clicked(self, x_px: float, y_px: float) -> None:
        if self._is_active:
            self._frusta.click(QPointF(x_px, y_px))

    def _paint(self, painter: QPainter, rect: QRect) -> None:
        if self._is_active and self.views is not None and not self.is_comparing:
            self._frusta.paint(painter)
