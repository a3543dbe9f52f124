"""Finds directions through the space of w: by their variance, and by what the judge of faces sees change.

Principal components: GANSpace, Härkönen et al. 2020 (arXiv 2004.02546). Shape letters: N samples, D numbers of w,
K labels, L rows of w.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from torch import Tensor

from studio.api.recipe import Measuring
from studio.api.training import AVATAR_LABELS
from studio.core.translation import N_

from ..state import ALL_ROWS, Array, PeopleDirection

N_COMPONENTS: Final = 24
N_SHOWN: Final = 8
Draw = Callable[[Array], Tensor]
"""Places (B, L, D) to pictures (B, 3, H, W), about -1 to 1."""


@dataclass(frozen=True)
class Contrast:
    """Two kinds of faces whose middle places a direction joins; classes of one label."""

    id: str
    name: str
    group: str
    label: str
    more: tuple[str, ...]
    less: tuple[str, ...]


CONTRASTS: Final = (
    Contrast("hair_length", N_("Hair length"), "figure", "rear_hair", ("longStraight", "longWavy"), ("none",)),
    Contrast("bun", N_("Bun"), "figure", "hair", ("bun",), ("sideComed", "undercut")),
    Contrast("spiky", N_("Spiky hair"), "figure", "hair", ("spiky",), ("sideComed", "bun")),
    Contrast("collar", N_("High collar"), "figure", "clothes", ("turtleNeck",), ("dress",)),
    Contrast("beard", N_("Beard"), "features", "beard", ("fullBeard", "longBeard"), ("none",)),
    Contrast("moustache", N_("Moustache"), "features", "beard", ("moustacheTwirl",), ("none",)),
    Contrast("smile", N_("Smile"), "features", "mouth", ("smile", "laugh"), ("sad", "angry")),
    Contrast("open_mouth", N_("Open mouth"), "features", "mouth", ("agape", "laugh"), ("smile", "sad")),
    Contrast("wide_eyes", N_("Wide eyes"), "features", "eyes", ("wide",), ("humble", "happy")),
    Contrast("wink", N_("Wink"), "features", "eyes", ("wink",), ("wide",)),
    Contrast("angry_brows", N_("Angry brows"), "features", "brows", ("angry",), ("happy", "raised")),
    Contrast("skin", N_("Skin tone"), "colours", "skin_colour", ("#f1c3a5",), ("#5c3829", "#a36b4f")),
    Contrast("hair_tone", N_("Hair colour"), "colours", "hair_colour", ("#d6b370", "#b58143"), ("#2c1b18", "#724133")),
    Contrast("light_shirt", N_("Light shirt"), "colours", "clothes_colour", ("#e8e9e6",), ("#151613", "#545454")),
    Contrast("shirt", N_("Shirt colour"), "colours", "clothes_colour", ("#eab308", "#f97316"), ("#0b3286", "#731ac3")),
)


def principal_components(ws: Array, n: int = N_COMPONENTS) -> tuple[Array, Array]:
    """Directions of the most variance of places (N, D): orthonormal (n, D), and deviations (n,), falling."""
    centred = ws.astype(np.float64) - ws.mean(0, dtype=np.float64)
    variances, axes = np.linalg.eigh(centred.T @ centred / len(ws))  # rising
    order = np.argsort(variances)[::-1][:n]
    vectors, deviations = axes[:, order].T, np.sqrt(np.maximum(variances[order], 0))
    signs = np.sign(vectors[np.arange(len(vectors)), np.abs(vectors).argmax(1)])
    return (vectors * signs[:, None]).astype(np.float32), deviations.astype(np.float32)


def component_directions(ws: Array) -> list[PeopleDirection]:
    """The principal components of places (N, D); 1 on the slider is one standard deviation."""
    vectors, deviations = principal_components(ws, min(N_COMPONENTS, ws.shape[1]))
    return [
        PeopleDirection(f"component_{k + 1}", N_("Component {n}").format(n=k + 1), vector * deviation, ALL_ROWS, 0.0)
        for k, (vector, deviation) in enumerate(zip(vectors, deviations, strict=True))
    ]


def contrast_directions(ws: Array, labels: npt.NDArray[np.integer[Any]], sureness: Array) -> list[PeopleDirection]:
    """What joins the middles of two kinds of faces at places (N, D), as the judge reads them: (N, K) each.

    1 on the slider leads from the middle between both to that of the kind that has more.
    """
    names, found = list(AVATAR_LABELS), []
    for contrast in CONTRASTS:
        column, kinds = names.index(contrast.label), AVATAR_LABELS[contrast.label]
        is_sure = sureness[:, column] >= 0.5
        more, less = (
            is_sure & np.isin(labels[:, column], [kinds.index(kind) for kind in side])
            for side in (contrast.more, contrast.less)
        )
        if min(more.sum(), less.sum()) >= 8:
            vector = (ws[more].mean(0) - ws[less].mean(0)) / 2
            found.append(PeopleDirection(contrast.id, contrast.name, vector.astype(np.float32), contrast.group, 0.0))
    return found


def measured(
    directions: Sequence[PeopleDirection], draw: Draw, places: Array, rows_of: Callable[[str], Sequence[int]]
) -> Measuring[list[PeopleDirection]]:
    """The same with their visible effects: how much a step from -1/2 to +1/2 changes pictures at places (N, L, D)."""
    found = []
    for direction in directions:
        steps = np.zeros_like(places)
        steps[:, list(rows_of(direction.group))] = direction.vector / 2
        change = (draw(places + steps) - draw(places - steps)).abs().mean() / 2  # colours from -1 to 1
        found.append(replace(direction, effect=float(change)))
        yield
    return found
