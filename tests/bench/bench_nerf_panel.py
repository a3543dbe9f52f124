"""The NeRF panel in the real window: how smoothly a hand turns a scene."""

import time
from typing import Any

import numpy as np
import psutil

from tests.bench.suite import Figure, UnmeasuredError, bench
from tests.bench.visit import visit, where
from tests.fixtures.foreign import foreign_folder

N_PEER_PICTURES = 20
PEER_PX = 256


def _figure(scenario: str, wanted_px: float, peer: str | None = None, peer_fps: float | None = None) -> Figure:
    found = visit(scenario)
    inside = found["inside_px"]
    note = f"{inside:.0f}² inside on the mean, never below {found['least_px']:.0f}², {where()}"
    return Figure(found["fps"], peer, peer_fps, reaches=found["fps"] * min(1.0, (inside / wanted_px) ** 2), note=note)


@bench("nerf.orbit_fps", "fps", at_least=30)
def orbit_fps() -> Figure:
    """A drag that turns the shipped scene by 60° a second in a view of 512²; counted only from 256² inside upward."""
    return _figure("nerf_orbit", 256, *_plain_march())


@bench("nerf.orbit_fps_import", "fps", at_least=20)
def orbit_fps_import() -> Figure:
    """The same with a nerf-pytorch checkpoint."""
    if not (foreign_folder() / "nerf-pytorch").is_dir():
        raise UnmeasuredError("the checkpoints of other programs are not here")
    return _figure("nerf_orbit_import", 256)


@bench("nerf.orbit_fps_moving", "fps", at_least=24)
def orbit_fps_moving() -> Figure:
    """The same with a scene that moves, while its time goes by; counted only from 192² inside upward."""
    return _figure("nerf_orbit_moving", 192)


@bench("nerf.orbit_fps_training", "fps", at_least=15)
def orbit_fps_training() -> Figure:
    """The same while the shipped views are being learnt; counted only from 192² inside upward."""
    return _figure("nerf_orbit_training", 192)


@bench("nerf.ui_gap_orbit", "ms", at_most=50)
def ui_gap_orbit() -> Figure:
    """How late the window's loop was at worst in the first of these drags."""
    found = visit("nerf_orbit")
    note = f"p99 {found['gap_p99_ms']:.1f} ms, p95 of the time between two pictures {found['frame_gap_p95_ms']:.0f} ms"
    return Figure(found["gap_worst_ms"], note=note)


@bench("nerf.turntable", "s", at_most=40)
def turntable() -> Figure:
    """A turn of 4 s about the shipped scene at 512², drawn by the network: from its button to the finished MP4."""
    before = psutil.getloadavg()[0]
    found = visit("nerf_turntable")
    note = (
        f"{found['n_frames']:.0f} frames, {found['size_mb']:.1f} MB, {found['processor_s']:.0f} s of processor time, "
        f"load {before:.1f} before, {where()}"
    )
    return Figure(found["export_s"], note=note)


def _plain_march() -> tuple[str, float]:
    """Pictures a second of a plain march through 160³ voxels of the same scene, on this thread, at 256²."""
    from plugins.nerf.shared.camera.viewpoint import seed_camera
    from tests.bench.nerf_model import open_scene_engine
    from tests.bench.plain_march import march_numba, plain_volume

    engine: Any = open_scene_engine()
    volume = plain_volume(engine.scene.field)
    cameras = [seed_camera(engine.facts.home, number) for number in range(N_PEER_PICTURES)]
    grids = [camera.ray_grid(PEER_PX, PEER_PX) for camera in cameras]
    march_numba(volume, grids[0])
    seconds = []
    for grid in grids:
        started = time.perf_counter()
        march_numba(volume, grid)
        seconds.append(time.perf_counter() - started)
    return f"plain numba march at {PEER_PX}²", 1 / float(np.median(seconds))
