"""The training photos in a panel: where they were taken, flights to them, and one held against our picture."""

from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, QPointF, QRect, Qt, Signal
from PySide6.QtGui import QImage, QPainter

from studio.api.engine import Policy
from studio.api.panel import EngineTasks, SceneView, colour_difference, coloured_amount, image_from_array
from studio.core.hand import Pointer

from ...foreign.nerf_pytorch.checkpoint import CHECKPOINT
from ...shared.camera.frustum import nearest_photo, projected_pyramids, stepped
from ...shared.camera.ray import FloatArray
from ...shared.panel.editor import ViewEditor
from ...shared.panel.navigation_input import NavigationInput
from ...shared.params import VIEW_KINDS
from ...shared.state import View
from ..caption import FieldCaption, FieldFacts, describe
from ..scene import FieldScene
from .frusta import Frusta
from .photo_section import PhotoSection

if TYPE_CHECKING:
    from ...shared.camera.camera import Camera
    from ..photos.views import PhotoPair, PhotoViews

ByteArray = npt.NDArray[np.uint8]
Comparison = Literal["off", "wipe", "difference", "side"]
COMPARISONS: Final[tuple[Comparison, ...]] = ("off", "wipe", "difference", "side")

DIFFERENCE_GAIN: Final = 4.0
"""A quarter of the distance from black to white has the brightest colour: good scenes differ by little."""
LEFT_OUT: Final = (225, 40, 40)
"""The colour of what was left out of a photo."""
_LINE: Final = ((3, 0), (2, 255))  # half widths in pixels and the grey of the line between the two
_GRIP_PX: Final = 12.0  # so near the line it is taken hold of
_GAP: Final = 0.02  # of the width, between two pictures side by side
PAIR_KEY: Final = "pair"


def compared(kind: Comparison, ours: ByteArray, photo: ByteArray, place: float = 0.5) -> ByteArray:
    """One picture of two (H, W, 3) of one size.

    Args:
        kind: "off" for ours alone, "wipe" for the photo left of a line and ours right of it, "difference" for how far
            the colours are apart, "side" for the photo and ours, each half as wide and high.
        place: of the line, as a share of the width.
    """
    if ours.shape != photo.shape:
        raise ValueError(f"pictures of two sizes: {ours.shape} and {photo.shape}")
    if kind == "wipe":
        return _wiped(ours, photo, place)
    if kind == "difference":
        return coloured_amount(colour_difference(photo, ours) * np.float32(DIFFERENCE_GAIN))
    return _side_by_side(ours, photo) if kind == "side" else ours


def marked(photo: ByteArray, left_out: ByteArray) -> ByteArray:
    """A photo (H, W, 3), coloured as far as it was left out (h, w)."""
    height, width = photo.shape[:2]
    share = resized(np.repeat(left_out[..., None], 3, -1), width, height) / np.float32(255) * np.float32(0.75)
    return np.asarray(photo * (1 - share) + np.array(LEFT_OUT, np.float32) * share + 0.5).astype(np.uint8)


def _wiped(ours: ByteArray, photo: ByteArray, place: float) -> ByteArray:
    width = ours.shape[1]
    column = round(min(max(place, 0.0), 1.0) * width)
    picture = np.concatenate([photo[:, :column], ours[:, column:]], axis=1)
    for half, grey in _LINE:
        picture[:, max(column - half, 0) : min(column + half, width)] = grey
    return picture


