"""Makes the living thumbnail on Home of the models of pixels: pictures that grow row by row, then rest.

Usage: python packaging/make_pixels_thumbnail.py MODEL KIND:SEED [KIND:SEED ...]; eight of them fill the card.
"""

import sys
from pathlib import Path

import numpy as np
from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[1]))

from living_webp import encoded

from studio.compute.device import choose_device
from studio.registry.catalog import Catalog

WIDTH_PX, HEIGHT_PX = 640, 320
GROUND = (17, 18, 21)
N_COLUMNS, SIDE_PX, CELL_PX = 4, 140, 160
STEP_MS, REST_MS = 90, 2200


def main(model_id: str, *wanted: str) -> None:
    """Write `thumbnail.webp` beside the model."""
    catalog = Catalog()
    source = catalog.find_model(model_id).source
    engine = catalog.open_engine(source, choose_device("cpu"))
    make = catalog.params_class(source)
    runs = []
    for one in wanted:
        kind, _, seed = one.partition(":")
        params = make(seed=int(seed), kind=kind, stride=28)
        runs.append([frame.main_view.pixels for frame in engine.generate(params)])
    n_steps = len(runs[0])
    order = [n_steps - 1, *range(1, n_steps)]  # what is finished comes first, for where nothing moves
    frames = [_sheet([run[step] for run in runs]) for step in order]
    data = encoded(frames, [REST_MS] + [STEP_MS] * (len(frames) - 1))
    (source.path.parent / "thumbnail.webp").write_bytes(data)
    print(f"thumbnail.webp: {len(frames)} frames, {len(data):,} bytes")


def _sheet(pictures: list[np.ndarray]) -> Image.Image:
    """All pictures in two rows, every pixel a square."""
    sheet, margin = Image.new("RGB", (WIDTH_PX, HEIGHT_PX), GROUND), (CELL_PX - SIDE_PX) // 2
    for index, pixels in enumerate(pictures):
        row, column = divmod(index, N_COLUMNS)
        picture = Image.fromarray(pixels).resize((SIDE_PX, SIDE_PX), Image.Resampling.NEAREST)
        sheet.paste(picture, (column * CELL_PX + margin, row * CELL_PX + margin))
    return sheet


if __name__ == "__main__":
    main(*sys.argv[1:])
