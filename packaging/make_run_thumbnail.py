"""Makes a family's living thumbnail on Home from runs of its own model: noise becomes pictures, which then rest.

Usage: python packaging/make_run_thumbnail.py MODEL SEED [SEED ...]; the prompts are the examples of the model's card.
"""

import sys
from pathlib import Path

import numpy as np
from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[1]))

from living_webp import encoded

from studio.compute.device import choose_device
from studio.core.param import make_params
from studio.registry.catalog import Catalog

WIDTH_PX, HEIGHT_PX = 640, 320
N_STEPS, STEP_MS, REST_MS = 18, 110, 2200


def main(model_id: str, *seeds: str) -> None:
    """Write `thumbnail.webp` beside the model."""
    catalog = Catalog()
    source = catalog.find_model(model_id).source
    engine = catalog.open_engine(source, choose_device("cpu"))
    params_class, card = catalog.params_class(source), source.card
    runs = []
    for number, seed in enumerate(seeds):
        prompt = card["examples"][number % len(card["examples"])]
        values = {**card.get("defaults", {}), "steps": N_STEPS, "prompt": prompt, "seed": int(seed)}
        runs.append([frame.main_view.pixels for frame in engine.generate(make_params(params_class, values))])
    order = [N_STEPS, *range(N_STEPS)]  # what is finished comes first, for where nothing moves
    frames = [_sheet([run[step] for run in runs]) for step in order]
    data = encoded(frames, [REST_MS] + [STEP_MS] * (len(frames) - 1))
    (source.path.parent / "thumbnail.webp").write_bytes(data)
    print(f"thumbnail.webp: {len(frames)} frames, {len(data):,} bytes")


def _sheet(pictures: list[np.ndarray]) -> Image.Image:
    """All pictures side by side in as many rows as fill the card best."""
    n_rows = max(range(1, 4), key=lambda rows: min(HEIGHT_PX / rows, WIDTH_PX / -(-len(pictures) // rows)))
    n_columns = -(-len(pictures) // n_rows)
    side = min(HEIGHT_PX // n_rows, WIDTH_PX // n_columns)
    sheet = Image.new("RGB", (WIDTH_PX, HEIGHT_PX), tuple(int(value) for value in pictures[0][0, 0]))
    for index, pixels in enumerate(pictures):
        row, column = divmod(index, n_columns)
        place = ((WIDTH_PX - n_columns * side) // 2 + column * side, (HEIGHT_PX - n_rows * side) // 2 + row * side)
        sheet.paste(Image.fromarray(pixels).resize((side, side), Image.Resampling.LANCZOS), place)
    return sheet


if __name__ == "__main__":
    main(*sys.argv[1:])
