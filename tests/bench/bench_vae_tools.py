"""What one does with a VAE: odd ones found in a folder, a font made of a place."""

import statistics
from collections.abc import Callable
from functools import partial
from importlib import import_module

import numpy as np

from plugins.vae.letters.typeface.making import make_typeface
from plugins.vae.shared.odd_ones import N_AT_ONCE, scored, seen
from studio.api.molecule import draw_molecule
from studio.api.training import Split, load_avatars
from tests.bench.engine import opened
from tests.bench.statistic import seconds
from tests.bench.suite import Figure, bench

N_RUNS = 5
N_FACES = 480
N_BETWEEN = 16


def median_s(work: Callable[[], object]) -> float:
    """The median of five runs, after one to warm up."""
    work()
    return statistics.median(seconds(work) for _ in range(N_RUNS))


@bench("vae.odd_ones", "pictures/s", at_least=500)
def odd_ones() -> Figure:
    """Faces of 64 px scored a second, with heat, against an isolation forest of scikit-learn on their pixels."""
    from sklearn.ensemble import IsolationForest

    engine, faces = opened("vae/avatars"), load_avatars(Split.TEST).pictures[:N_FACES]
    rows = faces.reshape(len(faces), -1).astype(np.float32)

    def ours() -> None:
        for start in range(0, len(faces), N_AT_ONCE):
            scored(engine, seen(engine, faces[start : start + N_AT_ONCE]))

    def forest() -> None:
        IsolationForest(random_state=0).fit(rows).score_samples(rows)

    speed, peer = len(faces) / median_s(ours), len(faces) / median_s(forest)
    engine.close()
    return Figure(speed, "isolation forest on pixels, fitted and scored", peer, note=f"{N_AT_ONCE} at a time")


@bench("vae.molecule_walk", "s", at_most=1)
def molecule_walk() -> Figure:
    """Sixteen places between two known molecules, each written, described and drawn, against drawing the two alone."""
    import_module("rdkit")  # without it nothing is described or drawn
    engine = opened("vae/molecules")
    first, last = engine.atlas.places[:2]

    def walk(n: int) -> None:
        draw_molecule.cache_clear()
        for share in np.linspace(0, 1, n, dtype=np.float32):
            engine.frame(first + share * (last - first))

    between, ends = median_s(partial(walk, N_BETWEEN)), median_s(partial(walk, 2))
    engine.close()
    return Figure(between, "the two alone", ends, note=f"{N_BETWEEN} places")


@bench("vae.font_export", "s", at_most=10)
def font_export() -> Figure:
    """A font of a place from nothing, against one of two ends of a slider, which follows each outline."""
    engine = opened("vae/letterforms")
    place = np.zeros(engine.n_latent, np.float32)

    def made(directions: tuple[int, ...]) -> Callable[[], object]:
        return lambda: list(make_typeface(engine, place, "Bench", "", directions))

    plain, variable = median_s(made(())), median_s(made((0,)))
    engine.close()
    return Figure(variable, "the same without a slider", plain, note="one slider")
