"""Draws the faces of many seeds in small batches, so that a hand never waits long for the Lane; torch stays behind it.

B batch, H W pixels.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from .people_call import ByteArray
from .people_scene import PeopleScene

if TYPE_CHECKING:
    from torch import Tensor

    from .people_engine import PeopleEngine

N_BATCH: Final = 8
LARGE_PX: Final = 128  # larger pictures are drawn one by one, and only as drafts


def batches(engine: "PeopleEngine", seeds: Sequence[int]) -> Iterator[Sequence[int]]:
    """The seeds in batches that take well below a tenth of a second each."""
    size = N_BATCH if engine.generator.size_px <= LARGE_PX else 1
    return (seeds[first : first + size] for first in range(0, len(seeds), size))


def faces(engine: "PeopleEngine", scene: PeopleScene, seeds: Sequence[int]) -> "Tensor":
    """Pictures (B, 3, H, W), about -1 to 1, of seeds with a scene's words, truncation, directions and mix.

    One thread draws small ones: two wait for each other at every layer, many times as long where the machine is busy.
    """
    import torch

    from studio.api.engine import limited_threads

    n_threads = engine.device.n_threads if engine.generator.size_px > LARGE_PX else 1
    with torch.inference_mode(), limited_threads(n_threads):
        places = np.stack([engine.place(scene.at_seed(seed)) for seed in seeds])
        return engine.draw(places, scene.params.noise, scene.noise_seed, is_draft=True)


def draw_seeds(engine: "PeopleEngine", scene: PeopleScene, seeds: Sequence[int]) -> Iterator[ByteArray]:
    """Yield what is drawn so far, (n, H, W, 3) of the first n seeds, until all are."""
    from .people_preview import byte_pictures

    drawn: list[ByteArray] = []
    for batch in batches(engine, seeds):
        drawn.append(byte_pictures(faces(engine, scene, batch)))
        yield np.concatenate(drawn)
