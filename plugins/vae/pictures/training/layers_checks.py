"""The held-out figures of a decoder of layers, and the card that has them."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch

from studio.api.recipe import Measuring, n_weights
from studio.api.training import (
    AVATAR_LABELS,
    Split,
    artist,
    load_avatar_layers,
    load_avatars,
    load_judge,
    picture_likeness,
    psnr_db,
    random_judge,
)
from studio.core.card import Check, write_card
from studio.core.error import UserError
from studio.core.translation import N_

from ...shared.training.recipe import random_places
from ..model.layered_vae import LayeredVAE
from .data import encoded, in_unit, right_shares
from .layers_evaluation import SHARP_PX, reduced, rises, sharp_pictures, small_pictures

FLOORS: Final = {"hair": 1.0, "beard": 1.0, "mouth": 0.995, "clothes": 1.0}
WIDEST_PX, WIDE_PX = 3.0, 1.6
N_SAMPLES: Final = 2000
N_OUTLINES: Final = 200
SMALL_PX, HALF_PX = 64, 128


def layer_checks(model: LayeredVAE, seed: int) -> Measuring[list[Check]]:
    """All figures, with what they had to reach where they had to."""
    faces, judge = load_avatars(Split.TEST), load_judge("avatars")
    pictures = torch.from_numpy(faces.pictures)
    means, _ = yield from encoded(model, pictures)
    redrawn = yield from small_pictures(model, means, SMALL_PX)
    shares = right_shares(judge, redrawn, torch.from_numpy(faces.labels))
    checks = [
        Check(N_("Redrawn from layers, {label} read right, share").format(label=name), share, FLOORS.get(name))
        for name, share in zip(AVATAR_LABELS, shares, strict=True)
    ]
    places = random_places(N_SAMPLES, model.config.n_latent, seed + 1, torch.device("cpu"))
    samples = yield from small_pictures(model, places, SMALL_PX)
    real = in_unit(pictures[:N_SAMPLES])
    seen, apart = (picture_likeness(one, real, samples) for one in (judge, random_judge(judge.config)))
    checks += [
        Check(N_("Random places from layers, KID x 1,000"), seen.kernel_distance, None, False),
        Check(N_("Random places from layers, KID x 1,000 by random features"), apart.kernel_distance, None, False),
    ]
    return checks + (yield from _outline_checks(model))


def _outline_checks(model: LayeredVAE) -> Measuring[list[Check]]:
    """How sharp and how right large pictures are; none where the faces cannot be drawn here to compare with."""
    faces = load_avatar_layers(Split.TEST)
    try:
        draw = artist(size_px=SHARP_PX)
    except UserError:
        return []
    n = min(N_OUTLINES, len(faces.packed))
    means, _ = yield from encoded(model, torch.from_numpy(faces.pictures[:n]))
    widths, true_widths, likeness = [], [], []
    for index, picture in enumerate(sharp_pictures(model, means)):
        truth, parts = draw(str(faces.seeds[index]))[0].astype(np.float32) / np.float32(255), faces.parts(index)
        widths.append(rises(picture, parts, index))
        true_widths.append(rises(truth, parts, index))
        likeness.append(psnr_db(reduced(picture, HALF_PX), reduced(truth, HALF_PX)))
        yield
    median, widest = np.percentile(np.concatenate(widths), (50, 90)).tolist()
    true_median, true_widest = np.percentile(np.concatenate(true_widths), (50, 90)).tolist()
    return [
        Check(N_("Outlines at 512 pixels, width in pixels, median"), median, WIDE_PX, False),
        Check(N_("Outlines at 512 pixels, width in pixels, 90th percentile"), widest, WIDEST_PX, False),
        Check(N_("Outlines of the test pictures themselves, median"), true_median, None, False),
        Check(N_("Outlines of the test pictures themselves, 90th percentile"), true_widest, None, False),
        Check(N_("Redrawn from layers at 128 pixels, PSNR, dB"), float(np.mean(likeness)), None),
    ]


def write_layered_card(
    path: Path, card: Mapping[str, Any], model: LayeredVAE, told: Mapping[str, Any], checks: list[Check]
) -> None:
    """Write the card that the model had before, with what is said of its decoder of layers."""
    known = [
        Check(**one) for one in card["checks"] if not one["name"].startswith(("Redrawn from", "Random places from"))
    ]
    notes = [note for note in card["notes"] if note not in _notes(told)]
    changed = {
        "architecture": type(model).__name__,
        "config": asdict(model.config),
        "n_params": n_weights(model),
        "layers": dict(told),
        "notes": [*notes, *_notes(told)],
    }
    write_card(path, {**card, **changed}, [*known, *checks])


def _notes(told: Mapping[str, Any]) -> list[str]:
    return [
        N_(
            "A second decoder draws layers, sharp at any size; it learnt for {minutes:.0f} minutes on the same latent "
            "space, held fixed, from maps of the parts of {n:,} faces."
        ).format(minutes=told["minutes"], n=told["n_faces"]),
        N_("What is read, repaired or sorted out is compared with the pictures of the first decoder, 64 x 64 pixels."),
    ]
