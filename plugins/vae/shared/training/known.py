"""Measures how well a model redraws pictures of its kind, so that others can be told from them."""

import json
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from studio.api.engine import Device, ModelSource
from studio.api.recipe import Measuring
from studio.core.atomic import atomic_write

from ..engine import VaeEngine

N_KNOWN: Final = 40
SHARE: Final = 0.99
ROOM: Final = 1.5
"""A picture that is redrawn so many times worse than nearly all known ones is none of their kind."""


def tell_known(out: Path, pictures: Iterable[npt.NDArray[np.uint8]]) -> Measuring[None]:
    """Read held-out pictures (H, W, 3) as a person's own, and add to the card how well they must be redrawn."""
    path = out.with_suffix(".json")
    card = json.loads(path.read_text("utf-8"))
    engine = VaeEngine.open(ModelSource(card["id"], out, card), Device("cpu", "float32", 1))
    misfits = []
    for picture in islice(pictures, N_KNOWN):
        reading = yield from engine.read(picture)
        misfits.append(reading.misfit)
    card["known_within"] = float(f"{ROOM * float(np.quantile(misfits, SHARE)):.3g}")
    atomic_write(path, (json.dumps(card, indent=1, ensure_ascii=False) + "\n").encode())
