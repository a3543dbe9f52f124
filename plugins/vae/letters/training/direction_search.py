"""Makes the directions of the letterforms: what a type designer would say of a typeface, measured and named.

Every measure is continuous in the outline, so that no slider moves it in jumps. F typefaces, H W pixels.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

from studio.api.recipe import Measuring
from studio.core.translation import N_

from ...shared.card import Axis
from ...shared.model.vae import LetterformsVAE, letter_indices
from ...shared.training.directions import (
    EFFECT_THRESHOLD,
    attribute_slopes,
    named_directions,
    ranking,
    readings_of,
    remaining_directions,
    visible_effects,
)
from ...shared.training.evaluation import ink_of
from ...shared.training.recipe import shape_axes, trained_ranges

BASELINE_ROW: Final = 44
TITLES: Final = {
    "weight": N_("Weight"),
    "width": N_("Width"),
    "slant": N_("Slant"),
    "serif": N_("Serifs"),
    "contrast": N_("Contrast"),
    "roundness": N_("Roundness"),
}
# All letters that a measure looks at; the others need not be drawn to measure.
MEASURED_LETTERS: Final = "HIOhilmnou"

Glyphs = Callable[[str], Tensor]
SHOWN_LETTERS: Final = "HOnoagR5"
N_RANDOM_PLACES: Final = 240
PLACE_DEVIATION: Final = 0.9
N_EFFECT_PLACES: Final = 12
LEAKS: Final = (0.02, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6)
STEADY: Final = 0.1


def measure(fields: Mapping[str, Tensor]) -> Tensor:
    """The attributes of typefaces, (F, 6), in the order of TITLES.

    Args:
        fields: signed distance fields (F, 64, 64) in pixels, positive inside, of each of MEASURED_LETTERS.
    """
    columns = (_weight, _width, _slant, _serif, _contrast, _roundness)
    return torch.stack([column(fields) for column in columns], 1)


def measure_alphabets(alphabets: Tensor) -> Tensor:
    """The attributes (F, 6) of whole typefaces (F, 62, 64, 64)."""
    indices = letter_indices(MEASURED_LETTERS)
    return measure({letter: alphabets[:, index] for letter, index in zip(MEASURED_LETTERS, indices, strict=True)})


def _ink(field: Tensor) -> Tensor:
    return (field + 0.5).clamp(0, 1)


def _mean(fields: Mapping[str, Tensor], letters: str, measured: Callable[[Tensor], Tensor]) -> Tensor:
    return torch.stack([measured(fields[letter]) for letter in letters]).mean(0)


def _weight(fields: Mapping[str, Tensor]) -> Tensor:
    """Thickness of the strokes in pixels: four times the mean depth, which in a bar is half of half its width."""
    return _mean(fields, "HOhilmnou", lambda field: 4 * field.clamp_min(0).sum((1, 2)) / _ink(field).sum((1, 2)))


def _width(fields: Mapping[str, Tensor]) -> Tensor:
    """Mean width of the letters in pixels from the first ink to the last at the height of n, which no slant changes."""
    return _mean(fields, "HOnouh", lambda field: _row_reach(field[:, 30:40]).mean(1))


def _row_reach(field: Tensor) -> Tensor:
    """From the first to the last ink of each row in pixels, (F, rows), of (F, rows, W), the ink grown by a pixel.

    Grown, since a hairline between two pixels would cover neither.
    """
    ink = _ink(field + 1)
    from_left = ink.cummax(2).values
    from_right = ink.flip(2).cummax(2).values.flip(2)
    return torch.minimum(from_left, from_right).sum(2)


def _slant(fields: Mapping[str, Tensor]) -> Tensor:
    """Pixels to the right per pixel upwards, from the direction of the outlines that are near upright."""

    def lean(field: Tensor) -> Tensor:
        down, across = torch.gradient(field, dim=(1, 2))
        near = torch.exp(-field.abs()) * (across.square() > down.square())
        upright = (near * across.square()).sum((1, 2))
        return (near * across * down).sum((1, 2)) / upright.clamp_min(1e-6)

    return _mean(fields, "HIhilmnu", lean)


def _serif(fields: Mapping[str, Tensor]) -> Tensor:
    """How many pixels a foot is wider than its stem."""
    stems = {"H": 2, "h": 2, "n": 2, "m": 3}

    def spread(letter: str, n_stems: int) -> Tensor:
        ink = _ink(fields[letter])
        foot = ink[:, BASELINE_ROW - 2 : BASELINE_ROW].sum(2).mean(1)
        stem = ink[:, BASELINE_ROW - 9 : BASELINE_ROW - 6].sum(2).mean(1)
        return (foot - stem) / n_stems

    return torch.stack([spread(letter, n_stems) for letter, n_stems in stems.items()]).mean(0)


def _contrast(fields: Mapping[str, Tensor]) -> Tensor:
    """Logarithm of how much thicker the sides of O and o are than their top and bottom."""

    def ratio(field: Tensor) -> Tensor:
        depth = field.clamp_min(0)
        mass_row = depth.sum(2)  # (F, H)
        rows = torch.arange(64.0)
        middle = (mass_row * rows).sum(1) / mass_row.sum(1).clamp_min(1e-6)  # (F,)
        beside = torch.exp(-((rows - middle[:, None]) / 2.5).square())  # (F, H)
        sides = (depth.amax(2) * beside).sum(1) / beside.sum(1)  # (F,)
        above = depth[:, :, 28:36].amax(1).mean(1)  # (F,)
        return ((sides + 0.3) / (above + 0.3)).log()

    return _mean(fields, "Oo", ratio)


def _roundness(fields: Mapping[str, Tensor]) -> Tensor:
    """How far O and o are from filling their box: about 0.21 for an ellipse, 0 for a rectangle."""

    def emptiness(field: Tensor) -> Tensor:
        reach = _row_reach(field)  # (F, H)
        height = _ink(field + 1).amax(2).sum(1)  # (F,)
        widest = torch.logsumexp(2 * reach, 1) / 2 - 1.0  # (F,) a smooth greatest
        return 1 - reach.sum(1) / (height * widest).clamp_min(1e-6)

    return _mean(fields, "Oo", emptiness)


LEAST_DEVIATION: Final = 1e-6
"""An attribute that varies less stands still, as all do after a few steps of training."""


@dataclass(frozen=True, eq=False)
class LetterDirections:
    """The sliders of a model.

    Attributes:
        directions, readings: (Z, Z), see card.py.
        axes: named ones first, each group by falling effect.
        attributes: mean and standard deviation of each measure over the training typefaces as the model draws them.
    """

    directions: Tensor
    readings: Tensor
    axes: list[Axis]
    attributes: dict[str, list[float]]


def find_letter_directions(model: LetterformsVAE, styles: Tensor, seed: int) -> Measuring[LetterDirections]:
    """The sliders of a model whose training typefaces have the styles (N, Z)."""
    attributes = yield from drawn_attributes(model, styles[::4])
    mean, deviation = attributes.mean(0), attributes.std(0).clamp_min(LEAST_DEVIATION)
    random = torch.Generator().manual_seed(seed)
    places = PLACE_DEVIATION * torch.randn(N_RANDOM_PLACES, styles.shape[1], generator=random)
    drawn = yield from drawn_attributes(model, places)
    slopes = attribute_slopes(places, (drawn - mean) / deviation)
    examples = places[:N_EFFECT_PLACES]
    named = yield from steady_directions(model, slopes, deviation)
    shapes = yield from remaining_directions(slopes, lambda z: drawn_ink(model, z), examples)
    effects = yield from visible_effects(lambda z: drawn_ink(model, z), torch.cat([named, shapes]), examples)
    n_named = len(named)
    order = torch.cat([ranking(effects[:n_named]), n_named + ranking(effects[n_named:])])
    directions = torch.cat([named, shapes])[order]
    readings = readings_of(directions)
    values = styles @ readings.T  # (N, Z)
    names = [list(TITLES)[index] for index in order[:n_named]]
    axes = named_axes(names, effects[order[:n_named]], values[:, :n_named])
    axes += shape_axes(effects[order[n_named:]], values[:, n_named:], n_named + 1)
    table = {name: [float(mean[index]), float(deviation[index])] for index, name in enumerate(TITLES)}
    return LetterDirections(directions, readings, axes, table)


def steady_directions(model: LetterformsVAE, slopes: Tensor, deviation: Tensor) -> Measuring[Tensor]:
    """Of each attribute the purest direction that moves it steadily from -2 to 2 units, (A, Z).

    Steadily: by STEADY deviations in every unit; where none does, the one that comes nearest.
    """
    values = torch.tensor([-2.0, -1.0, 0.0, 1.0, 2.0])
    chosen, slowest = torch.zeros_like(slopes), torch.full((len(slopes),), -torch.inf)
    for leak in LEAKS:
        candidates = named_directions(slopes, leak)  # (A, Z)
        places = (values[None, :, None] * candidates[:, None]).flatten(0, 1)  # (5 A, Z)
        measured = yield from drawn_attributes(model, places)
        own = (measured / deviation).unflatten(0, (len(slopes), len(values))).diagonal(dim1=0, dim2=2)  # (5, A)
        slow = own.diff(dim=0).amin(0)  # (A,)
        is_better = (slowest < STEADY) & (slow > slowest)
        chosen[is_better], slowest[is_better] = candidates[is_better], slow[is_better]
        if (slowest >= STEADY).all():
            break
    return chosen


def named_axes(names: list[str], effects: Tensor, values: Tensor) -> list[Axis]:
    """The sliders of attributes, for effects (A,) and the typefaces' values along them (N, A)."""
    ends = trained_ranges(values)
    return [
        Axis(name, TITLES[name], "named", float(effect), end, bool(effect >= EFFECT_THRESHOLD))
        for name, effect, end in zip(names, effects, ends, strict=True)
    ]


def drawn_ink(model: LetterformsVAE, places: Tensor) -> Tensor:
    """The ink of SHOWN_LETTERS, (N, 8, 64, 64), in styles (N, Z)."""
    return ink_of(_drawn(model, places, SHOWN_LETTERS))


def drawn_attributes(model: LetterformsVAE, places: Tensor) -> Measuring[Tensor]:
    """The measures (N, 6), in the order of TITLES, of the letters that the model draws in styles (N, Z)."""
    parts = []
    for part in places.split(4):
        fields = _drawn(model, part, MEASURED_LETTERS)
        parts.append(measure({letter: fields[:, index] for index, letter in enumerate(MEASURED_LETTERS)}))
        yield
    return torch.cat(parts)


@torch.no_grad()
def _drawn(model: LetterformsVAE, places: Tensor, text: str) -> Tensor:
    letters = torch.tensor(letter_indices(text))
    fields = model.decode(places.repeat_interleave(len(letters), 0), letters.repeat(len(places)))
    return fields.unflatten(0, (len(places), len(letters)))  # (N, n letters, 64, 64)
