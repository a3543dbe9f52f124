"""Makes the sliders of the letterforms: finds the directions, measures their effects, and names them."""

from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

from .attribute import MEASURED_LETTERS, TITLES, measure
from .card import Axis
from .character import letter_indices
from .direction import attribute_slopes, named_directions, readings_of, remaining_directions
from .effect import EFFECT_THRESHOLD, ranking, visible_effects
from .evaluation import Measuring, ink_of
from .model import LetterformsVAE
from .recipe import shape_axes, trained_ranges

SHOWN_LETTERS: Final = "HOnoagR5"
N_RANDOM_PLACES: Final = 240
PLACE_DEVIATION: Final = 0.9
N_EFFECT_PLACES: Final = 12
LEAKS: Final = (0.02, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6)
STEADY: Final = 0.1


@dataclass(frozen=True, eq=False)
class Sliders:
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


def find_sliders(model: LetterformsVAE, styles: Tensor, seed: int) -> Measuring[Sliders]:
    """The sliders of a model whose training typefaces have the styles (N, Z)."""
    attributes = yield from drawn_attributes(model, styles[::4])
    mean, deviation = attributes.mean(0), attributes.std(0)
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
    return Sliders(directions, readings, axes, table)


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
