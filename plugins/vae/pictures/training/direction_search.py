"""Makes the directions of the faces: what the judge can read, named where a direction does what it says."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

from studio.api.recipe import Measuring
from studio.api.training import AVATAR_LABELS, Judge
from studio.core.translation import N_
from studio.nn.layered.pictures_vae import PicturesVAE

from ...shared.card import Axis
from ...shared.training.directions import (
    EFFECT_THRESHOLD,
    attribute_slopes,
    named_directions,
    ranking,
    readings_of,
    remaining_directions,
    visible_effects,
)
from ...shared.training.recipe import shape_axes, trained_ranges

N_RANDOM_PLACES: Final = 2000
N_TRIALS: Final = 48
N_EFFECT_PLACES: Final = 12
PLACE_DEVIATION: Final = 0.9
VALUES: Final = (-2.0, -1.0, 0.0, 1.0, 2.0)
LEAKS: Final = (0.05, 0.4)
SMALLEST_CHANGE: Final = 1.0
LARGEST_FALL: Final = 0.05
LARGEST_SHARE: Final = 0.35
# Of so many shapes, a random face would else lie beyond the range of one as a rule.
SHAPE_SHARE: Final = 0.001


@dataclass(frozen=True)
class FaceScale:
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
    "hair": FaceScale(N_("Hair"), "hair", {"undercut": 0, "sideComed": 0.2, "spiky": 0.6, "bun": 1}),
    "long_hair": FaceScale(
        N_("Long hair"),
        "rear_hair",
        {"none": 0, "neckHigh": 0.5, "shoulderHigh": 0.7, "longWavy": 1, "longStraight": 1},
    ),
    "beard": FaceScale(
        N_("Beard"),
        "beard",
        {"none": 0, "chin": 0.3, "moustacheTwirl": 0.4, "chinMoustache": 0.5, "fullBeard": 0.9, "longBeard": 1},
    ),
    "smile": FaceScale(N_("Smile"), "mouth", {"angry": 0, "sad": 0.2, "agape": 0.4, "smile": 0.8, "laugh": 1}),
    "eyes": FaceScale(N_("Open eyes"), "eyes", {"bow": 0, "humble": 0, "wink": 0.5, "happy": 0.9, "wide": 1}),
    "brows": FaceScale(
        N_("Raised brows"), "brows", {"angry": 0, "sad": 0.5, "neutral": 0.5, "happy": 0.5, "raised": 1}
    ),
    "skin": FaceScale(N_("Light skin"), "skin_colour", _lightness("skin_colour")),
    "hair_colour": FaceScale(N_("Fair hair"), "hair_colour", _lightness("hair_colour")),
    "clothes": FaceScale(
        N_("Collar"), "clothes", {"dress": 0, "tShirt": 0.3, "openJacket": 0.5, "shirt": 0.7, "turtleNeck": 1}
    ),
    "clothes_colour": FaceScale(N_("Light clothes"), "clothes_colour", _lightness("clothes_colour")),
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


@dataclass(frozen=True, eq=False)
class FaceDirections:
    """The sliders of a model of faces.

    Attributes:
        directions, readings: (Z, Z), see card.py.
        axes: named ones first, each group by falling effect.
        attributes: mean and standard deviation of each measure over faces at random places.
    """

    directions: Tensor
    readings: Tensor
    axes: list[Axis]
    attributes: dict[str, list[float]]


@dataclass(frozen=True, eq=False)
class DirectionTrial:
    """What directions (A, Z) did at random places: `moved` (A, 5, A), measures in deviations at each of VALUES."""

    directions: Tensor
    moved: Tensor

    @property
    def own(self) -> Tensor:
        """What each did to its own measure, (A, 5)."""
        return self.moved.diagonal(dim1=0, dim2=2).T

    @property
    def shares(self) -> Tensor:
        """The largest change of another measure as a share of that of its own, (A,)."""
        change = (self.moved[:, -1] - self.moved[:, 0]).abs()  # (A, A)
        own = change.diagonal()
        return (change - change.diagonal().diag()).amax(1) / own.clamp_min(1e-6)

    @property
    def is_good(self) -> Tensor:
        """Whether a direction moves its own measure upwards and far, and no other more than a third as much, (A,)."""
        is_rising = self.own.diff(dim=1).amin(1) >= -LARGEST_FALL
        is_far = self.own[:, -1] - self.own[:, 0] >= SMALLEST_CHANGE
        return is_rising & is_far & (self.shares <= LARGEST_SHARE)


def find_face_directions(model: PicturesVAE, judge: Judge, places: Tensor, seed: int) -> Measuring[FaceDirections]:
    """The sliders of a model whose training pictures lie at `places` (N, Z), drawn from their posteriors."""
    random = torch.Generator().manual_seed(seed)
    tried = PLACE_DEVIATION * torch.randn(N_RANDOM_PLACES, places.shape[1], generator=random)
    drawn = yield from drawn_measures(model, judge, tried)
    mean, deviation = drawn.mean(0), drawn.std(0).clamp_min(1e-3)
    slopes = attribute_slopes(tried, (drawn - mean) / deviation)
    found, is_named = yield from best_directions(model, judge, slopes, deviation, tried[:N_TRIALS])
    named, examples = found[is_named], tried[:N_EFFECT_PLACES]
    shapes = yield from remaining_directions(slopes[is_named], model.decode, examples)
    effects = yield from visible_effects(model.decode, torch.cat([named, shapes]), examples)
    n_named = len(named)
    order = torch.cat([ranking(effects[:n_named]), n_named + ranking(effects[n_named:])])
    directions = torch.cat([named, shapes])[order]
    readings = readings_of(directions)
    values = places @ readings.T  # (N, Z)
    names = [name for name, is_kept in zip(SCALES, is_named.tolist(), strict=True) if is_kept]
    titles = [names[index] for index in order[:n_named].tolist()]
    axes = _named_axes(titles, effects[order[:n_named]], values[:, :n_named])
    axes += shape_axes(effects[order[n_named:]], values[:, n_named:], n_named + 1, SHAPE_SHARE)
    table = {name: [float(mean[index]), float(deviation[index])] for index, name in enumerate(SCALES)}
    return FaceDirections(directions, readings, axes, table)


def best_directions(
    model: PicturesVAE, judge: Judge, slopes: Tensor, deviation: Tensor, places: Tensor
) -> Measuring[tuple[Tensor, Tensor]]:
    """Of each measure the purest good direction, (A, Z), and whether there is one, (A,)."""
    chosen, is_named = torch.zeros_like(slopes), torch.zeros(len(slopes), dtype=torch.bool)
    lowest = torch.full((len(slopes),), torch.inf)
    for leak in LEAKS:
        trial = yield from tried_directions(model, judge, named_directions(slopes, leak), deviation, places)
        is_better = trial.is_good & (trial.shares < lowest)
        chosen[is_better], lowest[is_better] = trial.directions[is_better], trial.shares[is_better]
        is_named |= trial.is_good
    return chosen, is_named


def tried_directions(
    model: PicturesVAE, judge: Judge, directions: Tensor, deviation: Tensor, places: Tensor
) -> Measuring[DirectionTrial]:
    """Move places (P, Z) along directions (A, Z) to each of VALUES, and measure what is drawn on average."""
    rows = []
    for direction in directions:
        moved = torch.stack([places + value * direction for value in VALUES])  # (5, P, Z)
        measured = yield from drawn_measures(model, judge, moved.flatten(0, 1))
        rows.append(measured.unflatten(0, (len(VALUES), len(places))).mean(1) / deviation)  # (5, A)
    return DirectionTrial(directions, torch.stack(rows))


@torch.no_grad()
def drawn_measures(model: PicturesVAE, judge: Judge, places: Tensor) -> Measuring[Tensor]:
    """The measures (N, A), in the order of SCALES, of the faces that the model draws at places (N, Z)."""
    parts = []
    for part in torch.split(places, 16):
        parts.append(measure_faces(judge, model.decode(part)))
        yield
    return torch.cat(parts)


def _named_axes(names: list[str], effects: Tensor, values: Tensor) -> list[Axis]:
    ends = trained_ranges(values)
    return [
        Axis(name, SCALES[name].title, "named", float(effect), end, bool(effect >= EFFECT_THRESHOLD))
        for name, effect, end in zip(names, effects, ends, strict=True)
    ]
