"""What a VAE's card and its arrays hold beyond the keys of `studio.core.card`, and how they are read without torch.

Keys of the card:
    architecture, config: "DigitsVAE", "LetterformsVAE" or "PicturesVAE", and the fields of its configuration.
    axes: one entry per slider, in the order of `directions`: {id, title, kind ("named" or "shape"), effect,
        trained_range [low, high], is_visible}. Named ones first, each group by falling effect. The effect is the mean
        absolute change of the drawn picture (0 to 1) per unit of the slider; it is visible from `effect_threshold`.
    checks: held-out figures with the floor that each had to reach, or null: {name, value, floor, is_higher_better}.
    data_set: {name, which ("full" or "small"), n_families, n_typefaces, n_items}.
    notes: sentences that a reader of the figures should know.
    attributes (letterforms): {name: [mean, standard deviation]} of the training typefaces; a named slider's unit is one
        standard deviation.
    typefaces (letterforms): [name, family] of each row of `styles`.
    kinds (pictures): the name of each class that `labels` counts.
    layers (LayeredVAE): when, how long and from how many faces the decoder of layers learnt, and its settings.
    known_within: a person's picture whose `misfit` (`VaeReading`) is larger is none of the kind that the model draws.
    map_extent: known places lie within this distance of the map's middle along each axis.

Arrays, `extra.NAME` in the safetensors file (A axes = Z latent numbers, N known places):
    directions (A, Z), readings (A, Z): z = values @ directions, values = readings @ z.
    styles (N, Z) float16, map (N, 2), map_basis (2, Z), map_mean (Z,) (letterforms):
        map = (z - map_mean) @ map_basis.T.
    places (N, Z) float16, labels (N,) uint8 (digits, pictures): held-out pictures encoded, and the class of each.
    map_basis (2, Z), map_mean (Z,) (digits, pictures; where they are left out, Z is 2 and the map the space): as above.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open

from studio.core.card import Check
from studio.core.card import write_card as write_core_card
from studio.core.error import UserError
from studio.core.translation import N_

_PREFIX = "extra."


def read_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """The arrays beside the weights, floats as float32; raises UserError where the file is damaged or they hold NaN."""
    try:
        with safe_open(path, "numpy") as file:
            names = [name for name in file.keys() if name.startswith(_PREFIX)]  # noqa: SIM118 - no dict
            arrays = {name.removeprefix(_PREFIX): file.get_tensor(name) for name in names}
    except (SafetensorError, OSError, ValueError, TypeError) as error:
        raise UserError(
            N_("The model’s file is damaged."), N_("Download it again, or train the model again.")
        ) from error
    result = {name: _plain(value) for name, value in arrays.items()}
    if not all(np.isfinite(value).all() for value in result.values()):
        raise UserError(
            N_("The model’s arrays are not all numbers."), N_("Download the file again, or train the model again.")
        )
    return result


def is_known(card: Mapping[str, Any], misfit: float) -> bool:
    """Whether a picture that is redrawn so badly may still be of the kind that a model draws."""
    return misfit <= float(card.get("known_within", np.inf))


def _plain(value: NDArray[Any]) -> NDArray[Any]:
    return value.astype(np.float32) if value.dtype.kind == "f" else value


@dataclass(frozen=True)
class Axis:
    """A slider: a direction with its measured effect and where the training examples lie along it."""

    id: str
    title: str
    kind: str
    effect: float
    trained_range: tuple[float, float]
    is_visible: bool


def write_card(path: Path, card: Mapping[str, Any], checks: Sequence[Check], axes: Sequence[Axis]) -> None:
    """Write a card with its sliders."""
    write_core_card(path, {**card, "axes": [asdict(axis) for axis in axes]}, checks)
