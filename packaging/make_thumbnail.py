"""Makes a family's living thumbnail on Home from its own model: a loop through the places of a few seeds.

Usage: python packaging/make_thumbnail.py MODEL TEXT SEED [SEED ...]
"""

import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[1]))

from living_webp import encoded

from studio.compute.device import choose_device
from studio.core.path.position import constant_speed, slerp
from studio.registry.catalog import Catalog
from studio.render.field import layout_word, render_fields

WIDTH_PX, HEIGHT_PX, MARGIN_PX = 640, 320, 28
N_PER_LEG, FRAME_MS = 17, 85


def main(model_id: str, text: str, *seeds: str) -> None:
    """Write `models/thumbnail.webp` of the model's family."""
    catalog = Catalog()
    model = catalog.find_model(model_id)
    engine = catalog.open_engine(model.source, choose_device("cpu"))
    params = catalog.params_class(model.source)
    places = [engine.place_of(params(seed=int(seed))) for seed in seeds]
    frames = []
    for a, b in pairwise([*places, places[0]]):
        steps = engine.measure_way(a, b, "spherical", text)
        times = constant_speed(list(_result(steps)), N_PER_LEG + 1)[:-1]
        frames += [_picture(engine.letters(slerp(a, b, float(time)), text)) for time in times]
    data = encoded(frames, FRAME_MS)
    path = model.path.parent / "thumbnail.webp"
    path.write_bytes(data)
    print(f"{path.name}: {len(frames)} frames, {len(data):,} bytes")


def _result(steps):
    while True:
        try:
            next(steps)
        except StopIteration as stop:
            return stop.value


def _picture(fields: np.ndarray) -> Image.Image:
    places = layout_word(list(fields), WIDTH_PX, HEIGHT_PX, MARGIN_PX)
    return Image.fromarray(255 - render_fields(fields, places, WIDTH_PX, HEIGHT_PX))


if __name__ == "__main__":
    main(*sys.argv[1:])
