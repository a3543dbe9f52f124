"""Learning the scene of the fixtures with the settings of the Train button: how good it is when, and how fast."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

import numpy as np

from tests.bench.quick import less
from tests.bench.suite import Figure, UnmeasuredError, bench, once
from tests.fixtures.foreign import foreign_folder

SEEDS: Final = less((1, 2, 3), (1,))
MOMENTS_S: Final = (20.0, 60.0, 600.0)
N_PLACES: Final = 1 << 18
N_RUNS: Final = 5
FEW_PHOTOS: Final = (10, 25, 50, 100)
FEW_STEPS: Final = 3000


@dataclass
class Run:
    """One training that is read at moments of its own time.

    Attributes:
        learner: what learns; None before the first moment is asked for. readings: by second, see `Reading`.
    """

    learner: Any
    readings: dict[float, "Reading"] = field(default_factory=dict)
    n_rays: float = 0.0
    n_samples: float = 0.0


@dataclass(frozen=True)
class Reading:
    """Mean and worst PSNR of the test views in dB at a moment, and what had been done by then."""

    mean_db: float
    worst_db: float
    n_steps: int
    rays_per_s: float
    samples_per_s: float


@bench("nerf.psnr_20s", "dB", at_least=30)
def psnr_20s() -> Figure:
    """Worst of three seeds, after 20 seconds of training."""
    return _worst(20.0, SEEDS)


@bench("nerf.psnr_60s", "dB", at_least=33)
def psnr_60s() -> Figure:
    """The same runs after a minute."""
    return _worst(60.0, SEEDS)


@bench("nerf.psnr_600s", "dB", at_least=35)
def psnr_600s() -> Figure:
    """The first of these runs after ten minutes."""
    return _worst(600.0, SEEDS[:1])


@bench("nerf.few_photos", "dB")
def few_photos() -> Figure:
    """After as many steps from ever fewer photos, evenly chosen: how many one should take."""
    found = {n: float(np.mean(_psnr_db(_taught(_learner(SEEDS[0], n), FEW_STEPS)))) for n in FEW_PHOTOS}
    each = ", ".join(f"{db:.2f} of {n}" for n, db in found.items())
    return Figure(found[FEW_PHOTOS[-1]], note=f"20 views at 200², {FEW_STEPS:,} steps; photos: {each}")


@bench("nerf.train_rays", "rays/s")
def train_rays() -> Figure:
    """Rays learnt from in a second, over the first minute of the first run."""
    reading = _reading(SEEDS[0], 60.0)
    return Figure(reading.rays_per_s, note=f"{reading.samples_per_s / 1e6:.2f} million samples a second")


@bench("nerf.encode_rate", "M samples/s")
def encode_rate() -> Figure:
    """The hash grid forward and backward, against the same in plain torch."""
    import torch

    from plugins.nerf.field.model.config import FieldConfig
    from plugins.nerf.field.model.networks import HashGrid
    from plugins.nerf.field.training.hash_encoding import encode_tiles, level_table, scatter_tiles, tiles_of

    config = FieldConfig((0, 0, 0), (1, 1, 1))
    positions = np.random.default_rng(0).random((N_PLACES, 3), np.float32)
    reference, levels = HashGrid(config), config.levels
    grid = reference.table.detach().numpy().copy()
    (places, counts), table, gradient = tiles_of(positions, config), level_table(levels), np.zeros_like(grid)
    encoded = np.zeros((len(places), config.n_encoded, places.shape[2]), np.float32)

    def ours() -> None:
        encode_tiles(places, counts, grid, config.scales, table, False, encoded)
        scatter_tiles(places, counts, encoded, config.scales, table, False, gradient)

    points = torch.from_numpy(positions)

    def theirs() -> None:
        features = reference(points)
        features.backward(features.detach())

    return Figure(_rate(ours), peer="plain torch", peer_value=_rate(theirs), note="forward and backward, 10 levels")


def _rate(work: Callable[[], None]) -> float:
    """Million places a second, of the best of some runs behind a first one."""
    taken = []
    for _ in range(N_RUNS + 1):
        started = time.perf_counter()
        work()
        taken.append(time.perf_counter() - started)
    return N_PLACES / min(taken[1:]) / 1e6


def _worst(moment_s: float, seeds: tuple[int, ...]) -> Figure:
    readings = [_reading(seed, moment_s) for seed in seeds]
    worst = min(readings, key=lambda reading: reading.mean_db)
    each = ", ".join(f"{reading.mean_db:.2f}" for reading in readings)
    return Figure(
        worst.mean_db, note=f"20 views at 200², seeds: {each}; worst view {worst.worst_db:.2f}, {worst.n_steps} steps"
    )


def _reading(seed: int, moment_s: float) -> Reading:
    """What a run reached at a moment; it learns on to it where it has not been there yet."""
    run = _run(seed)
    for moment in (moment for moment in MOMENTS_S if moment <= moment_s and moment not in run.readings):
        while run.learner.seconds < moment:
            scalars = run.learner.step()
            run.n_rays += scalars["rays"]
            run.n_samples += scalars["samples"]
        run.readings[moment] = _read(run)
    return run.readings[moment_s]


def _taught(learner: Any, n_steps: int) -> Any:
    """The learner after some steps."""
    for _ in range(n_steps):
        learner.step()
    return learner


def _read(run: Run) -> Reading:
    seconds = run.learner.seconds
    found = _psnr_db(run.learner)
    return Reading(
        float(np.mean(found)),
        float(np.min(found)),
        run.learner.step_number,
        run.n_rays / seconds,
        run.n_samples / seconds,
    )


def _psnr_db(learner: Any) -> list[float]:
    """Of each test view, in dB."""
    from plugins.nerf.field.render.exact import draw_exact

    test, drawn_field, found = _photos("test"), learner.field(), []
    for number in range(len(test)):
        drawn = draw_exact(drawn_field, test.ray_grid(number))
        seen = (drawn.colour + (1 - drawn.opacity[..., None])).clip(0, 1)
        found.append(float(-10 * np.log10(np.mean((seen - test.on((255, 255, 255), number) / 255) ** 2))))
    return found


@once
def _run(seed: int) -> Run:
    """A training as the Train button begins it, after a few steps of another one that compile what it needs."""
    first = _learner(seed)
    _taught(first, first.settings.refresh_every + 1)
    return Run(_learner(seed))


def _learner(seed: int, n_photos: int | None = None) -> Any:
    """What learns the scene, from all of its photos or from so many, evenly chosen."""
    from plugins.nerf.field.training.our_scenes import GLOSSY
    from plugins.nerf.field.training.scene_lesson import SceneLesson
    from studio.api.engine import Device

    photos = _photos("train")
    chosen = np.linspace(0, len(photos) - 1, n_photos or len(photos)).round().astype(int)
    lesson = SceneLesson(photos.chosen(chosen), GLOSSY.settings, seed, GLOSSY.scene.shape)
    return lesson.training(Device("cpu", "float32", 1)).learner


@cache
def _photos(part: str) -> Any:
    """The fixture's photos of one part at 200²: the mean of 2 x 2 pixels."""
    from plugins.nerf.field.photos.reader import read_photos
    from plugins.nerf.foreign.transforms import read_transforms

    folder = foreign_folder() / "scenes" / "glossy"
    if not folder.exists():
        raise UnmeasuredError("the scene of the fixtures is missing")
    reading = read_photos(read_transforms(folder), 400)
    while True:
        try:
            next(reading)
        except StopIteration as end:
            return end.value[0].part(part).reduced(2)
