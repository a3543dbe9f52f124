"""Measures what a type designer would say of a typeface: its weight, width, slant, serifs, contrast and roundness.

Every measure is continuous in the outline, so that no slider moves it in jumps. F typefaces, H W pixels.
"""

from collections.abc import Callable, Mapping
from typing import Final

import torch
from torch import Tensor

from studio.core.text import N_

from .character import letter_indices

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
