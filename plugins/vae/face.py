"""Says how much beard, smile or hair a drawn face has, by what the judge of faces makes of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

from studio.api.training import AVATAR_LABELS, Judge
from studio.core.text import N_


@dataclass(frozen=True)
class Scale:
    """A measure of faces: what it is called, the label that it is read from, and how much each kind has, 0 to 1."""

    title: str
    label: str
    amounts: Mapping[str, float]


def _light(colour: str) -> float:
    """How light a colour “#rrggbb” is to the eye, 0 to 1 (Rec. 709 weights)."""
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255


def _lightness(label: str) -> dict[str, float]:
    return {colour: _light(colour) for colour in AVATAR_LABELS[label]}


SCALES: Final = {
    "hair": Scale(N_("Hair"), "hair", {"undercut": 0, "sideComed": 0.2, "spiky": 0.6, "bun": 1}),
    "long_hair": Scale(
        N_("Long hair"),
        "rear_hair",
        {"none": 0, "neckHigh": 0.5, "shoulderHigh": 0.7, "longWavy": 1, "longStraight": 1},
    ),
    "beard": Scale(
        N_("Beard"),
        "beard",
        {"none": 0, "chin": 0.3, "moustacheTwirl": 0.4, "chinMoustache": 0.5, "fullBeard": 0.9, "longBeard": 1},
    ),
    "smile": Scale(N_("Smile"), "mouth", {"angry": 0, "sad": 0.2, "agape": 0.4, "smile": 0.8, "laugh": 1}),
    "eyes": Scale(N_("Open eyes"), "eyes", {"bow": 0, "humble": 0, "wink": 0.5, "happy": 0.9, "wide": 1}),
    "brows": Scale(N_("Raised brows"), "brows", {"angry": 0, "sad": 0.5, "neutral": 0.5, "happy": 0.5, "raised": 1}),
    "skin": Scale(N_("Light skin"), "skin_colour", _lightness("skin_colour")),
    "hair_colour": Scale(N_("Fair hair"), "hair_colour", _lightness("hair_colour")),
    "clothes": Scale(
        N_("Collar"), "clothes", {"dress": 0, "tShirt": 0.3, "openJacket": 0.5, "shirt": 0.7, "turtleNeck": 1}
    ),
    "clothes_colour": Scale(N_("Light clothes"), "clothes_colour", _lightness("clothes_colour")),
}


def _amounts() -> Tensor:
    """(classes of all labels, measures): how much of a measure each class stands for."""
    rows = [(label, kind) for label, kinds in AVATAR_LABELS.items() for kind in kinds]
    table = [
        [scale.amounts[kind] if label == scale.label else 0.0 for scale in SCALES.values()] for label, kind in rows
    ]
    return torch.tensor(table, dtype=torch.float32)


@torch.no_grad()
def measure_faces(judge: Judge, pictures: Tensor) -> Tensor:
    """The measures (N, A), in the order of SCALES, that the judge expects of pictures (N, 3, 64, 64) in [0, 1].

    Expected: by the probability that it gives each kind, so that no measure moves in jumps.
    """
    chances = torch.cat([part.softmax(1) for part in judge.split(judge(pictures))], 1)  # (N, classes)
    return chances @ _amounts()
