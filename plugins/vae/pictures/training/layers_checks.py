"""The held-out figures of a decoder of layers, and the card that has them."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor

from studio.api.recipe import Measuring, n_weights
from studio.api.training import (
    AVATAR_LABELS,
    PART_NAMES,
    AvatarLayers,
    Judge,
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
from studio.nn.layered.layered_vae import LayeredVAE

from ...shared.training.recipe import random_places
from .data import encoded, in_unit, right_shares
from .layers_evaluation import SHARP_PX, Array, reduced, rises, sharp_pictures, small_pictures

FLOORS: Final = {"hair": 1.0, "beard": 1.0, "mouth": 0.985, "clothes": 1.0}
WIDEST_PX, WIDE_PX = 3.0, 1.6
N_SAMPLES: Final = 2000
N_OUTLINES: Final = 200
SMALL_PX, HALF_PX = 64, 128
FIRST_DECODER: Final = N_(
    "What is read, repaired or sorted out is compared with the pictures of the first decoder, 64 x 64 pixels."
)
OWN: Final = ("Redrawn from layers", "Random places from layers", "True pictures made", "Outlines ")


def layer_checks(model: LayeredVAE, seed: int) -> Measuring[list[Check]]:
    """All figures, with what they had to reach where they had to."""
    faces, judge = load_avatar_layers(Split.TEST), load_judge("avatars")
    means, _ = yield from encoded(model, torch.from_numpy(faces.pictures))
    drawn = yield from _drawn(model, means, faces)
    labels = torch.from_numpy(faces.labels)
    shares = right_shares(judge, drawn.small, labels)
    checks = [
        Check(N_("Redrawn from layers, {label} read right, share").format(label=name), share)
        for name, share in zip(AVATAR_LABELS, shares, strict=True)
    ]
    yield
    places = random_places(N_SAMPLES, model.config.n_latent, seed + 1, torch.device("cpu"))
    samples = yield from small_pictures(model, places, SMALL_PX)
    real = in_unit(torch.from_numpy(load_avatars(Split.TEST).pictures[:N_SAMPLES]))
    seen, apart = (picture_likeness(one, real, samples) for one in (judge, random_judge(judge.config)))
    return [
        *checks,
        *([] if drawn.true_small is None else _read_checks(judge, drawn.small, drawn.true_small, labels)),
        *_outline_checks(drawn),
        Check(N_("Random places from layers, KID x 1,000"), seen.kernel_distance, None, False),
        Check(N_("Random places from layers, KID x 1,000 by random features"), apart.kernel_distance, None, False),
    ]


@dataclass
class _Drawn:
    """Redrawn faces made small, (N, 3, 64, 64), and how the large ones compare with the true ones, where one knows.

    Attributes:
        true_small: the true large pictures made small in the same way.
        widths, true_widths: of the outlines of large pictures, in pixels.
        likeness_db: of pictures of 128 pixels.
    """

    small: Tensor
    true_small: Tensor | None
    widths: Array
    true_widths: Array
    likeness_db: list[float]


def _drawn(model: LayeredVAE, means: Tensor, faces: AvatarLayers) -> Measuring[_Drawn]:
    """Draw faces at places (N, Z); the true ones beside them where the packages that draw them are at hand."""
    try:
        draw = artist(size_px=SHARP_PX)
    except UserError:
        none = np.zeros(0, np.float32)
        return _Drawn((yield from small_pictures(model, means, SMALL_PX)), None, none, none, [])
    small, true_small, widths, true_widths, likeness_db = [], [], [], [], []
    for index, picture in enumerate(sharp_pictures(model, means)):
        truth = draw(str(faces.seeds[index]))[0].astype(np.float32) / np.float32(255)
        small.append(reduced(picture, SMALL_PX))
        true_small.append(reduced(truth, SMALL_PX))
        if index < N_OUTLINES:
            inside = faces.parts(index) != PART_NAMES.index("background")
            widths.append(rises(picture, inside, index))
            true_widths.append(rises(truth, inside, index))
            likeness_db.append(psnr_db(reduced(picture, HALF_PX), reduced(truth, HALF_PX)))
        yield
    pictures, true_pictures = (torch.from_numpy(np.stack(one)).movedim(3, 1) for one in (small, true_small))
    return _Drawn(pictures, true_pictures, np.concatenate(widths), np.concatenate(true_widths), likeness_db)


def _read_checks(judge: Judge, small: Tensor, true_small: Tensor, labels: Tensor) -> list[Check]:
    """What is read in redrawn faces as rightly as in the true ones: the judge knows those that were drawn small."""
    read, true_read = judge.read(small), judge.read(true_small)  # (N, L) each
    columns = {name: list(AVATAR_LABELS).index(name) for name in FLOORS}
    shares = {name: (true_read == labels)[:, column].float().mean() for name, column in columns.items()}
    as_well = ((read == labels) | (read == true_read)).float().mean(0)
    return [
        *(
            Check(N_("True pictures made as small, {label} read right, share").format(label=name), float(share))
            for name, share in shares.items()
        ),
        *(
            Check(
                N_("Redrawn from layers, {label} read right or as in the true picture, share").format(label=name),
                float(as_well[column]),
                FLOORS[name],
            )
            for name, column in columns.items()
        ),
    ]


def _outline_checks(drawn: _Drawn) -> list[Check]:
    """How sharp and how right large pictures are; none where the true ones are not known."""
    if drawn.true_small is None:
        return []
    median, widest = np.percentile(drawn.widths, (50, 90)).tolist()
    true_median, true_widest = np.percentile(drawn.true_widths, (50, 90)).tolist()
    return [
        Check(N_("Outlines at 512 pixels, width in pixels, median"), median, WIDE_PX, False),
        Check(N_("Outlines at 512 pixels, width in pixels, 90th percentile"), widest, WIDEST_PX, False),
        Check(N_("Outlines of the test pictures themselves, median"), true_median, None, False),
        Check(N_("Outlines of the test pictures themselves, 90th percentile"), true_widest, None, False),
        Check(N_("Redrawn from layers at 128 pixels, PSNR, dB"), float(np.mean(drawn.likeness_db))),
    ]


def write_layered_card(
    path: Path, card: Mapping[str, Any], model: LayeredVAE, told: Mapping[str, Any], checks: list[Check]
) -> None:
    """Write the card that the model had before, with what is said of its decoder of layers."""
    known = [Check(**one) for one in card["checks"] if not one["name"].startswith(OWN)]
    notes = card["notes"][: -len(_notes(told))] if "layers" in card else card["notes"]
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
        FIRST_DECODER,
        N_(
            "The judge learnt from faces drawn at 64 pixels; of true ones made as small from 512 it misreads a few too."
        ),
    ]
