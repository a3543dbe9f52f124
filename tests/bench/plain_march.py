"""Peers of the orbit: the plain way to march through a volume of colour and opacity, in numba and in GLSL."""

from dataclasses import dataclass
from typing import Any

import moderngl
import numba
import numpy as np

from plugins.nerf.field.bake.lattice import is_occupied, occupied_box
from plugins.nerf.field.model.field import RadianceField
from plugins.nerf.shared.camera.ray import RayGrid

N_CELLS = 160
_QUERIES = 1 << 16
_VERTEX = """
#version 330
in vec2 place;
void main() { gl_Position = vec4(place, 0.0, 1.0); }
"""
_FRAGMENT = """
#version 330
uniform sampler3D volume;
uniform mat3 to_direction;
uniform vec3 origin;  // in voxels
uniform int height;
out vec4 colour;

void main() {
    vec3 size = vec3(textureSize(volume, 0));
    vec3 d = normalize(to_direction * vec3(gl_FragCoord.x, float(height) - gl_FragCoord.y, 1.0));
    vec3 a = -origin / d, b = (size - 1.0 - origin) / d;
    vec3 low = min(a, b), high = max(a, b);
    float t = max(max(low.x, low.y), max(low.z, 0.0));
    float last = min(high.x, min(high.y, high.z));
    vec3 seen = vec3(0.0);
    float clear = 1.0;
    for (; t < last && clear > 1.0 / 255.0; t += 1.0) {
        vec4 found = texture(volume, (origin + t * d + 0.5) / size);
        seen += clear * found.a * found.rgb;
        clear *= 1.0 - found.a;
    }
    colour = vec4(seen, 1.0 - clear);
}
"""


@dataclass(frozen=True)
class PlainVolume:
    """uint8 (Z, Y, X, 4): colour seen from the front, and opacity over one voxel; every cell is there."""

    values: np.ndarray
    low: np.ndarray
    voxel: float


def plain_volume(field: RadianceField, n_cells: int = N_CELLS) -> PlainVolume:
    """Look a field up at all points of a lattice with `n_cells` cells along its longest side."""
    low, high = occupied_box(field.occupancy)
    voxel = float((high - low).max()) / n_cells
    counts = np.ceil((high - low) / voxel).astype(int) + 1
    x, y, z = (start + voxel * np.arange(n, dtype=np.float32) for start, n in zip(low, counts, strict=True))
    points = np.stack(np.meshgrid(z, y, x, indexing="ij")[::-1], axis=-1).astype(np.float32)
    held = is_occupied(field.occupancy, points)
    places = points[held]
    values = np.zeros((*held.shape, 4), np.uint8)
    found = np.empty((len(places), 4), np.float32)
    for first in range(0, len(places), _QUERIES):
        part = places[first : first + _QUERIES]
        density, colour = field.density_colour(part, np.tile(np.array([0, 1, 0], np.float32), (len(part), 1)))
        found[first : first + _QUERIES, :3] = colour
        found[first : first + _QUERIES, 3] = -np.expm1(-density * voxel)
    values[held] = np.rint(255 * np.clip(found, 0, 1))
    return PlainVolume(values, low, voxel)


def march_numba(volume: PlainVolume, rays: RayGrid) -> np.ndarray:
    """Premultiplied colour and opacity (H, W, 4) of one pass through every voxel of every ray."""
    out = np.empty((rays.height, rays.width, 4), np.float32)
    origin = ((rays.origin - volume.low) / np.float32(volume.voxel)).astype(np.float32)
    _march(volume.values, origin, np.ascontiguousarray(rays.to_direction, np.float32), out)
    return out


