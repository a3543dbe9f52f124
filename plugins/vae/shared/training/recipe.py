"""What the recipes of this family share: previews, the common part of their cards, maps, directions without a name."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from studio.api.recipe import ModelRecipe
from studio.api.training import Training
from studio.core.view import Image, View
from studio.nn.layered.pictures_vae import PicturesVAE

from ..atlas import SHAPE
from ..card import Axis
from ..ink import coloured, paper
from ..model.vae import DigitsVAE, LetterformsVAE, device_of, letter_indices
from ..model.weights import Saved
from .directions import EFFECT_THRESHOLD, readings_of

SIDE: Final = 8
MAP_EXTENT: Final = 2.2
LETTERS: Final = "AaRgeS25"
N_STYLES: Final = 4


def mosaic(pictures: Tensor, n_columns: int) -> Image:
    """Pictures side by side: ink (N, H, W) or colours (N, 3, H, W), in [0, 1]; N is a multiple of n_columns."""
    values = pictures.float().cpu()
    pixels = coloured(values.movedim(1, 3).numpy()) if values.dim() == 4 else paper(values.numpy())
    return Image(in_rows(pixels, n_columns))


def in_rows(pixels: npt.NDArray[np.uint8], n_columns: int) -> npt.NDArray[np.uint8]:
    """Squares (N, H, W, ...) as one picture of n_columns squares in a row."""
    n, height, width, *rest = pixels.shape
    rows = pixels.reshape(n // n_columns, n_columns, height, width, *rest).swapaxes(1, 2)
    return np.ascontiguousarray(rows.reshape(n // n_columns * height, n_columns * width, *rest))


def random_places(n: int, n_latent: int, seed: int, device: torch.device) -> Tensor:
    """The same places (N, Z) ~ N(0, I) on every device."""
    return torch.randn(n, n_latent, generator=torch.Generator().manual_seed(seed)).to(device)


def digits_preview(model: DigitsVAE, seed: int) -> Mapping[str, View]:
    """The map of a plane, or digits at random places of a larger space."""
    device = device_of(model)
    if model.config.n_latent == 2:
        line = torch.linspace(-MAP_EXTENT, MAP_EXTENT, SIDE)
        places = torch.cartesian_prod(line.flip(0), line).flip(1).to(device)  # (N, 2), top row first
    else:
        places = random_places(SIDE**2, model.config.n_latent, seed, device)
    return {"picture": mosaic(model.decode(places), SIDE)}


def letters_preview(model: LetterformsVAE, seed: int) -> Mapping[str, View]:
    """Some letters in random styles, a row for each."""
    device = device_of(model)
    styles = random_places(N_STYLES, model.config.n_latent, seed, device)
    letters = torch.tensor(letter_indices(LETTERS), device=device)
    fields = model.decode(styles.repeat_interleave(len(letters), 0), letters.repeat(N_STYLES))
    return {"picture": mosaic((fields + 0.5).clamp(0, 1), len(letters))}


def pictures_preview(model: PicturesVAE, seed: int, pictures: Tensor) -> Mapping[str, View]:
    """Held-out pictures (N, 3, H, W), below them what is redrawn of each, below that two rows at random places."""
    n = len(pictures)
    places = random_places(2 * n, model.config.n_latent, seed, pictures.device)
    redrawn = model.decode(torch.cat([model.encode(pictures)[0], places]))
    return {"picture": mosaic(torch.cat([pictures, redrawn]), n)}


def vae_card(recipe: ModelRecipe, model: Saved, training: Training, *facts: Any, **told: Any) -> dict[str, Any]:
    """`ModelRecipe.common_card`, and from which effect on a slider is seen to do something."""
    return {**recipe.common_card(model, [training], *facts, **told), "effect_threshold": EFFECT_THRESHOLD}


def map_plane(places: Tensor) -> tuple[Tensor, Tensor]:
    """The map of known places (N, Z): its middle (Z,) and its axes (2, Z), the space itself where Z is 2.

    Otherwise the two principal components, each with its largest number positive, so that no run mirrors the map.
    """
    if places.shape[1] == 2:
        return torch.zeros(2), torch.eye(2)
    mean = places.mean(0)
    basis = torch.linalg.svd((places - mean).double(), full_matrices=False).Vh[:2].float()
    largest = basis.abs().argmax(1, keepdim=True)
    return mean, basis * basis.gather(1, largest).sign()


def map_arrays(places: Tensor, directions: Tensor, labels: Tensor) -> dict[str, Tensor]:
    """What a panel reads of sliders (A, Z) and known places (N, Z) with their classes (N,); see `shared.card`."""
    mean, basis = map_plane(places)
    return {
        "directions": directions,
        "readings": readings_of(directions),
        "places": places.half(),
        "labels": labels,
        "map_mean": mean,
        "map_basis": basis,
    }


def map_extent(places: Tensor, arrays: Mapping[str, Tensor]) -> float:
    """How far from the middle of the map known places (N, Z) lie, but for a few."""
    return float(((places - arrays["map_mean"]) @ arrays["map_basis"].T).abs().quantile(0.995))


def trained_ranges(values: Tensor, share: float = 0.01) -> list[tuple[float, float]]:
    """Where each column of (N, A) lies, but for a share of it beyond either end."""
    low, high = torch.quantile(values, torch.tensor([share, 1 - share]), dim=0)  # (A,) each
    return [(float(first), float(last)) for first, last in zip(low, high, strict=True)]


def shape_axes(effects: Tensor, values: Tensor, first: int = 1, share: float = 0.01) -> list[Axis]:
    """Sliders without a name of their own, for effects (A,) and the examples' values along them (N, A)."""
    return [
        Axis(
            f"shape_{first + index}",
            SHAPE.format(n=first + index),
            "shape",
            float(effects[index]),
            ends,
            bool(effects[index] >= EFFECT_THRESHOLD),
        )
        for index, ends in enumerate(trained_ranges(values, share))
    ]
