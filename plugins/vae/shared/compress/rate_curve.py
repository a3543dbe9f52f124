"""How many bytes a picture takes at which likeness: by a model, and by PNG, WebP, JPEG and AVIF at the same size."""

import io
from collections.abc import Generator, Mapping
from typing import Any, Final

import numpy as np
from PIL import Image, features

from studio.api.engine import psnr_db
from studio.core.view import ByteArray

from .latent_code import STEPS, Array, placed, rounded
from .packing import packed_bytes
from .rate_points import MODEL, RatePoints

QUALITIES: Final = (0, 10, 25, 45, 65, 80, 95, 100)
COLOURS: Final = (2, 4, 8, 16, 32, 64, 128, 256)
FORMATS: Final[Mapping[str, Mapping[str, Any]]] = {
    "WEBP": {"method": 6},
    "JPEG": {"optimize": True},
    "AVIF": {"speed": 6},
}


def rate_curve(engine: Any, picture: ByteArray, place: Array) -> Generator[None, None, dict[str, RatePoints]]:
    """The points of a picture (H, W, 3) in a model's size whose place is (D,), by format; MODEL is the model's."""
    curves = {MODEL: (yield from _model_points(engine, picture, place))}
    for form in FORMATS:
        if form != "AVIF" or features.check("avif"):
            curves[form] = yield from _format_points(picture, form)
    curves["PNG"] = yield from _png_points(picture)
    return curves


def _model_points(engine: Any, picture: ByteArray, place: Array) -> Generator[None, None, RatePoints]:
    found = []
    for step in range(len(STEPS)):
        data = yield from packed_bytes(engine, place[None], step)
        found.append((len(data), likeness(engine, picture, placed(rounded(place[None], step), step)[0])))
        yield
    return _points(found)


def likeness(engine: Any, picture: ByteArray, place: Array) -> float:
    """How like a picture (H, W, 3) what is drawn at a place (D,) is, PSNR in dB."""
    drawn = engine.pixels(engine.decode(place[None])[0])
    return psnr_db(drawn if drawn.ndim == 3 else np.repeat(drawn[..., None], 3, axis=2), picture)


def _format_points(picture: ByteArray, form: str) -> Generator[None, None, RatePoints]:
    found, more = [], FORMATS[form]
    for quality in QUALITIES:
        found.append(_saved(Image.fromarray(picture), picture, form, quality=quality, **more))
        yield
    if form == "WEBP":
        found.append(_saved(Image.fromarray(picture), picture, form, lossless=True, **more))
    return _points(found)


def _png_points(picture: ByteArray) -> Generator[None, None, RatePoints]:
    """PNG keeps every pixel, so only fewer colours make it smaller."""
    found = [_saved(Image.fromarray(picture), picture, "PNG", optimize=True)]
    for n_colours in COLOURS:
        found.append(_saved(Image.fromarray(picture).quantize(n_colours), picture, "PNG", optimize=True))
        yield
    return _points(found)


def _saved(image: Image.Image, picture: ByteArray, form: str, **how: Any) -> tuple[int, float]:
    file = io.BytesIO()
    image.save(file, form, **how)
    with Image.open(file) as again:
        return len(file.getvalue()), psnr_db(np.asarray(again.convert("RGB")), picture)


def _points(found: list[tuple[int, float]]) -> RatePoints:
    n_bytes, likeness_db = np.array(sorted(found), np.float64).T
    return RatePoints(n_bytes.astype(np.float32), likeness_db.astype(np.float32))