@numba.njit(parallel=True, fastmath=True, nogil=True, cache=True)
def _march(values: Any, origin: Any, to_direction: Any, out: Any) -> None:
    n_z, n_y, n_x, _ = values.shape
    one, zero, byte = np.float32(1), np.float32(0), np.float32(1 / 255)
    for row in numba.prange(out.shape[0]):
        for column in range(out.shape[1]):
            u, v, m = np.float32(column) + np.float32(0.5), np.float32(row) + np.float32(0.5), to_direction
            dx = m[0, 0] * u + m[0, 1] * v + m[0, 2]
            dy = m[1, 0] * u + m[1, 1] * v + m[1, 2]
            dz = m[2, 0] * u + m[2, 1] * v + m[2, 2]
            scale = one / np.sqrt(dx * dx + dy * dy + dz * dz)
            dx, dy, dz = dx * scale + np.float32(1e-9), dy * scale + np.float32(1e-9), dz * scale + np.float32(1e-9)
            x0, x1 = -origin[0] / dx, (np.float32(n_x - 1) - origin[0]) / dx
            y0, y1 = -origin[1] / dy, (np.float32(n_y - 1) - origin[1]) / dy
            z0, z1 = -origin[2] / dz, (np.float32(n_z - 1) - origin[2]) / dz
            t = max(min(x0, x1), min(y0, y1), min(z0, z1), zero)
            last = min(max(x0, x1), max(y0, y1), max(z0, z1))
            red = green = blue = zero
            clear = one
            while t < last and clear > byte:
                x, y, z = origin[0] + t * dx, origin[1] + t * dy, origin[2] + t * dz
                i = min(max(int(x), 0), n_x - 2)
                j = min(max(int(y), 0), n_y - 2)
                k = min(max(int(z), 0), n_z - 2)
                fx, fy, fz = x - np.float32(i), y - np.float32(j), z - np.float32(k)
                r = g = b = a = zero
                for corner in range(8):
                    cx, cy, cz = corner & 1, corner >> 1 & 1, corner >> 2
                    weight = (fx if cx else one - fx) * (fy if cy else one - fy) * (fz if cz else one - fz) * byte
                    r += weight * np.float32(values[k + cz, j + cy, i + cx, 0])
                    g += weight * np.float32(values[k + cz, j + cy, i + cx, 1])
                    b += weight * np.float32(values[k + cz, j + cy, i + cx, 2])
                    a += weight * np.float32(values[k + cz, j + cy, i + cx, 3])
                share = clear * a
                red, green, blue = red + share * r, green + share * g, blue + share * b
                clear -= share
                t += one
            out[row, column, 0], out[row, column, 1], out[row, column, 2] = red, green, blue
            out[row, column, 3] = one - clear


class GLMarch:
    """The same march in a fragment shader; needs a current context."""

    def __init__(self, ctx: moderngl.Context, volume: PlainVolume) -> None:
        """Upload the whole volume."""
        self._ctx = ctx
        self._volume = volume
        depth, height, width, _ = volume.values.shape
        self._texture = ctx.texture3d((width, height, depth), 4, volume.values.tobytes())
        self._texture.repeat_x = self._texture.repeat_y = self._texture.repeat_z = False
        self._program = ctx.program(vertex_shader=_VERTEX, fragment_shader=_FRAGMENT)
        corners = np.array([-1, -1, 1, -1, -1, 1, 1, 1], np.float32)
        self._square = ctx.vertex_array(self._program, [(ctx.buffer(corners.tobytes()), "2f", "place")])

    def render(self, target: moderngl.Framebuffer, rays: RayGrid) -> None:
        """Draw into the target, which has the size of the rays, and wait for it."""
        target.use()
        self._texture.use(0)
        origin = (rays.origin - self._volume.low) / self._volume.voxel
        self._program["origin"] = tuple(origin.tolist())
        self._program["to_direction"] = tuple(rays.to_direction.T.ravel().tolist())  # column by column
        self._program["height"] = rays.height
        self._square.render(moderngl.TRIANGLE_STRIP)
        self._ctx.finish()

    def release(self) -> None:
        """Give everything back to the driver."""
        for part in (self._square, self._program, self._texture):
            part.release()
