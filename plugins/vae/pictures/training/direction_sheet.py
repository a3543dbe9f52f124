"""Draws what the named directions of a model of faces do, a row for each.

`python -m plugins.vae.pictures.training.direction_sheet OUT.png`.
"""

import sys
from pathlib import Path
from typing import Final

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont

from studio.core.card import read_card
from studio.core.place import asset
from studio.core.seed import standard_normal
from studio.nn.layered.pictures_vae import PicturesVAE

from ...shared.atlas import Atlas, build_atlas
from ...shared.card import read_arrays
from ...shared.ink import coloured
from ...shared.model.weights import load_model

MODEL: Final = Path(__file__).parents[2] / "models" / "avatars.safetensors"
NAMES: Final = ("Hair", "Beard", "Smile", "Light skin", "Fair hair", "Light clothes")
N_COLUMNS: Final = 7
SEED: Final = 16
SCALE: Final = 2
LEVEL_STEP: Final = 8  # of 255: nobody sees it, and the file is a third as large
TITLE_PX: Final = 150
TEXT_PX: Final = 20


def direction_sheet(model: PicturesVAE, atlas: Atlas, names: tuple[str, ...], seed: int) -> Image.Image:
    """The face of a seed with one slider after the other moved over the range of the training pictures."""
    z = standard_normal((model.config.n_latent,), seed, 0)
    cell_px = SCALE * model.config.size_px
    sheet = Image.new("RGB", (TITLE_PX + N_COLUMNS * cell_px, len(names) * cell_px), "white")
    pen = ImageDraw.Draw(sheet)
    font = ImageFont.truetype(asset("fonts/Inter-Medium.ttf"), TEXT_PX)
    titles = [direction.name for direction in atlas.directions]
    for row, name in enumerate(names):
        index = titles.index(name)
        direction = atlas.directions[index]
        values = np.linspace(direction.low, direction.high, N_COLUMNS)
        places = np.stack([atlas.moved(z, index, float(value)) for value in values])
        with torch.inference_mode():
            faces = model.decode(torch.from_numpy(places)).movedim(1, 3).numpy()  # (7, 64, 64, 3)
        pen.text((12, (row + 0.5) * cell_px), name, "#222222", font, anchor="lm")
        for column, pixels in enumerate(coloured(faces)):
            face = Image.fromarray(pixels).resize((cell_px, cell_px), Image.Resampling.LANCZOS)
            sheet.paste(face, (TITLE_PX + column * cell_px, row * cell_px))
    return sheet


def main(out: Path) -> None:
    """Draw the sheet of the shipped model."""
    model = load_model(MODEL)
    assert isinstance(model, PicturesVAE)
    card = read_card(MODEL.with_suffix(".json"))
    atlas = build_atlas(card.more, read_arrays(MODEL), model.config.n_latent)
    sheet = direction_sheet(model, atlas, NAMES, SEED)
    sheet.point([min(255, round(value / LEVEL_STEP) * LEVEL_STEP) for value in range(256)] * 3).save(out, optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
