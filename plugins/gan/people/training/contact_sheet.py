"""Draws 64 faces that nobody picked, the seeds 0 to 63 at the settings that the panel begins with, and the thumbnail.

`python -m plugins.gan.people.training.contact_sheet MODEL.safetensors SHEET.webp` does the former, with `thumbnail`
instead of a sheet's name the latter, beside the weights; the card lies beside them too.
"""

import io
import json
import sys
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image as Bitmap

from studio.api.engine import Device, ModelSource
from studio.core.atomic import atomic_write

from ...shared.pictures import in_rows
from ..engine import DRAFT_SHOWN_PX, SMALL_PX, PeopleEngine
from ..params import PeopleParams
from ..scene import PeopleScene

ByteArray = npt.NDArray[np.uint8]
N_SAMPLES, MAX_BYTES = 64, 60_000
QUALITIES: Final = (88, 80, 70, 60, 50, 40)
THUMBNAIL_SEEDS: Final = (1, 4, 12, 22, 30)
N_BETWEEN, FRAME_MS, THUMBNAIL_PX = 7, 90, 192
THUMBNAIL: Final = "thumbnail"


def sheet(engine: PeopleEngine) -> ByteArray:
    """Faces in rows of eight, (H, W, 3)."""
    places = [engine.place(PeopleScene(PeopleParams(seed=n))) for n in range(N_SAMPLES)]
    return in_rows(np.stack([_picture(engine, place, SMALL_PX) for place in places]))


def walk(engine: PeopleEngine) -> list[ByteArray]:
    """The pictures of a seamless walk through a few seeds."""
    places = [engine.place(PeopleScene(PeopleParams(seed=seed))) for seed in THUMBNAIL_SEEDS]
    pictures = []
    for one, other in zip(places, [*places[1:], places[0]], strict=True):
        for step in range(N_BETWEEN):
            share = np.float32(0.5 - 0.5 * np.cos(np.pi * step / N_BETWEEN))
            pictures.append(_picture(engine, one + share * (other - one), DRAFT_SHOWN_PX))
    return pictures


def _picture(engine: PeopleEngine, place: npt.NDArray[np.float32], size_px: int) -> ByteArray:
    with torch.inference_mode():
        pixels: ByteArray = engine.shown(engine.draw(place[None]), size_px)[0]
    return pixels


def encoded_sheet(pixels: ByteArray) -> bytes:
    """A sheet as WebP, as good as fits."""
    for quality in QUALITIES:
        file = io.BytesIO()
        Bitmap.fromarray(pixels).save(file, "WEBP", quality=quality, method=6)
        if len(file.getvalue()) <= MAX_BYTES:
            break
    return file.getvalue()


def encoded_walk(pictures: list[ByteArray]) -> bytes:
    """A walk as an animated WebP."""
    size = (THUMBNAIL_PX, THUMBNAIL_PX)
    first, *rest = (Bitmap.fromarray(picture).resize(size, Bitmap.Resampling.BICUBIC) for picture in pictures)
    file = io.BytesIO()
    first.save(file, "WEBP", save_all=True, append_images=rest, duration=FRAME_MS, loop=0, quality=60, method=6)
    return file.getvalue()


def main(weights: Path, out: str) -> None:
    """Write the sheet of a model, or the family's thumbnail."""
    card = json.loads(weights.with_suffix(".json").read_text("utf-8"))
    engine = PeopleEngine.open(ModelSource(card["id"], weights, card), Device("cpu", "float32", 1))
    if out == THUMBNAIL:
        atomic_write(weights.with_name("thumbnail.webp"), encoded_walk(walk(engine)))
    else:
        atomic_write(Path(out), encoded_sheet(sheet(engine)))
    engine.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
