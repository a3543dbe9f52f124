"""A person's picture or sound in a run: known parts are put back between steps, and in the end pixel for pixel.

A mask says what is made anew: 1 (or 255 in bytes) is, 0 stays, between them lies the feather.
"""

from typing import Any, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor

from studio.core.error import UserError
from studio.core.text import N_

from .denoiser import DiffusionModel, FloatArray, Keep
from .parametrisation import noised
from .timestep import Grid

AnyArray: TypeAlias = npt.NDArray[Any]
T = TypeVar("T", np.uint8, np.float32)
BYTE = 255


def as_floats(values: AnyArray) -> FloatArray:
    """Return bytes as 0..1, and floats as they are."""
    return values.astype(np.float32) / np.float32(BYTE) if values.dtype == np.uint8 else values.astype(np.float32)


def clean_of(model: DiffusionModel, given: AnyArray) -> Tensor:
    """Return x0 (1, ...) of a picture (H, W, 3) or a sound (T,); raises UserError where its size is another one."""
    height, width = model.size
    expected = (height, width, 3) if model.kind == "pictures" else (width,)
    if given.shape != expected:
        raise UserError(N_("This picture or sound does not have the size that the model works on."))
    return model.encode(as_floats(given))


def checked_mask(model: DiffusionModel, mask: AnyArray) -> AnyArray:
    """Return a mask that has the model's size; raises UserError where it does not."""
    if mask.shape != (model.size if model.kind == "pictures" else model.size[1:]):
        raise UserError(N_("The mask does not have the size that the model works on."))
    return mask


def mask_of_x(mask: AnyArray, shape: tuple[int, ...]) -> Tensor:
    """Return how much of each cell of x (1, 1, h, w) or (1, 1, t) for sound is made anew, for a mask (H, W) or (T,).

    A cell is made anew as much as the most of what it covers, so that nothing old is left where the brush was.
    """
    pixels = torch.from_numpy(as_floats(mask))[None, None]
    if mask.ndim == 1:
        return F.adaptive_max_pool1d(pixels[0], shape[-1])[None]
    return F.adaptive_max_pool2d(pixels, shape[1:])


def keeping(known: Tensor, noise: Tensor, grid: Grid, mask: Tensor) -> Keep:
    """Return what puts `known` back after each step, as noisy as x is there.

    Args:
        known: clean (1, ...).
        noise: (1, ...), the same at every level, so that what is kept dissolves as `forward_frames` shows it.
        mask: as `mask_of_x` returns it.
    """

    def keep(x: Tensor, _time: float, k: int) -> Tensor:
        return torch.lerp(noised(known, noise, *grid.levels[k]), x, mask.to(x.device))

    return keep


def compose(known: npt.NDArray[T], shown: npt.NDArray[T], mask: AnyArray) -> npt.NDArray[T]:
    """Lay what was made over what is known: (H, W, 3) both, or sounds (T,); where the mask is 0 not a bit changes."""
    share = as_floats(mask)
    share = share.reshape(*share.shape, *[1] * (known.ndim - share.ndim))
    mixed = known + share * (shown.astype(np.float32) - known)
    mixed = np.rint(mixed) if known.dtype == np.uint8 else mixed
    return np.where(share == 0, known, mixed.astype(known.dtype))
