"""Scenes of random splats, cameras, and a picture of them as the paper writes it down: all pixels times all splats."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from plugins.nerf.field.render.small_networks import spherical_harmonics
from plugins.nerf.shared.camera.camera import look_at
from plugins.nerf.shared.camera.ray import RayGrid, Rendering
from plugins.nerf.shared.camera.rotation import matrix_of
from plugins.nerf.splats.model.splats import N_COEFFICIENTS, Splats, splats_of


def random_splats(n: int, degree: int = 0, seed: int = 0, **changed: Any) -> Splats:
    """Splats in a ball of radius 1, with sizes about 0.05."""
    random = np.random.default_rng(seed)
    harmonics = random.normal(0, 0.3, (n, N_COEFFICIENTS[degree], 3))
    arrays = {
        "centres": random.normal(0, 0.5, (n, 3)),
        "log_scales": random.normal(-3, 0.7, (n, 3)),
        "rotations": random.normal(size=(n, 4)),
        "opacity_logits": random.normal(0, 2, n),
        "harmonics": harmonics,
    }
    return splats_of(arrays | changed)


def rays_from(eye: tuple[float, float, float] = (2.5, 1.0, 1.2), width: int = 52, height: int = 44) -> RayGrid:
    """A camera that looks at the middle; sides that no tile divides."""
    return look_at(eye, (0, 0, 0), 0.8).ray_grid(width, height)


def reference(splats: Splats, rays: RayGrid, near: float, is_smooth: bool = False) -> Rendering:
    """The picture in float64, without tiles and without an end to any ray."""
    sums, clear = exact_sums(splats, rays, near, is_smooth)
    lengths = np.linalg.norm(np.stack([*_places(rays), np.ones_like(clear)], -1) @ _doubles(rays).T, axis=-1)
    lengths *= np.linalg.norm(np.linalg.inv(_doubles(rays))[2])
    covered = 1 - clear
    depth = np.where(covered > 0, sums[..., 3] * lengths / np.maximum(covered, 1e-12), 0)
    normals = sums[..., 4:7] / np.maximum(np.linalg.norm(sums[..., 4:7], axis=-1, keepdims=True), 1e-12)
    colour, opacity, far, normal = (np.asarray(one, np.float32) for one in (sums[..., :3], covered, depth, normals))
    return Rendering(colour, opacity, far, normal, sums[..., 7].astype(np.uint16))


def exact_sums(splats: Splats, rays: RayGrid, near: float, is_smooth: bool = False) -> tuple[Any, Any]:
    """What is seen at each pixel, (H, W, 8): colour, depth, normal, how many; and what is left of the light, (H, W)."""
    directions = np.asarray(splats.centres, np.float64) - rays.origin
    units = np.asarray(directions / np.linalg.norm(directions, axis=1, keepdims=True), np.float32)
    basis = spherical_harmonics(units)[:, : splats.harmonics.shape[1]]
    colours = np.maximum(0.5 + np.einsum("nk,nkc->nc", basis, splats.harmonics, dtype=np.float64), 0)
    clear, sums = np.ones((rays.height, rays.width)), np.zeros((rays.height, rays.width, 8))
    for n, depth, alpha in _layers(splats, rays, near, is_smooth):
        drawn = np.where(alpha * 255 >= 1, np.minimum(alpha, 0.99), 0)
        towards = matrix_of(splats.rotations[n])[:, int(np.argmin(splats.log_scales[n]))]
        found = np.array([*colours[n], depth, *(towards * -np.sign(towards @ directions[n]))])
        sums[..., :7] += (clear * drawn)[..., None] * found
        sums[..., 7] += drawn > 0
        clear = clear * (1 - drawn)
    return sums, clear


def is_at_an_edge(splats: Splats, rays: RayGrid, near: float) -> Any:
    """Pixels (H, W) at which some splat is just about to be drawn, so that nothing has a gradient there."""
    found = [abs(alpha * 255 - 1) < 0.1 for _, _, alpha in _layers(splats, rays, near, False)]
    return np.any(found, axis=0)


def _layers(splats: Splats, rays: RayGrid, near: float, is_smooth: bool) -> Iterator[tuple[int, float, Any]]:
    """The splats that are not too near, the nearest first: number, depth, opacity (H, W)."""
    to_picture = np.linalg.inv(_doubles(rays))
    to_picture /= np.linalg.norm(to_picture[2])
    seen = (np.asarray(splats.centres, np.float64) - rays.origin) @ to_picture.T
    for n in np.argsort(seen[:, 2], kind="stable"):
        if seen[n, 2] > near:
            yield int(n), float(seen[n, 2]), _alpha(splats, n, to_picture, seen[n], _places(rays), is_smooth)


def _doubles(rays: RayGrid) -> Any:
    return rays.to_direction.astype(np.float64)


def _places(rays: RayGrid) -> Any:
    return np.meshgrid(np.arange(rays.width) + 0.5, np.arange(rays.height) + 0.5)


def _alpha(splats: Splats, n: int, to_picture: Any, seen: Any, places: Any, is_smooth: bool) -> Any:
    (x, y), (u, v) = places, seen[:2] / seen[2]
    width, height = x.shape[1], x.shape[0]
    near_u, near_v = np.clip(u, -0.15 * width, 1.15 * width), np.clip(v, -0.15 * height, 1.15 * height)
    jacobian = (to_picture[:2] - np.outer([near_u, near_v], to_picture[2])) / seen[2]
    shape = matrix_of(splats.rotations[n]) * np.exp(splats.log_scales[n].astype(np.float64))
    sharp = jacobian @ shape @ shape.T @ jacobian.T
    covariance = sharp + 0.3 * np.eye(2)
    opacity = float(splats.opacities[n])
    if is_smooth:
        opacity *= np.sqrt(np.linalg.det(sharp) / np.linalg.det(covariance))
    inverse = np.linalg.inv(covariance)
    dx, dy = x - u, y - v
    power = -0.5 * (inverse[0, 0] * dx * dx + 2 * inverse[0, 1] * dx * dy + inverse[1, 1] * dy * dy)
    return opacity * np.exp(power)