def _side_by_side(ours: ByteArray, photo: ByteArray) -> ByteArray:
    """Both in the middle of a picture as large as each of them, on grey."""
    height, width = ours.shape[:2]
    gap = max(1, round(_GAP * width))
    inner = max(1, (width - gap) // 2)
    halves = [resized(one, inner, max(1, round(height * inner / width))) for one in (photo, ours)]
    picture = np.full_like(ours, 40)
    top = (height - halves[0].shape[0]) // 2
    for left, half in zip((0, width - inner), halves, strict=True):
        picture[top : top + len(half), left : left + inner] = half
    return picture


def resized(pixels: ByteArray, width: int, height: int) -> ByteArray:
    """A picture (H, W, 3) in another size, (height, width, 3): each pixel the mean of what it covers, or in between."""
    rows = _mixed(pixels.astype(np.float32), height)
    across = _mixed(np.ascontiguousarray(rows.swapaxes(0, 1)), width)
    return (np.clip(across.swapaxes(0, 1), 0, 255) + np.float32(0.5)).astype(np.uint8)


def _mixed(lines: FloatArray, n_new: int) -> FloatArray:
    """Bring the first axis of (N, ...) to another length; a pixel weighs its neighbours by a triangle (bilinear)."""
    n_old = len(lines)
    reach = max(n_old / n_new, 1.0)
    middles = (np.arange(n_new) + 0.5) * n_old / n_new - 0.5
    first = np.ceil(middles - reach).astype(np.intp)
    total = np.zeros((n_new, *lines.shape[1:]), np.float32)
    shares = np.zeros(n_new, np.float32)
    for tap in range(int(2 * reach) + 1):
        place = first + tap
        share = np.maximum(1 - np.abs(place - middles) / reach, 0) * ((place >= 0) & (place < n_old))
        total += lines[np.clip(place, 0, n_old - 1)] * share.astype(np.float32).reshape(-1, *[1] * (lines.ndim - 1))
        shares += share.astype(np.float32)
    return np.asarray(total / shares.reshape(-1, *[1] * (lines.ndim - 1)), np.float32)


class PhotoPresenter(QObject):
    """Signals:
    photos_read(are_there): whether the scene has photos is known.
    comparing_ended(): the canvas is to show the scene again.
    gone_to(index): the camera is on its way to this photo.

    Attributes:
        views: the photos once they have been read, None before and where there are none.
        current: the photo through which the scene is seen, -1 for none.
    """

    photos_read = Signal(bool)
    comparing_ended = Signal()
    gone_to = Signal(int)

    def __init__(
        self,
        section: PhotoSection,
        canvas: SceneView,
        editor: ViewEditor,
        hand: NavigationInput,
        tasks: EngineTasks,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._section, self._canvas, self._editor, self._hand = section, canvas, editor, hand
        self._tasks = tasks
        self.views: PhotoViews | None = None
        self.current = -1
        self._is_active = False
        self._pair: PhotoPair | None = None
        self._comparison: Comparison = "off"
        self._place = 0.5
        self._is_line_held = self._marks_left_out = False
        self._frusta = Frusta(canvas)
        self._frusta.changed.connect(canvas.update)
        self._frusta.photo_clicked.connect(self.go_to)
        canvas.overlays.append(self._paint)
        canvas.pointer_moved.connect(self._on_pointer_moved)
        canvas.pointer_released.connect(self._on_pointer_released)
        hand.claims = self._takes_line
        canvas.pointer_left.connect(lambda: self._frusta.point_at(None))
        hand.clicked.connect(self._on_clicked)
        hand.stopped.connect(self._on_arrived)
        section.photo_requested.connect(self.go_to)
        section.step_requested.connect(self.step)
        section.comparison_changed.connect(self._on_comparison_changed)
        section.place_changed.connect(self._on_place_changed)
        section.left_out_wanted.connect(self._on_left_out_wanted)

    def read(self) -> None:
        """Read the photos."""
        self._tasks.ask("photos", lambda engine: engine.read_views(), Policy.RESTART, done=self._on_read, pauses=True)

    def _on_read(self, views: "PhotoViews | None") -> None:
        self.views = views
        self.photos_read.emit(views is not None)
        if views is not None:
            images = [image_from_array(pixels) for pixels in views.thumbnails] or [QImage()] * len(views)
            self._section.set_photos(images, views.names)
            self._frusta.set_photos(images, views.names)
            self.show_scene(self._editor.scene)

    def words(self, view: View) -> FieldCaption:
        """What to say about a picture."""
        card = self._tasks.handle.source.card
        make = FieldFacts(int(card.get("n_params", 0)), card.get("format") != CHECKPOINT)
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
        self.show_scene(self._editor.scene)
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
        self._hand.navigator.fly_to(self._camera(index))
        self._hand.go()
        self.gone_to.emit(index)

    def _camera(self, index: int) -> "Camera":
        assert self.views is not None
        aspect = self._canvas.width() / max(self._canvas.height(), 1)
        return self.views.camera(index, aspect, self._editor.facts.extent)

    def _mark(self, index: int) -> None:
        self.current, self._pair = index, None
        self._section.set_current(index)
        self._frusta.set_current(index)

    def show_scene(self, scene: FieldScene) -> None:
        """The camera is elsewhere, or the pyramids come and go."""
        if self.views is None or not self._is_active:
            return
        canvas = self._canvas
        camera = scene.camera
        corners, depths = projected_pyramids(camera, self.views.pyramids, canvas.width(), canvas.height())
        self._frusta.set_corners(corners, depths)

    def leave(self) -> None:
        """The camera leaves the photo's place by hand."""
        if self.current >= 0 and not self._is_at_photo():
            self._mark(-1)
            self._canvas.set_filling(True)

    def _is_at_photo(self) -> bool:
        if self.views is None or self.current < 0:
            return False
        camera, here = self._camera(self.current), self._editor.scene.camera
        is_turned = abs(float(np.dot(camera.rotation, here.rotation))) < 1 - 1e-5
        return not is_turned and np.allclose(camera.eye, here.eye, atol=1e-3 * self._editor.facts.extent.radius)

    def _on_arrived(self) -> None:
        if self._is_at_photo() and self.views is not None and self.views.thumbnails:
            index = self.current
            self._tasks.ask(PAIR_KEY, lambda engine: engine.photo_pair(index), done=self._on_compared)
        elif not self._is_at_photo():
            self.leave()

    # Comparing

    def _on_compared(self, pair: "PhotoPair") -> None:
        if pair.index != self.current:
            return
        self._pair = pair
        self._section.set_figures(pair.psnr_db, pair.ssim)
        self._section.set_has_left_out(pair.left_out is not None)
        self._show_pair()

    @property
    def is_comparing(self) -> bool:
        """Whether the canvas shows a photo, not the scene alone."""
        return self._pair is not None and self._comparison != "off" and self._is_at_photo()

    def _show_pair(self) -> None:
        if self.is_comparing and self._pair is not None:
            self._canvas.set_filling(False)
            ours, photo = (resized(one, *self._shown_size()) for one in (self._pair.ours, self._pair.photo))
            if self._marks_left_out and self._pair.left_out is not None:
                photo = marked(photo, self._pair.left_out)
            self._canvas.set_picture(compared(self._comparison, ours, photo, self._place))

    def _shown_size(self) -> tuple[int, int]:
        """As large as the photo is on the canvas, so that lines over it are thin."""
        assert self._pair is not None
        height, width = self._pair.photo.shape[:2]
        scale = max(1.0, min(self._canvas.width() / width, self._canvas.height() / height))
        return round(width * scale), round(height * scale)

    def _on_comparison_changed(self, kind: str) -> None:
        self._comparison = next(one for one in COMPARISONS if one == kind)
        if self._comparison == "off":
            self._canvas.set_filling(True)
            self.comparing_ended.emit()
        self._show_pair()

    def _on_left_out_wanted(self, is_wanted: bool) -> None:
        """Mark it, on a photo that is to be seen."""
        self._marks_left_out = is_wanted
        if is_wanted and self._comparison == "off":
            self._section.set_comparison("side")
            self._on_comparison_changed("side")
        self._show_pair()

    def _on_place_changed(self, share: float) -> None:
        self._place = share
        self._show_pair()

    # The canvas

    def _is_at_line(self, event: Pointer) -> bool:
        rect = self._canvas.picture_rect()
        x_px = rect.x() + self._place * rect.width()
        return self._comparison == "wipe" and self.is_comparing and abs(event.x_px - x_px) <= _GRIP_PX

    def _takes_line(self, event: Pointer) -> bool:
        """Whether a press takes hold of the line between photo and picture."""
        self._is_line_held = event.button == "left" and self._is_at_line(event)
        return self._is_line_held

    def _on_pointer_released(self, _: Pointer) -> None:
        self._is_line_held = False

    def _on_pointer_moved(self, event: Pointer) -> None:
        if self._is_line_held:
            rect = self._canvas.picture_rect()
            share = min(max((event.x_px - rect.x()) / rect.width(), 0.0), 1.0)
            self._section.set_place(share)
            self._on_place_changed(share)
            return
        over_line = not event.buttons and self._is_at_line(event)
        self._canvas.setCursor(Qt.CursorShape.SplitHCursor if over_line else Qt.CursorShape.ArrowCursor)
        if self._is_active and not event.buttons:
            self._frusta.point_at(QPointF(event.x_px, event.y_px))

    def _on_clicked(self, x_px: float, y_px: float) -> None:
        if self._is_active:
            self._frusta.click(QPointF(x_px, y_px))

    def _paint(self, painter: QPainter, rect: QRect) -> None:
        if self._is_active and self.views is not None and not self.is_comparing:
            self._frusta.paint(painter)
