"""Marches through a baked radiance field on the graphics card."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from studio.render.scene import SentScene, shader

if TYPE_CHECKING:
    import moderngl

FloatArray = NDArray[np.float32]

_N_POINTS: Final = 9  # of a brick, per axis
_MAX_LAYER_BRICKS: Final = 512  # their bytes, 9 a point, go to the card in one paint: less than 4 MB
_UNITS: Final = ("leap", "index", "opacity", "diffuse", "features")


class BrickArrays(Protocol):
    """What is drawn: opacity and colour at the points of bricks of 8³ cells, places counted in voxels from `low`."""

    @property
    def low(self) -> FloatArray:
        """World position (3,) of the first point."""

    @property
    def voxel(self) -> float:
        """Edge of a cell in world units."""

    @property
    def index(self) -> NDArray[np.int32]:
        """(BZ, BY, BX), the number of a brick; -1 where nothing is."""

    @property
    def leap(self) -> NDArray[np.uint8]:
        """(4 BZ + 1, 4 BY + 1, 4 BX + 1), blocks of 2³ cells to the nearest one that holds something."""

    @property
    def opacity(self) -> NDArray[np.uint8]:
        """(N, 9, 9, 9), over one voxel."""

    @property
    def colour(self) -> NDArray[np.uint8]:
        """(N, 9, 9, 9, 8): red, green, blue and five features."""

    @property
    def head(self) -> FloatArray:
        """(S, S, 6, 3): what 1 and the features add to red, green and blue; a table over directions (an octahedron)."""


@dataclass(frozen=True, eq=False)
class BrickView:
    """From where it is looked at, and on what.

    Attributes:
        origin: (3,) of all rays. to_direction: (3, 3), of (column, row, 1) of a picture of `width` x `height`.
        near: where rays begin to see, in world units.
        step: distance of the samples in voxels.
        exposure: factor of the light; 1 leaves the colours as they are.
        background: red, green, blue, opacity behind it.
    """

    origin: FloatArray
    to_direction: FloatArray
    width: int
    height: int
    near: float = 0.0
    step: float = 1.0
    exposure: float = 1.0
    background: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True, eq=False)
class _Loaded:
    """A volume on the card."""

    volume: BrickArrays
    atlas: tuple[int, int, int]
    textures: "dict[str, moderngl.Texture3D]"
    head: "moderngl.Texture"

    def release(self) -> None:
        """Free all of it."""
        self.head.release()
        for texture in self.textures.values():
            texture.release()


class BrickScene(SentScene[_Loaded]):
    """A baked field that may be exchanged at any time.

    A new one is sent piece by piece, at most 4 MB at each `send`; meanwhile the old one is drawn.
    """

    def __init__(self, ctx: "moderngl.Context") -> None:
        super().__init__()
        self._ctx = ctx
        self._program = ctx.program(shader("whole.vert"), shader("brick_march.frag"))
        self._whole = ctx.vertex_array(self._program, [])

    def set_volume(self, volume: BrickArrays) -> None:
        """Draw this one from now on; its arrays must not change any more."""
        width = max(1, min(round(len(volume.opacity) ** (1 / 3)) + 1, int(_MAX_LAYER_BRICKS**0.5)))
        atlas = width, width, max(1, -(-len(volume.opacity) // width**2))
        side = len(volume.head)
        head = self._ctx.texture((6 * side, side), 3, np.ascontiguousarray(volume.head), alignment=1, dtype="f4")
        textures = {
            "leap": self._texture(volume.leap.shape, 1, "u1"),
            "index": self._texture(volume.index.shape, 1, "i4"),
        }
        points = tuple(_N_POINTS * n for n in reversed(atlas))
        for name, n_channels in (("opacity", 1), ("diffuse", 4), ("features", 4)):
            textures[name] = self._texture(points, n_channels, "f1")
        loaded = _Loaded(volume, atlas, textures, head)
        self._begin(loaded, self._send(loaded))

    def render(self, target: "moderngl.Framebuffer", camera: BrickView) -> None:
        """Draw the volume that is complete."""
        target.use()
        self._ctx.enable_only(self._ctx.NOTHING)
        if self._shown is None:
            target.clear(*camera.background)
            return
        self._set(camera, self._shown)
        self._whole.render(self._ctx.TRIANGLES, vertices=3)

    def release(self) -> None:
        """Free textures and program."""
        super().release()
        self._whole.release()
        self._program.release()

    def _set(self, camera: BrickView, loaded: _Loaded) -> None:
        volume = loaded.volume
        for unit, name in enumerate(_UNITS):
            loaded.textures[name].use(unit)
            self._program[name] = unit
        loaded.head.use(len(_UNITS))
        self._program["head"] = len(_UNITS)
        values: dict[str, Any] = {
            "atlas": loaded.atlas[:2],
            "to_direction": tuple(camera.to_direction.T.ravel().tolist()),  # column by column
            "size": (camera.width, camera.height),
            "origin": tuple(((camera.origin - volume.low) / volume.voxel).tolist()),
            "near": camera.near / volume.voxel,
            "step_size": camera.step,
            "exposure": camera.exposure,
            "background": camera.background,
        }
        for name, value in values.items():
            self._program[name] = value

    def _send(self, loaded: _Loaded) -> Iterator[None]:
        """Write the textures, at most 4 MB between two yields."""
        volume, (n_x, n_y, n_z) = loaded.volume, loaded.atlas
        loaded.textures["leap"].write(volume.leap)
        yield
        loaded.textures["index"].write(volume.index)
        yield
        width, height = _N_POINTS * n_x, _N_POINTS * n_y
        for layer in range(n_z):
            bricks = slice(layer * n_x * n_y, (layer + 1) * n_x * n_y)
            box = (0, 0, layer * _N_POINTS, width, height, _N_POINTS)
            colour = volume.colour[bricks]
            opacity = volume.opacity[bricks, ..., None]
            for name, part in (("opacity", opacity), ("diffuse", colour[..., :4]), ("features", colour[..., 4:])):
                loaded.textures[name].write(_slab(part, n_x, n_y), viewport=box)
            yield

    def _texture(self, shape: tuple[int, ...], n_channels: int, kind: str) -> "moderngl.Texture3D":
        texture = self._ctx.texture3d((shape[2], shape[1], shape[0]), n_channels, alignment=1, dtype=kind)
        texture.filter = self._ctx.NEAREST, self._ctx.NEAREST
        texture.repeat_x = texture.repeat_y = texture.repeat_z = False
        return texture


def _slab(bricks: NDArray[np.uint8], n_x: int, n_y: int) -> NDArray[np.uint8]:
    """One layer of the atlas from bricks (n, 9, 9, 9, C), n at most n_x n_y."""
    n_channels = bricks.shape[-1]
    slab = np.zeros((n_x * n_y, _N_POINTS, _N_POINTS, _N_POINTS, n_channels), np.uint8)
    slab[: len(bricks)] = bricks
    grid = slab.reshape(n_y, n_x, _N_POINTS, _N_POINTS, _N_POINTS, n_channels)
    return np.ascontiguousarray(grid.transpose(2, 0, 3, 1, 4, 5))
