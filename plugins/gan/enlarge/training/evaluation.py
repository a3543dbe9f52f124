"""Measures the enlarging networks on whole held-out photos, beside what any program can do."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from studio.api.engine import psnr_db, ssim
from studio.api.recipe import Measuring
from studio.core.card import Check
from studio.core.translation import N_

from ..model.enlarger import EnlargePair, Enlarger, enlarged, put
from ..state import SCALE, Pixels, mixed, plainly_enlarged
from .data import EnlargeSample

FLOOR_DB: Final = 0.7
PLAIN: Final = ("bicubic", "lanczos")
NETWORKS: Final = ("faithful", "vivid")


@dataclass(frozen=True)
class PhotoFigures:
    """How near the enlargements of a photo are to it, by "bicubic", "lanczos", "faithful" and "vivid".

    Attributes:
        psnr: in decibels, over all three colours.
        ssim: structural similarity.
        sharpness: mean difference of neighbouring pixels, as a share of the photo's own.
    """

    psnr: dict[str, float]
    ssim: dict[str, float]
    sharpness: dict[str, float]


def whole(network: Enlarger, small: Pixels) -> Measuring[Pixels]:
    """A picture (H, W, 3) four times as large by a network."""
    large = np.zeros((SCALE * small.shape[0], SCALE * small.shape[1], 3), np.uint8)
    for tile, part in enlarged(network, small):
        put(large, tile, part)
        yield
    return large


def steepness(pixels: Pixels) -> float:
    """Mean absolute difference of neighbouring pixels, in levels."""
    values = pixels.astype(np.float32)
    return float(np.abs(np.diff(values, axis=0)).mean() + np.abs(np.diff(values, axis=1)).mean()) / 2


def photo_figures(networks: EnlargePair, pair: EnlargeSample) -> Measuring[PhotoFigures]:
    """The figures of one photo."""
    drawn = {name: plainly_enlarged(pair.small, name) for name in PLAIN}
    for name in NETWORKS:
        drawn[name] = yield from whole(getattr(networks, name), pair.small)
    own = steepness(pair.large)
    likeness = {}
    for name, picture in drawn.items():
        likeness[name] = ssim(pair.large, picture)
        yield
    return PhotoFigures(
        {name: psnr_db(pair.large, picture) for name, picture in drawn.items()},
        likeness,
        {name: steepness(picture) / own for name, picture in drawn.items()},
    )


def mean_db(networks: EnlargePair, pairs: Sequence[EnlargeSample]) -> Measuring[dict[str, float]]:
    """The mean likeness of each network's enlargements, in decibels."""
    found: dict[str, float] = {}
    for name in NETWORKS:
        decibels = []
        for pair in pairs:
            drawn = yield from whole(getattr(networks, name), pair.small)
            decibels.append(psnr_db(pair.large, drawn))
        found[name] = float(np.mean(decibels))
    return found


def mixing_figures(networks: EnlargePair, pairs: Sequence[EnlargeSample]) -> Measuring[dict[str, dict[str, float]]]:
    """Half faithful, half vivid, by mixing what both draw ("outputs") and by mixing their weights ("weights")."""
    between = networks.mixed(0.5)
    found: dict[str, list[tuple[float, float]]] = {"outputs": [], "weights": []}
    for pair in pairs:
        faithful = yield from whole(networks.faithful, pair.small)
        vivid = yield from whole(networks.vivid, pair.small)
        both = {"outputs": mixed(faithful, vivid, 0.5)}
        both["weights"] = yield from whole(between, pair.small)
        for name, picture in both.items():
            found[name].append((psnr_db(pair.large, picture), steepness(picture) / steepness(pair.large)))
    means = {name: np.mean(figures, axis=0).tolist() for name, figures in found.items()}
    return {name: {"psnr": psnr, "sharpness": sharpness} for name, (psnr, sharpness) in means.items()}


def mean_of(figures: Sequence[PhotoFigures], what: str, name: str) -> float:
    """The mean over photos of a figure ("psnr", "ssim" or "sharpness") of one way of enlarging."""
    return float(np.mean([getattr(one, what)[name] for one in figures]))


def checks_of(figures: Sequence[PhotoFigures]) -> list[Check]:
    """The figures of the card, with what they had to reach."""
    n = len(figures)
    gain = mean_of(figures, "psnr", "faithful") - mean_of(figures, "psnr", "bicubic")
    titles = {"faithful": N_("faithful"), "vivid": N_("vivid"), "bicubic": N_("bicubic"), "lanczos": N_("Lanczos")}
    checks = [Check(N_("Faithful network compared with bicubic on {n} whole photos, dB").format(n=n), gain, FLOOR_DB)]
    for what, title in (("psnr", N_("PSNR, {name}, dB")), ("ssim", N_("SSIM, {name}"))):
        checks += [Check(title.format(name=titles[name]), mean_of(figures, what, name)) for name in titles]
    for name in ("vivid", "faithful", "bicubic"):
        title = N_("Sharpness as a share of the photo’s own, {name}").format(name=titles[name])
        checks.append(Check(title, mean_of(figures, "sharpness", name)))
    return checks
