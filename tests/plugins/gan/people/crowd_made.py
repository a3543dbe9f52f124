"""A generator whose faces are shipped real ones, so that what is read in them is known, and a panel around it."""

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch

from plugins.gan.people.engine import PeopleEngine
from plugins.gan.people.params import PeopleParams
from plugins.gan.people.scene import PeopleScene
from plugins.gan.shared.pictures import ShownAsDrawn
from studio.api.engine import Device, EngineHandle, ModelSource
from studio.api.training import AVATAR_LABELS, AVATARS_NAME, read_small

CPU = Device("cpu", "float32", 1)
N_FACES = 48
SCORES = {"real": [float(n) for n in range(101)], "fake": [n / 2 for n in range(101)]}
FREQUENCIES = {name: [1 / len(kinds)] * len(kinds) for name, kinds in AVATAR_LABELS.items()}


class Copyist(ShownAsDrawn):
    """Its place is one number, the number of a face; seed n leads to face n modulo how many there are."""

    n_z = n_w = 1
    n_layers, layer_px, size_px, shown_px, n_classes, has_noise = 1, (64,), 64, 64, 0, False

    def __init__(self, pictures: np.ndarray) -> None:
        self.pictures = torch.from_numpy(pictures).movedim(3, 1).float() / 127.5 - 1

    def mean_w(self, c: Any = None) -> torch.Tensor:
        return torch.zeros(1)

    def mapping(self, z: torch.Tensor, c: Any) -> torch.Tensor:
        return z

    def synthesis(self, ws: torch.Tensor, *_: Any, **__: Any) -> torch.Tensor:
        return self.pictures[ws[:, 0, 0].round().long() % len(self.pictures)]


class Counting:
    """A discriminator whose score is the mean brightness in percent."""

    def scores(self, pictures: torch.Tensor) -> torch.Tensor:
        return (pictures.mean((1, 2, 3)) + 1) * 50


class CopyEngine(PeopleEngine):
    """The engine of a copyist."""

    def _mapped(self, seed: int, words: str) -> np.ndarray:
        return np.array([seed % len(self.generator.pictures)], np.float32)  # type: ignore[attr-defined]


@cache
def _arrays() -> dict[str, np.ndarray]:
    return read_small(AVATARS_NAME)


def shipped(split: str) -> tuple[np.ndarray, np.ndarray]:
    """Pictures and labels of a part of the shipped faces."""
    arrays = _arrays()
    chosen = arrays["splits"] == split
    return arrays["pictures"][chosen], arrays["labels"][chosen]


def source(**card: Any) -> ModelSource:
    """What the panel reads of the model."""
    data_set = {"name": "avatars", "n_items": 19851}
    values = {"id": "gan/copyist", "kind": "people", "scores": SCORES, "frequencies": FREQUENCIES, "data_set": data_set}
    return ModelSource("gan/copyist", Path(__file__), {**values, **card})


def copy_engine(pictures: np.ndarray, **card: Any) -> CopyEngine:
    """An engine that draws these faces."""
    return CopyEngine(source(**card), Copyist(pictures), Counting(), CPU)  # type: ignore[arg-type]


def at_seed(seed: int) -> PeopleScene:
    """The plain scene of a seed."""
    return PeopleScene(PeopleParams(seed=seed))


def handle_of(engine: CopyEngine) -> EngineHandle:
    """A handle that opens this engine."""
    return EngineHandle(engine.source, lambda _: engine)
