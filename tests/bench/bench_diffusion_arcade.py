"""The dreamt game in the real window: how many pictures a second come while a key is held."""

import time

from plugins.diffusion.arcade.params import ArcadeParams
from studio.compute.device import choose_device
from studio.registry.catalog import Catalog
from tests.bench.suite import Figure, bench
from tests.bench.visit import visit, where

N_PEER_PICTURES = 60


@bench("diffusion.arcade_play", "pictures/s", at_least=20)
def arcade_play() -> Figure:
    """Pictures a second in two denoising steps; the window asks for 25."""
    found = visit("arcade_play")
    note = f"UI gap p99 {found['gap_p99_ms']:.0f} ms, {where()}"
    return Figure(found["pictures_per_s"], "the engine with no window", _bare(), note=note)


def _bare() -> float:
    catalog = Catalog()
    engine = catalog.open_engine(catalog.find_model("diffusion/arcade").source, choose_device())
    started = time.perf_counter()
    n_pictures = sum(1 for _ in engine.generate(ArcadeParams(pictures=N_PEER_PICTURES)))
    engine.close()
    return n_pictures / (time.perf_counter() - started)
