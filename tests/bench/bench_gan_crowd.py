"""The crowd around a face: how soon a page of seeds stands, and what a batch saves over one picture after the other."""

import time
from statistics import median

from plugins.gan.people.scene import PeopleScene
from plugins.gan.shared.pictures import byte_pictures
from tests.bench.engine import opened
from tests.bench.suite import Figure, bench

MODEL = "gan/avatars-style"
N_SEEDS = 64
N_RUNS = 5


@bench("gan.seed_grid", "s", at_most=0.8)
def seed_grid() -> Figure:
    """A page of 64 faces in batches as the panel draws them, each time with other seeds, against one by one."""
    engine = opened(MODEL)
    scene = PeopleScene()

    def page(first: int) -> None:
        for _ in engine.draw_seeds(scene, range(first, first + N_SEEDS)):
            pass

    def one_by_one(first: int) -> None:
        for seed in range(first, first + N_SEEDS):
            byte_pictures(engine.faces(scene, [seed]))

    page(0)
    ours: list[float] = []
    single: list[float] = []
    for run in range(1, N_RUNS + 1):
        for times, draw in ((ours, page), (single, one_by_one)):
            started = time.perf_counter()
            draw(N_SEEDS * (2 * run + (times is single)))
            times.append(time.perf_counter() - started)
    engine.close()
    note = f"{N_SEEDS} pictures, best {min(ours):.2f} s"
    return Figure(round(median(ours), 3), "one by one", round(median(single), 3), round(min(ours), 3), note)
