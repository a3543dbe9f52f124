"""Draws 64 samples that nobody picked: the seeds 0 to 63 of a model with the settings that its panel begins with.

`python -m plugins.diffusion.shared.training.contact_sheet MODEL.safetensors SHEET.webp` does so; the card lies
beside the weights.
"""

import io
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from PIL import Image as Bitmap

from studio.api.engine import Device, ModelSource
from studio.api.training import Split, held_out_prompts, load_notes, load_scenes
from studio.core.atomic import atomic_write
from studio.core.frame import Frame
from studio.core.param import make_params
from studio.core.view import Audio, Image

from ...pictures.frames import ByteArray, tiled
from ...sound.training.evaluation import note_prompts
from ...sound.training.notes_recipe import spectrogram_sheet
from ..engine import DiffusionEngine
from ..params import DiffusionParams
from ..state import NOISY, WAVEFORM

N_SAMPLES: Final = 64
N_COLUMNS: Final = 8
MAX_BYTES: Final = 150_000
QUALITIES: Final = (90, 80, 70, 60, 50, 40)
SCENES: Final = "emoji"
NOTES: Final = "notes"


def contact_sheet(source: ModelSource, prompts: Sequence[str], n_samples: int) -> ByteArray:
    """Samples in rows of eight, (H, W, 3); the one of seed i is asked for with the i-th prompt, round and round."""
    engine = DiffusionEngine.open(source, Device("cpu", "float32", 1))
    tiles = []
    for seed in range(n_samples):
        values = {**source.card.get("defaults", {}), "prompt": prompts[seed % len(prompts)], "seed": seed}
        *_, last = engine.generate(make_params(DiffusionParams, values))
        tiles.append(tile_of(last))
    engine.close()
    return tiled(np.stack(tiles), N_COLUMNS)


def tile_of(frame: Frame) -> ByteArray:
    """A finished picture, or the spectrogram of a finished sound, (H, W, 3)."""
    sound = frame.views.get(WAVEFORM)
    if isinstance(sound, Audio):
        return spectrogram_sheet(sound.samples[None])
    finished = frame.views[NOISY]
    assert isinstance(finished, Image)
    return np.broadcast_to(np.atleast_3d(finished.pixels), (*finished.pixels.shape[:2], 3))


def prompts_of(card: Mapping[str, Any]) -> list[str]:
    """What a model's sheet is asked for: held-out scenes or notes, else classes or the card's own examples."""
    data_set = card.get("data_set", {}).get("name")
    if data_set == SCENES:
        return held_out_prompts(load_scenes(Split.TEST, N_SAMPLES))
    if data_set == NOTES:
        return note_prompts(load_notes(Split.TEST), N_SAMPLES)
    return list(card.get("classes") or card.get("examples") or [""])


def encoded(sheet: ByteArray) -> bytes:
    """A sheet as WebP, as good as fits into 150 kB."""
    for quality in QUALITIES:
        file = io.BytesIO()
        Bitmap.fromarray(sheet).save(file, "WEBP", quality=quality, method=6)
        if len(file.getvalue()) <= MAX_BYTES:
            break
    return file.getvalue()


def main(weights: Path, out: Path) -> None:
    """Write the sheet of a model."""
    card = json.loads(weights.with_suffix(".json").read_text("utf-8"))
    sheet = contact_sheet(ModelSource(card["id"], weights, card), prompts_of(card), N_SAMPLES)
    atomic_write(out, encoded(sheet))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
