"""Makes a family's living thumbnail on Home from a text that its own model writes, token by token, on its chips.

Usage: python packaging/make_text_thumbnail.py MODEL SEED [NAME=VALUE ...]; the prompt is the first example of the card.
"""

import sys
from pathlib import Path

from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[1]))

from living_webp import encoded

from studio.compute.device import choose_device
from studio.core.frame import whole_frames
from studio.core.param import make_params
from studio.registry.catalog import Catalog
from studio.render.text_picture import text_picture

HEIGHT_PX, ASPECT = 320, 2.0
STEP_MS, REST_MS = 160, 2600


def main(model_id: str, seed: str, *settings: str) -> None:
    """Write `thumbnail.webp` beside the model."""
    catalog = Catalog()
    source = catalog.find_model(model_id).source
    engine = catalog.open_engine(source, choose_device("cpu"))
    chosen = dict(setting.split("=", 1) for setting in settings)
    values = {**source.card.get("defaults", {}), "prompt": source.card["examples"][0], "seed": seed, **chosen}
    params = make_params(catalog.params_class(source), values)
    texts = [frame.views["text"] for frame in whole_frames(engine.generate(params))]
    pictures = [Image.fromarray(text_picture(text, HEIGHT_PX, "black", ASPECT)) for text in texts]
    frames = [pictures[-1], *pictures]  # what is finished comes first, for where nothing moves
    data = encoded(frames, [REST_MS] + [STEP_MS] * (len(frames) - 1))
    (source.path.parent / "thumbnail.webp").write_bytes(data)
    print(f"thumbnail.webp: {len(frames)} frames, {len(data):,} bytes")


if __name__ == "__main__":
    main(*sys.argv[1:])
