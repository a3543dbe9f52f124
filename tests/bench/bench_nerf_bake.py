"""The baked form of the shipped scene: how long it takes, how fast it is drawn, and what it loses."""

import statistics
import time
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from tests.bench.nerf_model import open_scene_engine
from tests.bench.quick import less
from tests.bench.statistic import median_of
from tests.bench.suite import Figure, UnmeasuredError, bench, once
from tests.fixtures.foreign import foreign_folder

N_RUNS = less(7, 3)
SIDE_PX = 512
SCENE = ("scenes", "glossy")
TEST_SIDE_PX = 400
N_PHOTOS = less(20, 4)


@bench("nerf.bake_seconds", "s", at_most=15)
def bake_seconds() -> Figure:
    """From nothing to the finest bricks; what is in the cache folder is not looked at."""
    whole, first, worst, volume = _baked()
    note = (
        f"first picture after {first:.2f} s, longest piece {1000 * worst:.0f} ms, {volume.n_bricks} bricks of "
        f"{volume.index.size}, {volume.n_bytes / 2**20:.0f} MB, voxel {volume.voxel:.4f}"
    )
    return Figure(whole, note=note)


@bench("nerf.baked_512", "s", at_most=0.3)
def baked_512() -> Figure:
    """One whole picture of the baked scene at 512², every voxel a step, with its normals."""
    from plugins.nerf.field.bake.brick_march import draw_baked
    from tests.bench.plain_march import march_numba, plain_volume

    engine: Any = open_scene_engine()
    rays, volume = engine.facts.home.ray_grid(SIDE_PX, SIDE_PX), _baked()[-1]
    plain = plain_volume(engine.scene.field)
    found = draw_baked(volume, rays)
    march_numba(plain, rays)
    ours, peers = [], []
    for _ in range(N_RUNS):
        started = time.perf_counter()
        draw_baked(volume, rays)
        between = time.perf_counter()
        march_numba(plain, rays)
        ours.append(between - started)
        peers.append(time.perf_counter() - between)
    hit = found.n_samples > 0
    note = f"{found.n_samples.mean():.1f} samples a ray, {found.n_samples[hit].mean():.1f} where there are any"
    shape = "x".join(str(n - 1) for n in plain.values.shape[:3])
    return median_of(ours, f"plain numba march through {shape} voxels", statistics.median(peers), note)


@bench("nerf.bake_loss_db", "dB", at_most=1)
def bake_loss_db() -> Figure:
    """How much PSNR the mean of the held-out photos loses when the baked scene is drawn instead of the network."""
    from plugins.nerf.field.bake.brick_march import draw_baked
    from plugins.nerf.field.render.exact import draw_exact

    photos, engine, volume = _photos(), open_scene_engine(), _baked()[-1]
    exact, baked, alike = [], [], []
    for number in range(len(photos)):
        rays, photo = photos.ray_grid(number), photos.on((255, 255, 255), number) / np.float32(255)
        network = _on_white(draw_exact(engine.scene.field, rays))
        bricks = _on_white(draw_baked(volume, rays, with_normals=False))
        exact.append(_psnr_db(network, photo))
        baked.append(_psnr_db(bricks, photo))
        alike.append(_psnr_db(network, bricks))
    note = (
        f"network {np.mean(exact):.2f} dB, baked {np.mean(baked):.2f} dB (worst {min(baked):.2f}), "
        f"baked against network {np.mean(alike):.2f} dB, {len(photos)} photos at {TEST_SIDE_PX}²"
    )
    return Figure(float(np.mean(exact) - np.mean(baked)), note=note)


@once
def _baked() -> tuple[float, float, float, Any]:
    """Seconds of the whole bake, until the first picture, of the longest piece, and the volume."""
    from plugins.nerf.field.bake.bake import BakeSettings, bake

    engine: Any = open_scene_engine()
    for _ in bake(engine.scene.field, BakeSettings(stages=(16, 24))):
        pass  # compiles what is not compiled yet
    started = seen = time.perf_counter()
    first, worst, volume = 0.0, 0.0, None
    for done in bake(engine.scene.field):
        now = time.perf_counter()
        worst, seen = max(worst, now - seen), now
        if volume is None and done.volume is not None:
            first = now - started
        volume = done.volume
    return time.perf_counter() - started, first, worst, volume


@cache
def _photos() -> Any:
    """The held-out photos of the scene."""
    from plugins.nerf.field.photos.reader import read_photos
    from plugins.nerf.foreign.transforms import read_transforms
    from studio.core.pausing import result_of

    folder: Path = foreign_folder().joinpath(*SCENE)
    if not folder.is_dir():
        raise UnmeasuredError("the photos of the scene are not here")
    photos, _ = result_of(read_photos(read_transforms(folder), TEST_SIDE_PX, ["test"]))
    return photos.chosen(np.arange(min(N_PHOTOS, len(photos))))


def _on_white(found: Any) -> Any:
    return np.clip(found.colour + (1 - found.opacity)[..., None], 0, 1)


def _psnr_db(a: Any, b: Any) -> float:
    return float(-10 * np.log10(np.mean(np.square(a - b))))
