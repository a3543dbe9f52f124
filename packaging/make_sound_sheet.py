"""Makes the sheet of spectrograms in a guide: the sounds of a model for each pair of two settings, none picked.

Usage: python packaging/make_sound_sheet.py MODEL ROWS COLUMNS SECONDS, such as
`autoregressive/speech instrument=Annie,Lee kind=zero,one,two 0.64`.
"""

import sys
from itertools import product
from pathlib import Path

import numpy as np
from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[1]))

from studio.api.engine import AMOUNT_COLOURS
from studio.compute.device import choose_device
from studio.core.frame import whole_frames
from studio.core.sound.mel import FLOOR_DB
from studio.registry.catalog import Catalog

GAP_PX = 4
GROUND = (17, 18, 21)
QUALITY = 80


def main(model_id: str, rows: str, columns: str, seconds: str) -> None:
    """Write `sheet-NAME.webp` beside the model."""
    catalog = Catalog()
    source = catalog.find_model(model_id).source
    engine = catalog.open_engine(source, choose_device("cpu"))
    make = catalog.params_class(source)
    settings = [(one.partition("=")[0], one.partition("=")[2].split(",")) for one in (rows, columns)]
    (row_name, row_values), (column_name, column_values) = settings
    pictures = [
        _spectrogram(engine, make(**{row_name: row, column_name: _value(column)}, seed=place, seconds=float(seconds)))
        for place, (row, column) in enumerate(product(row_values, column_values))
    ]
    path = source.path.parent / f"sheet-{model_id.partition('/')[2]}.webp"
    _laid_out(pictures, len(column_values)).save(path, quality=QUALITY, method=6)
    print(f"{path.name}: {len(pictures)} sounds, {path.stat().st_size:,} bytes")


def _value(text: str) -> int | str:
    return int(text) if text.isdigit() else text


def _spectrogram(engine, params) -> Image.Image:
    *_, last = whole_frames(engine.generate(params))
    levels = last.views["spectrogram"].values
    return Image.fromarray(AMOUNT_COLOURS[np.rint((1 - levels / FLOOR_DB).clip(0, 1) * 255).astype(np.uint8)])


def _laid_out(pictures: list[Image.Image], n_columns: int) -> Image.Image:
    width, height = pictures[0].width + GAP_PX, pictures[0].height + GAP_PX
    sheet = Image.new("RGB", (width * n_columns - GAP_PX, height * (len(pictures) // n_columns) - GAP_PX), GROUND)
    for index, picture in enumerate(pictures):
        row, column = divmod(index, n_columns)
        sheet.paste(picture, (column * width, row * height))
    return sheet


if __name__ == "__main__":
    main(*sys.argv[1:])
