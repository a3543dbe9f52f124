"""Reads a person's picture: which letter it is, which place draws it best, and how far off the drawing is.

Shapes: N candidates, D latent numbers, H W pixels.
"""

from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace
from operator import itemgetter
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt
import torch

from studio.core.character import CHARACTERS
from studio.core.frame import Frame
from studio.core.view import Field, Image, View

from .ink import FIELD_LIMIT_PX, Box, coloured, fit_digit, fit_letter, fit_picture, ink_box, paper, read_ink

if TYPE_CHECKING:
    from .engine import VaeEngine

Array: TypeAlias = npt.NDArray[np.float32]
N_REFINE = 40
LEARNING_RATE = 0.08
PRIOR_WEIGHT = 2e-4


@dataclass(frozen=True, eq=False)
class Reading:
    """What was read: the place (D,), the letter ("" without letters), the mean error per pixel in 0..1."""

    z: Array
    letter: str
    error: float


def read_picture(engine: "VaeEngine", rgb: npt.NDArray[np.uint8]) -> Generator[Frame, None, Reading]:
    """Encode a picture (H, W, 3), refine the place by gradient descent; yields the drawing meanwhile.

    Which letter it shows is found out by trying all. Returns (as the generator's value) a Reading.
    """
    if engine.has_letters:
        start, target, letter = yield from _read_letter(engine, read_ink(rgb))
    else:
        target, letter = fit_picture(rgb, engine.size_px) if engine.is_coloured else fit_digit(read_ink(rgb)), ""
        start = engine.encode(target[None])[0]
    original, z, error = _original(engine, target), start, 1.0
    for step, (z, error) in enumerate(refine(engine, start, target, letter)):
        frame = engine.frame(z, letter, step, N_REFINE, error=error)
        yield replace(frame, views={**frame.views, "original": original})
    return Reading(z, letter, error)


def _original(engine: "VaeEngine", target: Array) -> View:
    if engine.has_letters:
        return Field(target[None], "distance", -FIELD_LIMIT_PX, FIELD_LIMIT_PX)
    return Image(coloured(target) if engine.is_coloured else paper(target))


def _read_letter(engine: "VaeEngine", ink: Array) -> Generator[Frame, None, tuple[Array, Array, str]]:
    """Try each letter; returns (place, field, letter) of the one that the model redraws best."""
    groups = _same_height(engine, CHARACTERS)
    found: list[tuple[float, Array, Array, str]] = []
    for step, (box, letters) in enumerate(groups.items()):
        field = fit_letter(ink, box)
        places = engine.encode(np.repeat(field[None], len(letters), axis=0), letters)  # (N, D)
        drawings, wanted = engine.ink(engine.decode(places, letters)), engine.ink(field)  # (N, 64, 64), (64, 64)
        overlaps = np.minimum(drawings, wanted).sum((1, 2)) / np.maximum(drawings, wanted).sum((1, 2))  # (N,)
        nearest = int(overlaps.argmax())
        found.append((float(overlaps[nearest]), places[nearest], field, letters[nearest]))
        _, z, field, best = max(found, key=itemgetter(0))
        error = float(np.abs(engine.ink(engine.letters(z, best)[0]) - engine.ink(field)).mean())
        yield engine.frame(z, best, step, len(groups), error=error)
    _, z, field, best = max(found, key=itemgetter(0))
    return _among_known(engine, z), field, best


def _among_known(engine: "VaeEngine", z: Array) -> Array:
    """Bring a place as near to the average as known ones usually are: what one letter alone says lies far beyond."""
    usual = float(np.median(np.linalg.norm(engine.atlas.places, axis=1)))
    return np.asarray(z * min(1.0, usual / max(float(np.linalg.norm(z)), 1e-6)), np.float32)


def _same_height(engine: "VaeEngine", letters: str) -> dict[Box, str]:
    """Group letters by the box, in whole cells, that each has in the average style."""
    average = engine.letters(np.zeros(engine.n_latent, np.float32), letters)  # (N, 64, 64)
    groups: dict[Box, str] = {}
    for letter, field in zip(letters, average, strict=True):
        _, top, _, bottom = field_box(field)
        box = (0.0, top, float(field.shape[1]), bottom)  # a picture is laid by its height, in the middle
        groups[box] = groups.get(box, "") + letter
    return groups


def field_box(field: Array) -> Box:
    """Return the box around the inside of a distance field (64, 64)."""
    return ink_box((field > 0).astype(np.float32))


def refine(engine: "VaeEngine", z: Array, target: Array, letter: str) -> Iterator[tuple[Array, float]]:
    """Move `z` (D,) until its drawing is near `target`, (H, W) or (H, W, 3); yields the best place and its mean error.

    Minimises the mean squared difference of the drawn ink or colours plus a small weight on |z|², with Adam.
    """
    place = torch.tensor(z[None], device=engine.device.torch_device, requires_grad=True)  # (1, D)
    wanted = torch.from_numpy(engine.ink(target)).to(place.device)  # (H, W) or (H, W, 3)
    optimizer = torch.optim.Adam([place], lr=LEARNING_RATE)
    best, best_error = z, np.inf
    for _ in range(N_REFINE):
        difference = engine.soft_ink(place, letter) - wanted  # as `wanted`
        error = float(difference.detach().abs().mean())
        if error < best_error:
            best, best_error = place.detach()[0].cpu().numpy().copy(), error
        loss = difference.square().mean() + PRIOR_WEIGHT * place.square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        yield best, best_error
