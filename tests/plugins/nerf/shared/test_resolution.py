"""The sizes that are chosen on machines of known speed."""

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugins.nerf.shared.resolution import MIN_HEIGHT, MULTIPLE, N_DISCARDED, Figures, FrameCost, Resolution, Size, fit

VIEWPORT = (1024, 1024)
PER_RAY_S = 0.033 / 256**2


@dataclass
class Machine:
    """Draws n rays in overhead_s + per_ray_s * n seconds, times noise whose logarithm has this deviation."""

    overhead_s: float = 0.002
    per_ray_s: float = PER_RAY_S
    noise: float = 0.0
    hitch: int = 0  # every so many pictures, one takes six times as long

    def seconds(self, rays: int, index: int, random: np.random.Generator) -> float:
        seconds = (self.overhead_s + self.per_ray_s * rays) * math.exp(self.noise * random.standard_normal())
        loading_s = 1.0 if index < N_DISCARDED else 0.0
        return loading_s + seconds * (6 if self.hitch and index % self.hitch == 0 else 1)


def turn(resolution: Resolution, machine: Machine, n: int, viewport: Size = VIEWPORT, seed: int = 0) -> list[Size]:
    """The sizes of n pictures in motion, one after the other."""
    random, sizes = np.random.default_rng(seed), []
    for index in range(n):
        width, height = resolution.moving_size(viewport)
        rays = width * height
        resolution.note("moving", rays, machine.seconds(rays, index, random), 9 * rays)
        sizes.append((width, height))
    return sizes


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    "machine",
    [
        Machine(),
        Machine(per_ray_s=PER_RAY_S / 5),
        Machine(noise=0.15),
        Machine(overhead_s=0.02, per_ray_s=PER_RAY_S / 3),
        Machine(overhead_s=0.02, per_ray_s=PER_RAY_S / 3, noise=0.12),
        Machine(noise=0.05, hitch=17),
    ],
    ids=["even", "fast", "noisy", "overhead", "noisy overhead", "hitches"],
)
def test_the_size_settles_where_the_target_is_met(machine: Machine, seed: int) -> None:
    resolution = Resolution(target_fps=30)
    sizes = turn(resolution, machine, 200, seed=seed)
    late = sizes[40:]
    n_changes = sum(a != b for a, b in pairwise(late))
    assert n_changes <= 8
    typical_s = [machine.overhead_s + machine.per_ray_s * w * h for w, h in late[-40:]]
    assert 1 / 30 * 0.65 < float(np.median(typical_s)) < 1 / 30 * 1.08


def test_without_noise_it_never_changes_again() -> None:
    sizes = turn(Resolution(), Machine(), 100)
    assert len(set(sizes[10:])) == 1
    assert sizes[0] == sizes[N_DISCARDED] != sizes[-1]  # the seconds of loading count for nothing


def test_no_change_is_larger_than_a_fifth() -> None:
    for machine in (Machine(per_ray_s=PER_RAY_S / 50), Machine(per_ray_s=PER_RAY_S * 50)):
        heights = [height for _, height in turn(Resolution(), machine, 60)]
        for a, b in pairwise(heights):
            assert abs(b - a) <= 0.2 * a + MULTIPLE


def test_a_slow_machine_gets_the_smallest_picture_and_no_smaller() -> None:
    sizes = turn(Resolution(), Machine(per_ray_s=PER_RAY_S * 30), 60)
    assert sizes[-1] == (96, 96)


def test_a_fast_machine_gets_the_whole_viewport() -> None:
    assert turn(Resolution(), Machine(per_ray_s=PER_RAY_S / 100), 60, (517, 389))[-1] == (517, 389)


def test_where_the_overhead_takes_all_time_the_picture_is_not_made_ugly_for_nothing() -> None:
    machine = Machine(overhead_s=0.06, per_ray_s=PER_RAY_S / 3)
    sizes = turn(Resolution(), machine, 100)
    assert sizes[-1][1] > MIN_HEIGHT
    assert machine.per_ray_s * sizes[-1][0] * sizes[-1][1] < 0.5 * machine.overhead_s
    assert len(set(sizes[30:])) == 1


def test_it_follows_a_view_that_costs_four_times_as_much() -> None:
    resolution = Resolution()
    before = turn(resolution, Machine(per_ray_s=PER_RAY_S / 3), 60)[-1]
    after = turn(resolution, Machine(), 30)[-1]
    assert after[1] / before[1] == pytest.approx(math.sqrt(1 / 3), rel=0.15)


def test_the_target_may_be_changed() -> None:
    resolution = Resolution(target_fps=15)
    slow = turn(resolution, Machine(), 60)[-1]
    resolution.target_fps = 60
    fast = turn(resolution, Machine(), 60)[-1]
    assert slow[1] / fast[1] == pytest.approx(2, rel=0.2)


