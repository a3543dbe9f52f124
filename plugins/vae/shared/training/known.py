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
from studio.core.card import Check, write_card

from ..engine import VaeEngine

N_KNOWN: Final = 40
SHARE: Final = 0.99
ROOM, ROOM_OF_COLOURS = 1.1, 3.0
"""A picture that is redrawn so many times worse than nearly all known ones is none of their kind; coloured ones may be
drawn otherwise, and others are far away."""


def tell_known(out: Path, pictures: Iterable[npt.NDArray[np.uint8]]) -> Measuring[None]:
    """Read held-out pictures (H, W, 3) as a person's own, and add to the card how well they must be redrawn."""
    path = out.with_suffix(".json")
    card = json.loads(path.read_text("utf-8"))
    engine = VaeEngine.open(ModelSource(card["id"], out, card), Device("cpu", "float32", 1))
    misfits = []
    for picture in islice(pictures, N_KNOWN):
        reading = yield from engine.read(picture)
        misfits.append(reading.misfit)
    room = ROOM_OF_COLOURS if engine.is_coloured else ROOM
    card["known_within"] = float(f"{room * float(np.quantile(misfits, SHARE)):.3g}")
    write_card(path, card, [Check(**check) for check in card["checks"]])
