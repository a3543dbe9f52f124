"""Makes the living thumbnail on Home of the people of a GAN: three faces side by side that turn into others.

Usage: python packaging/make_people_thumbnail.py MODEL SEED SEED SEED [...]; each three more seeds are another stop.
"""

import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[1]))

from living_webp import encoded

from plugins.gan.shared.pictures import byte_pictures
from studio.compute.device import choose_device
from studio.registry.catalog import Catalog

WIDTH_PX, HEIGHT_PX, N_FACES = 640, 320, 3
N_PER_LEG, FRAME_MS = 14, 90


def main(model_id: str, *seeds: str) -> None:
    """Write `thumbnail.webp` beside the model."""
    source = Catalog().find_model(model_id).source
    engine = Catalog().open_engine(source, choose_device("cpu"))
    places = np.stack([engine.w_of_seed(int(seed)) for seed in seeds])  # (S * 3, D)
    stops = np.split(places, len(seeds) // N_FACES)
    frames = []
    for here, there in pairwise([*stops, stops[0]]):
        for share in np.linspace(0, 1, N_PER_LEG, endpoint=False):
            eased = share * share * (3 - 2 * share)
            rows = np.repeat((here + np.float32(eased) * (there - here))[:, None], engine.generator.n_layers, 1)
            frames.append(_row(byte_pictures(engine.draw(rows, 1.0))))
    data = encoded(frames, FRAME_MS)
    (source.path.parent / "thumbnail.webp").write_bytes(data)
    print(f"thumbnail.webp: {len(frames)} frames, {len(data):,} bytes")


def _row(faces: np.ndarray) -> Image.Image:
    side = WIDTH_PX // N_FACES
    row = Image.new("RGB", (WIDTH_PX, HEIGHT_PX), "white")
    for index, pixels in enumerate(faces):
        face = Image.fromarray(pixels).resize((side, side), Image.Resampling.LANCZOS)
        row.paste(face, (index * side, (HEIGHT_PX - side) // 2))
    return row


if __name__ == "__main__":
    main(*sys.argv[1:])
