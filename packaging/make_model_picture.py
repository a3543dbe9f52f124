"""Makes the still picture of a model in the gallery from what it makes: the ends of a few runs side by side.

Usage: python packaging/make_model_picture.py MODEL SEED[,SEED ...] [VIEW[,VIEW ...]] [NAME=VALUE ...]; the prompts are
the examples of the model's card unless one is named, the views the main one. docs/pictures.md has the calls.
"""

import io
import sys
from collections import deque
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

sys.path.insert(0, str(Path(__file__).parents[1]))

from studio.compute.device import choose_device
from studio.core.frame import Frame, whole_frames
from studio.core.param import make_params, param_specs
from studio.core.view import Tokens
from studio.registry.catalog import Catalog
from studio.render.still import still_pixels
from studio.render.text_picture import text_picture

WIDTH_PX, HEIGHT_PX = 312, 208
LIMIT_BYTES = 10_000
QUALITIES = (90, 80, 70, 60, 50, 40, 30)


def main(model_id: str, seeds: str, *settings: str) -> None:
    """Write `NAME.webp` beside the model."""
    catalog = Catalog()
    source = catalog.find_model(model_id).source
    params_class, card = catalog.params_class(source), source.card
    named = dict(setting.split("=", 1) for setting in settings if "=" in setting)
    views = [view for setting in settings if "=" not in setting for view in setting.split(",")]
    engine = catalog.open_engine(source, choose_device("cpu"))
    pictures = []
    for number, seed in enumerate(seeds.split(",")):
        values = {**card.get("defaults", {}), "seed": seed, **named}
        if "prompt" in param_specs(params_class) and card.get("examples"):
            values = {"prompt": card["examples"][number % len(card["examples"])], **values}
        (last,) = deque(whole_frames(engine.generate(make_params(params_class, values))), maxlen=1)
        pictures += [_picture(last, view) for view in views or [""]]
    data = _encoded(_sheet(pictures))
    path = source.path.with_suffix(".webp")
    path.write_bytes(data)
    print(f"{path.name}: {len(data):,} bytes")


def _picture(frame: Frame, view: str) -> Image.Image:
    if view:
        frame = replace(frame, views={view: frame.views[view]})
    if isinstance(frame.main_view, Tokens):
        return Image.fromarray(text_picture(frame.main_view, HEIGHT_PX, "black", WIDTH_PX / HEIGHT_PX))
    return Image.fromarray(still_pixels(frame, HEIGHT_PX)).convert("RGB")


def _sheet(pictures: list[Image.Image]) -> Image.Image:
    """All pictures side by side in as many rows as make them largest; one alone covers everything."""
    if len(pictures) == 1 and pictures[0].width > pictures[0].height:
        return ImageOps.fit(pictures[0], (WIDTH_PX, HEIGHT_PX), Image.Resampling.LANCZOS)
    n_rows = max(range(1, 4), key=lambda rows: _side_px(len(pictures), rows))
    side, n_columns = _side_px(len(pictures), n_rows), -(-len(pictures) // n_rows)
    sheet = Image.new("RGB", (WIDTH_PX, HEIGHT_PX), pictures[0].getpixel((0, 0)))
    for index, picture in enumerate(pictures):
        row, column = divmod(index, n_columns)
        place = ((WIDTH_PX - n_columns * side) // 2 + column * side, (HEIGHT_PX - n_rows * side) // 2 + row * side)
        sheet.paste(ImageOps.fit(picture, (side, side), Image.Resampling.LANCZOS), place)
    return sheet


def _side_px(n_pictures: int, n_rows: int) -> int:
    return int(np.floor(min(HEIGHT_PX / n_rows, WIDTH_PX / -(-n_pictures // n_rows))))


def _encoded(picture: Image.Image) -> bytes:
    for quality in QUALITIES:
        file = io.BytesIO()
        picture.save(file, "WEBP", quality=quality, method=6)
        if file.tell() <= LIMIT_BYTES:
            return file.getvalue()
    sys.exit("The picture does not fit into 10 KB: show less.")


if __name__ == "__main__":
    main(*sys.argv[1:])
