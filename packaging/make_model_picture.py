"""Makes the still picture of a model in the gallery from what it makes: the ends of a few runs side by side.

Usage: python packaging/make_model_picture.py MODEL SEED[,SEED ...] [VIEW[,VIEW ...]] [NAME=VALUE ...]; the prompts are
the examples of the model's card unless one is named, the views the main one. `at=0.5` shows the middle of the runs,
`out=FILE` writes the picture of an example on Home instead, wider and up to 20 KB. SEED may be "thumbnail": what stands
first in the family's living thumbnail.
"""

import io
import sys
from dataclasses import replace
from pathlib import Path

from PIL import Image, ImageOps

sys.path.insert(0, str(Path(__file__).parents[1]))

from studio.api.engine import ModelSource
from studio.compute.device import choose_device
from studio.core.frame import Frame, whole_frames
from studio.core.param import make_params, param_specs
from studio.core.view import Tokens
from studio.registry.catalog import Catalog
from studio.render.still import still_pixels
from studio.render.text_picture import text_picture

MODEL_PX, MODEL_BYTES = (312, 208), 10_000
EXAMPLE_PX, EXAMPLE_BYTES = (480, 240), 20_000
QUALITIES = (90, 80, 70, 60, 50, 40, 30)


def main(model_id: str, seeds: str, *settings: str) -> None:
    """Write `NAME.webp` beside the model, or what is named."""
    catalog = Catalog()
    source = catalog.find_model(model_id).source
    named = dict(setting.split("=", 1) for setting in settings if "=" in setting)
    at, out = float(named.pop("at", 1)), named.pop("out", "")
    (width_px, height_px), limit_bytes = (EXAMPLE_PX, EXAMPLE_BYTES) if out else (MODEL_PX, MODEL_BYTES)
    views = [view for setting in settings if "=" not in setting for view in setting.split(",")]
    if seeds == "thumbnail":
        pictures = [Image.open(source.path.with_name("thumbnail.webp")).convert("RGB")]
    else:
        pictures = _ends(catalog, source, seeds, named, views, at, height_px, width_px / height_px)
    path = Path(out) if out else source.path.with_suffix(".webp")
    path.write_bytes(encoded(side_by_side(pictures, width_px, height_px), limit_bytes))
    print(f"{path.name}: {path.stat().st_size:,} bytes")


def _ends(
    catalog: Catalog,
    source: ModelSource,
    seeds: str,
    named: dict[str, str],
    views: list[str],
    at: float,
    height_px: int,
    aspect: float,
) -> list[Image.Image]:
    """What the views of the runs with these seeds show at a share of each run."""
    engine = catalog.open_engine(source, choose_device("cpu"))
    params_class, card = catalog.params_class(source), source.card
    pictures = []
    for number, seed in enumerate(seeds.split(",")):
        values = {**card.get("defaults", {}), "seed": seed, **named}
        if "prompt" in param_specs(params_class) and card.get("examples"):
            values = {"prompt": card["examples"][number % len(card["examples"])], **values}
        frames = list(whole_frames(engine.generate(make_params(params_class, values))))
        frame = frames[round(at * (len(frames) - 1))]
        pictures += [picture_of(frame, view, height_px, aspect) for view in views or [""]]
    return pictures


def picture_of(frame: Frame, view: str = "", height_px: int = 208, aspect: float = 1.5) -> Image.Image:
    """What a frame, or one of its views, shows."""
    if view:
        frame = replace(frame, views={view: frame.views[view]})
    if isinstance(frame.main_view, Tokens):
        return Image.fromarray(text_picture(frame.main_view, height_px, "black", aspect))
    return Image.fromarray(still_pixels(frame, height_px)).convert("RGB")


def side_by_side(pictures: list[Image.Image], width_px: int, height_px: int, most_rows: int = 3) -> Image.Image:
    """All pictures in as many rows as make them largest, as squares; a wide one alone covers everything."""
    if len(pictures) == 1 and pictures[0].width > pictures[0].height:
        return ImageOps.fit(pictures[0], (width_px, height_px), Image.Resampling.LANCZOS)
    shapes = [(rows, -(-len(pictures) // rows)) for rows in range(1, most_rows + 1)]
    side, n_rows, n_columns = max(
        (min(height_px // rows, width_px // columns), rows, columns) for rows, columns in shapes
    )
    sheet = Image.new("RGB", (width_px, height_px), pictures[0].getpixel((0, 0)))
    for index, picture in enumerate(pictures):
        row, column = divmod(index, n_columns)
        place = ((width_px - n_columns * side) // 2 + column * side, (height_px - n_rows * side) // 2 + row * side)
        sheet.paste(ImageOps.fit(picture, (side, side), Image.Resampling.LANCZOS), place)
    return sheet


def encoded(picture: Image.Image, limit_bytes: int) -> bytes:
    """The best quality that is not too large; ends the program where none is."""
    for quality in QUALITIES:
        file = io.BytesIO()
        picture.save(file, "WEBP", quality=quality, method=6)
        if file.tell() <= limit_bytes:
            return file.getvalue()
    sys.exit("The picture is too large: show less.")


if __name__ == "__main__":
    main(*sys.argv[1:])
