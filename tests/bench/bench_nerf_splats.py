"""Drawing splats: pictures a second while the view moves, and how soon all of them are seen at rest."""

import itertools
import math
import statistics
import time
from functools import partial
from typing import Any

import numpy as np

from tests.bench.splat_scene import splat_scene
from tests.bench.suite import Figure, bench

N_RUNS = 9
N_FRAMES = 60
N_SETTLING = 15
MOVING_PX, RESTING_PX = 256, 512
SMALL, LARGE = 200_000, 600_000


@bench("nerf.splats_moving_200k", "fps", at_least=30)
def splats_moving_200k() -> Figure:
    """Once around 200,000 splats at 256²."""
    return _moving(SMALL, 30)


@bench("nerf.splats_moving_600k", "fps", at_least=12)
def splats_moving_600k() -> Figure:
    """Once around 600,000 splats at 256²."""
    return _moving(LARGE, 12)


@bench("nerf.splats_resting_200k", "s", at_most=0.2)
def splats_resting_200k() -> Figure:
    """All of 200,000 splats at 512²."""
    return _resting(SMALL)


@bench("nerf.splats_resting_600k", "s", at_most=0.5)
def splats_resting_600k() -> Figure:
    """All of 600,000 splats at 512²."""
    return _resting(LARGE)


@bench("nerf.splats_sorting_200k", "ms", at_most=4)
def splats_sorting_200k() -> Figure:
    """Putting 200,000 splats in order of their depth, in each tile of a picture of 256² that shows them."""
    from plugins.nerf.shared.threads import share
    from plugins.nerf.splats.render.drawing import placed
    from plugins.nerf.splats.render.prepared import prepare
    from plugins.nerf.splats.render.projection import DEPTH, TILE, room_for
    from plugins.nerf.splats.render.tiles import listed, sort_tiles
    from studio.core.pausing import result_of

    prepared = prepare(splat_scene(SMALL))
    picture = result_of(placed(prepared, _rays(0.5, MOVING_PX), room_for(len(prepared))))
    entries, starts = result_of(listed(picture.projected, 0, MOVING_PX // TILE))
    depths = picture.projected.records[entries, DEPTH].view(np.uint32)
    random, taken = np.random.default_rng(0), []
    for _ in range(N_RUNS):
        order = np.concatenate([random.permutation(np.arange(a, b)) for a, b in itertools.pairwise(starts)])
        sort = partial(sort_tiles, starts, entries[order], depths[order])
        started = time.perf_counter()
        share(sort, len(starts) - 1, 8)
        taken.append(1000 * (time.perf_counter() - started))
    return Figure(statistics.median(taken), note=f"{picture.n_seen} of them are seen, in {len(entries)} places")


def _moving(n_splats: int, fps: float) -> Figure:
    from plugins.nerf.splats.render.drawing import SplatDrawing
    from plugins.nerf.splats.render.prepared import prepare

    drawing = SplatDrawing(prepare(splat_scene(n_splats)))
    taken, shares = [], []
    for number in range(N_FRAMES + N_SETTLING):
        rays = _rays(2 * math.pi * number / N_FRAMES, MOVING_PX)
        started = time.perf_counter()
        draft = drawing.draft(rays, 0.9 / fps)
        taken.append(time.perf_counter() - started)
        shares.append(draft.share)
    taken, shares = taken[N_SETTLING:], shares[N_SETTLING:]
    note = f"{np.mean(shares):.0%} of the splats (at least {min(shares):.0%}), longest {1000 * max(taken):.0f} ms"
    return Figure(N_FRAMES / sum(taken), note=note)


def _resting(n_splats: int) -> Figure:
    from plugins.nerf.splats.render.drawing import SplatDrawing, draw_splats
    from plugins.nerf.splats.render.prepared import prepare

    started = time.perf_counter()
    drawing = SplatDrawing(prepare(splat_scene(n_splats)))
    prepare_s = time.perf_counter() - started
    rays = _rays(0.5, RESTING_PX)
    found, gaps, taken = draw_splats(drawing.prepared, rays), [], []
    for _ in range(N_RUNS):
        started = seen = time.perf_counter()
        for _ in drawing.resting(rays):
            gaps.append(time.perf_counter() - seen)
            seen = time.perf_counter()
        taken.append(seen - started)
    note = (
        f"{found.n_samples.mean():.0f} splats a pixel, longest piece {1000 * max(gaps):.0f} ms, "
        f"prepared within {prepare_s:.1f} s"
    )
    return Figure(statistics.median(taken), note=note)


def _rays(angle_rad: float, side_px: int) -> Any:
    from plugins.nerf.shared.camera.camera import look_at

    return look_at((3.4 * math.cos(angle_rad), 3.4 * math.sin(angle_rad), 1.5), (0, 0, -0.1), 0.75).ray_grid(
        side_px, side_px
    )
