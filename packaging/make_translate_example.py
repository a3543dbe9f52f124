"""Makes the picture of a translation on Home: the English text above the lanes of the search, the best on chips.

Usage: python packaging/make_translate_example.py MODEL TEXT; writes `examples/verse.webp` of its family.
"""

import sys
from pathlib import Path

from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[1]))

from make_model_picture import EXAMPLE_BYTES, EXAMPLE_PX, encoded

from studio.compute.device import choose_device
from studio.core.frame import whole_frames
from studio.core.param import make_params
from studio.core.view import Bars, Tokens
from studio.registry.catalog import Catalog
from studio.render.text_picture import text_picture

MIDDLE = 0.72
"""How much of the width the words take: some cards show only the middle."""


def main(model_id: str, text: str) -> None:
    """Write the picture of the end of the search."""
    catalog = Catalog()
    source = catalog.find_model(model_id).source
    engine = catalog.open_engine(source, choose_device("cpu"))
    *_, frame = whole_frames(engine.generate(make_params(catalog.params_class(source), {"prompt": text})))
    best, lanes = frame.views["text"], frame.views["lanes"]
    assert isinstance(best, Tokens)
    assert isinstance(lanes, Bars)
    others = "".join(f"\n\n{lane}" for lane in lanes.labels[1:])
    pieces, weights = (f"{text}\n\n", *best.pieces, others), (2.0, *best.weights, 2.0)
    width_px, height_px = EXAMPLE_PX
    words = Image.fromarray(text_picture(Tokens(pieces, weights), height_px, "black", MIDDLE * width_px / height_px))
    picture = Image.new("RGB", EXAMPLE_PX, words.getpixel((0, 0)))
    picture.paste(words, ((width_px - words.width) // 2, 0))
    path = source.path.parents[1] / "examples" / "verse.webp"
    path.write_bytes(encoded(picture, EXAMPLE_BYTES))
    print(f"{path.name}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main(*sys.argv[1:])