@settings(deadline=None)
@given(st.integers(8, 4096), st.integers(8, 4096), st.floats(1, 2e7))
def test_sizes_are_multiples_of_eight_of_the_viewports_shape(width: int, height: int, rays: float) -> None:
    w, h = fit(rays, (width, height))
    assert 0 < w <= width
    assert min(MIN_HEIGHT, height) <= h <= height
    if (w, h) != (width, height):
        assert h % MULTIPLE == 0
        assert w % MULTIPLE == 0 or w == width
        assert abs(w - h * width / height) <= MULTIPLE


def test_rest_fills_the_viewport_and_has_costs_of_its_own() -> None:
    resolution = Resolution()
    assert resolution.resting_size((1060, 720)) == (1060, 720)
    moving = turn(resolution, Machine(), 60)[-1]
    for _ in range(20):
        resolution.note("resting", 200_000, 0.5, 200_000 * 30)
    assert resolution.moving_size(VIEWPORT) == moving
    assert resolution.resting_size((1060, 720)) == (1060, 720)


def test_where_rest_would_take_minutes_it_is_smaller() -> None:
    resolution = Resolution()
    for _ in range(20):
        resolution.note("resting", 10_000, 10.0, 10_000)
    width, height = resolution.resting_size((1000, 1000))
    assert 150 <= height <= 250
    assert width == height


def test_figures_are_what_was_measured() -> None:
    resolution = Resolution()
    assert resolution.figures() == Figures()
    for _ in range(60):
        resolution.note_interval(0.025)
    width, height = resolution.moving_size(VIEWPORT)
    resolution.note("moving", width * height, 0.02, width * height * 9)
    resolution.note_full((720, 720), 0.61)
    figures = resolution.figures()
    assert figures.fps == pytest.approx(40)
    assert (figures.draft, figures.full, figures.full_seconds) == ((width, height), (720, 720), 0.61)
    assert figures.samples_per_ray == 9
    resolution.restart()
    assert resolution.figures() == Figures()


def test_the_mean_rate_is_that_of_the_intervals() -> None:
    resolution = Resolution()
    for _ in range(200):
        resolution.note_interval(0.02)
        resolution.note_interval(0.06)
    fps = resolution.figures().fps
    assert fps is not None
    assert fps == pytest.approx(25, rel=0.1)  # not the mean of 50 and 16.7


def test_a_picture_that_was_not_asked_for_is_no_draft() -> None:
    resolution = Resolution()
    resolution.moving_size(VIEWPORT)
    resolution.note("moving", 12_345, 0.02, 12_345)
    assert resolution.figures().draft is None


@pytest.mark.long("computes for long")
@settings(deadline=None)
@given(st.floats(0.001, 0.05), st.floats(1e-8, 1e-5), st.integers(0, 100))
def test_the_cost_of_two_sizes_parts_overhead_and_rays(overhead_s: float, per_ray_s: float, seed: int) -> None:
    cost, random = FrameCost(), np.random.default_rng(seed)
    for _ in range(200):
        rays = int(random.integers(9_000, 260_000))
        cost.note(rays, overhead_s + per_ray_s * rays)
    for rays in (60_000, 200_000):
        assert cost.seconds(rays) == pytest.approx(overhead_s + per_ray_s * rays, rel=0.1)
    rays = max(200_000, round(cost.overhead_s / cost.per_ray_s))
    assert cost.rays(cost.seconds(rays)) == pytest.approx(rays)


def test_two_hitches_in_a_row_are_soon_forgotten() -> None:
    resolution, machine = Resolution(), Machine()
    before = turn(resolution, machine, 60)[-1]
    after = turn(resolution, machine, 30)  # whose first two pictures take a second each
    assert min(height for _, height in after) > before[1] / 2
    assert after[-1][1] == pytest.approx(before[1], rel=0.1)


@pytest.mark.parametrize(("rays", "seconds"), [(0, 1.0), (5, 0.0), (5, -1.0), (5, math.inf), (5, math.nan)])
def test_nonsense_is_not_learnt(rays: int, seconds: float) -> None:
    cost = FrameCost()
    for _ in range(10):
        cost.note(rays, seconds)
    assert not cost.is_known


def test_a_picture_in_motion_is_no_lower_than_it_may_be():
    resolution = Resolution(60.0, least_height=256)
    for _ in range(40):
        width, height = resolution.moving_size((1100, 700))
        resolution.note("moving", width * height, 0.5, width * height)
        resolution.note_interval(0.5)
    assert resolution.moving_size((1100, 700)) == (400, 256)
    assert resolution.moving_size((200, 100)) == (200, 100)
