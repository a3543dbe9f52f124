"""Draws Gaussian splats on the graphics card: soft ellipses, far to near (Kerbl and others, 2023)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from studio.render.scene import SentScene, shader

if TYPE_CHECKING:
    import moderngl

FloatArray = NDArray[np.float32]

PER_ROW: Final = 512
"""Splats in a row of the textures: 16 colours of each are as wide as every card can take."""
_N_TEXELS: Final = 4  # of place, shape and opacity, per splat
_ROWS_AT_ONCE: Final = 32  # go to the card in one paint: at most 3 MB
_N_KEYS: Final = 65535


class SplatArrays(Protocol):
    """What is drawn, N splats."""

    @property
    def centres(self) -> FloatArray:
        """(N, 3), world units."""

    @property
    def factors(self) -> FloatArray:
        """(N, 9), a matrix by rows, whose product with its transpose is the covariance."""

    @property
    def log_opacities(self) -> FloatArray:
        """(N,)."""

    @property
    def harmonics(self) -> FloatArray:
        """(N, K, 3), K being 1, 4, 9 or 16."""


@dataclass(frozen=True, eq=False)
class SplatView:
    """From where it is looked at, and on what.

    Attributes:
        origin: (3,). to_picture: (3, 3), from the world's axes to (x z, y z, z): x and y in pixels of a picture of
            `width` x `height`, y down, z along the axis.
        near: what is nearer along the axis is left out. blur: square pixels added to each variance.
        background: red, green, blue, opacity behind it.
    """

    origin: FloatArray
    to_picture: FloatArray
    width: int
    height: int
    near: float
    blur: float
    background: tuple[float, float, float, float]


@dataclass(frozen=True, eq=False)
class _Loaded:
    """Splats on the card."""

    splats: SplatArrays
    numbers: "moderngl.Texture"
    colours: "moderngl.Texture"
    order: "moderngl.Buffer"
    quads: "moderngl.VertexArray"

    def release(self) -> None:
        """Free all of it."""
        for part in (self.quads, self.order, self.numbers, self.colours):
            part.release()


class SplatScene(SentScene[_Loaded]):
    """Splats that may be exchanged at any time.

    New ones are sent piece by piece, at most 3 MB at each `send`; meanwhile the old ones are drawn.
    """

    def __init__(self, ctx: "moderngl.Context") -> None:
        super().__init__()
        self._ctx = ctx
        self._program = ctx.program(shader("splats.vert"), shader("splats.frag"))

    def set_splats(self, splats: SplatArrays) -> None:
        """Draw these from now on; their arrays must not change any more."""
        n, n_colours = len(splats.centres), splats.harmonics.shape[1]
        n_rows = max(1, -(-n // PER_ROW))
        numbers = self._ctx.texture((PER_ROW * _N_TEXELS, n_rows), 4, dtype="f4")
        colours = self._ctx.texture((PER_ROW * n_colours, n_rows), 4, dtype="f2")
        for texture in (numbers, colours):
            texture.filter = self._ctx.NEAREST, self._ctx.NEAREST
        order = self._ctx.buffer(reserve=4 * max(n, 1), dynamic=True)
        quads = self._ctx.vertex_array(self._program, [(order, "1u/i", "id")])
        loaded = _Loaded(splats, numbers, colours, order, quads)
        self._begin(loaded, _send(loaded))

    def render(self, target: "moderngl.Framebuffer", camera: SplatView) -> None:
        """Draw the splats that are complete."""
        target.use()
        target.clear(*camera.background)
        if self._shown is None or not len(self._shown.splats.centres):
            return
        self._set(camera, self._shown)
        self._ctx.enable_only(self._ctx.BLEND)
        self._ctx.blend_func = self._ctx.ONE, self._ctx.ONE_MINUS_SRC_ALPHA
        self._shown.order.write(far_to_near(self._shown.splats.centres, camera))
        self._shown.quads.render(self._ctx.TRIANGLE_STRIP, vertices=4, instances=len(self._shown.splats.centres))
        self._ctx.enable_only(self._ctx.NOTHING)

    def release(self) -> None:
        """Free textures, buffers and program."""
        super().release()
        self._program.release()

    def _set(self, camera: SplatView, loaded: _Loaded) -> None:
        loaded.numbers.use(0)
        loaded.colours.use(1)
        values: dict[str, Any] = {
            "numbers": 0,
            "colours": 1,
            "n_colours": loaded.splats.harmonics.shape[1],
            "to_picture": tuple(camera.to_picture.T.ravel().tolist()),  # column by column
            "eye": tuple(camera.origin.tolist()),
            "size": (float(camera.width), float(camera.height)),
            "near": camera.near,
            "blur": camera.blur,
        }
        for name, value in values.items():
            self._program[name] = value


def far_to_near(centres: FloatArray, camera: SplatView) -> NDArray[np.uint32]:
    """The numbers of splats (N,) in the order in which they are laid over each other, to 1/65,535 of their extent."""
    depth = centres @ camera.to_picture[2]
    nearest, farthest = float(depth.min()), float(depth.max())
    keys = ((farthest - depth) * np.float32(_N_KEYS / max(farthest - nearest, 1e-9))).astype(np.uint16)
    return np.argsort(keys, kind="stable").astype(np.uint32)


def _send(loaded: _Loaded) -> Iterator[None]:
    """Write the textures, some rows between two yields."""
    splats, n_colours = loaded.splats, loaded.splats.harmonics.shape[1]
    n_rows = loaded.numbers.size[1]
    for first in range(0, n_rows, _ROWS_AT_ONCE):
        n = min(_ROWS_AT_ONCE, n_rows - first)
        chosen = slice(first * PER_ROW, (first + n) * PER_ROW)
        numbers = np.zeros((n * PER_ROW, 4 * _N_TEXELS), np.float32)
        colours = np.zeros((n * PER_ROW, n_colours, 4), np.float16)
        own = slice(len(splats.centres[chosen]))
        numbers[own, :3], numbers[own, 3] = splats.centres[chosen], splats.log_opacities[chosen]
        numbers[own, 4:13] = splats.factors[chosen]
        colours[own, :, :3] = splats.harmonics[chosen]
        loaded.numbers.write(numbers, viewport=(0, first, PER_ROW * _N_TEXELS, n))
        loaded.colours.write(colours, viewport=(0, first, PER_ROW * n_colours, n))
        yield
