"""Drawing the network itself: whole pictures as they come to rest, and how soon the first of them is there."""

import time
from typing import Any

import numba

from tests.bench.nerf_model import open_scene_engine
from tests.bench.quick import less
from tests.bench.statistic import median_of
from tests.bench.suite import Figure, bench

N_RUNS = less(7, 3)


@bench("nerf.exact_512", "s", at_most=0.6)
def exact_512() -> Figure:
    """The shipped scene from where it is seen at first, at 512², coarse to fine until it is complete."""
    return _picture(512, 512)


@bench("nerf.exact_1060x720", "s", at_most=3)
def exact_1060x720() -> Figure:
    """The same at 1060 x 720."""
    return _picture(1060, 720)


@bench("nerf.first_tiles", "s", at_most=0.15)
def first_tiles() -> Figure:
    """Until the whole view of 512² is seen for the first time, in coarse pixels."""
    from plugins.nerf.field.render.exact import exact_passes

    engine: Any = open_scene_engine()
    rays = engine.facts.home.ray_grid(512, 512)
    taken, scale = [], 0
    for _ in range(N_RUNS + 1):
        started = time.perf_counter()
        scale = next(done.scale for done in exact_passes(engine.scene.field, rays) if done.fraction == 1)
        taken.append(time.perf_counter() - started)
    return median_of(taken[1:], note=f"pixels of {scale} x {scale}")


def _picture(width: int, height: int) -> Figure:
    """The median of some pictures, and the longest time between two pieces of them."""
    from plugins.nerf.field.render.exact import draw_exact, exact_passes

    engine: Any = open_scene_engine()
    rays = engine.facts.home.ray_grid(width, height)
    taken, gaps = [], []
    n_samples = draw_exact(engine.scene.field, rays).n_samples
    before = time.process_time()
    for _ in range(N_RUNS):
        started = seen = time.perf_counter()
        for _ in exact_passes(engine.scene.field, rays):
            gaps.append(time.perf_counter() - seen)
            seen = time.perf_counter()
        taken.append(seen - started)
    processor_s = (time.process_time() - before) / N_RUNS
    note = (
        f"{processor_s:.2f} s of processor time, {numba.get_num_threads()} threads, {n_samples.mean():.1f} samples "
        f"a ray, {(n_samples > 0).mean():.0%} of the rays meet something, longest piece {1000 * max(gaps):.0f} ms"
    )
    return median_of(taken, note=note)
