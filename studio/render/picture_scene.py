"""Shows a picture of pixels through OpenGL: enlarged bilinearly, sharpened, sent to the card piece by piece."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from studio.render.scene import shader

if TYPE_CHECKING:
    import moderngl

MAX_UPLOAD_BYTES: Final = 4 * 2**20
DRAFT_SHARPNESS: Final = 0.5


@dataclass(frozen=True)
class Placement:
    """Where a picture lies in its target.

    Attributes:
        rect: left, top, width and height as shares of the target; y downwards.
        background: red, green and blue in 0..1 beside it.
        sharpness: how much edges are steepened; 0 leaves them.
    """

    rect: tuple[float, float, float, float]
    background: tuple[float, float, float]
    sharpness: float = 0.0


class PictureScene:
    """A picture that may be exchanged at any time.

    A large one is sent in bands of rows, one band for each `render`; meanwhile the old one stays, and of
    those that come in only the last waits.
    """

    def __init__(self, ctx: "moderngl.Context") -> None:
        self._ctx = ctx
        self._program = ctx.program(shader("whole.vert"), shader("picture.frag"))
        self._whole = ctx.vertex_array(self._program, [])
        self._shown: moderngl.Texture | None = None
        self._coming: moderngl.Texture | None = None
        self._pixels: NDArray[np.uint8] | None = None
        self._n_sent = 0
        self._waiting: NDArray[np.uint8] | None = None

    @property
    def is_complete(self) -> bool:
        """Whether the picture that was set last is shown from the next `render` on."""
        return self._pixels is None and self._waiting is None

    def set_picture(self, pixels: NDArray[np.uint8]) -> None:
        """Show RGB or RGBA uint8 (H, W, C) pixels; the array must not change until it is complete."""
        self._waiting = np.ascontiguousarray(pixels)

    def render(self, target: "moderngl.Framebuffer", camera: Placement) -> None:
        """Send what is due, then draw the picture that is complete."""
        self._send_band()
        target.use()
        self._ctx.enable_only(self._ctx.NOTHING)
        if self._shown is None:
            target.clear(*camera.background, 1.0)
            return
        self._shown.use(0)
        self._program["picture"] = 0
        self._program["rect"] = camera.rect
        self._program["background"] = camera.background
        self._program["sharpness"] = camera.sharpness
        self._whole.render(self._ctx.TRIANGLES, vertices=3)

    def release(self) -> None:
        """Free textures and program."""
        for held in (self._shown, self._coming, self._whole, self._program):
            if held is not None:
                held.release()
        self._shown = self._coming = None

    def _send_band(self) -> None:
        if self._pixels is None:
            self._pixels, self._waiting, self._n_sent = self._waiting, None, 0
        pixels = self._pixels
        if pixels is None:
            return
        texture = self._fitting_texture(pixels)
        height, width, n_channels = pixels.shape
        last = min(height, self._n_sent + max(1, MAX_UPLOAD_BYTES // (width * n_channels)))
        band = pixels[self._n_sent : last]
        texture.write(band, viewport=(0, self._n_sent, width, last - self._n_sent), alignment=1)
        self._n_sent = last
        if last == height:
            self._shown, self._coming, self._pixels = texture, self._shown, None

    def _fitting_texture(self, pixels: NDArray[np.uint8]) -> "moderngl.Texture":
        """The texture that is not shown, made anew where the size changed."""
        height, width, n_channels = pixels.shape
        texture = self._coming
        if texture is None or (texture.size, texture.components) != ((width, height), n_channels):
            if texture is not None:
                texture.release()
            texture = self._coming = self._ctx.texture((width, height), n_channels, alignment=1)
            texture.filter = self._ctx.LINEAR, self._ctx.LINEAR
            texture.repeat_x = texture.repeat_y = False
        return texture
