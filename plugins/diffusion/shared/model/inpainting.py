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
from studio.core.translation import N_

from .denoiser import DiffusionModel, FloatArray, Keep
from .noise_schedule import TimeGrid
from .prediction import noised

AnyArray: TypeAlias = npt.NDArray[Any]
T = TypeVar("T", np.uint8, np.float32)
BYTE = 255


def as_floats(values: AnyArray) -> FloatArray:
    """Return bytes as 0..1, and floats as they are."""
    return values.astype(np.float32) / np.float32(BYTE) if values.dtype == np.uint8 else values.astype(np.float32)


def clean_of(model: DiffusionModel, given: AnyArray) -> Tensor:
    """Return x0 (1, ...) of a picture (H, W, 3) or a sound (T,).

    A picture with the proportions of the model's is averaged down to its size: the first of two stages works on a
    smaller one. Raises UserError where it does not fit.
    """
    if model.kind == "sound":
        if given.shape != model.size[1:]:
            raise UserError(N_("This sound is not as long as the model needs."))
        return model.encode(as_floats(given))
    return model.encode(_own_size(model, given))


def known_pixels(model: DiffusionModel, given: AnyArray, mask: AnyArray) -> tuple[FloatArray, FloatArray]:
    """Return a picture (H, W, 3) and its mask (H, W) at the model's own size, as `clean_of` takes them."""
    small = mask_of_x(checked_mask(model, mask), (1, *model.size))[0, 0].numpy()
    return _own_size(model, given), small


def _own_size(model: DiffusionModel, given: AnyArray) -> FloatArray:
    if given.ndim != 3 or given.shape[2] != 3 or not _fits(given.shape[:2], model.size):
        raise UserError(N_("This picture is not the size the model needs."))
    return averaged(as_floats(given), *model.size)


def _fits(shape: tuple[int, ...], size: tuple[int, int]) -> bool:
    """Whether a picture is as large, or a whole number of times larger."""
    (height, width), factor = size, shape[0] // size[0]
    return factor >= 1 and shape == (factor * height, factor * width)


def averaged(picture: FloatArray, height: int, width: int) -> FloatArray:
    """Return a picture (H, W, 3) averaged to another size, which divides its own."""
    rows, columns = picture.shape[0] // height, picture.shape[1] // width
    return np.asarray(picture.reshape(height, rows, width, columns, -1).mean((1, 3)), np.float32)


def checked_mask(model: DiffusionModel, mask: AnyArray) -> AnyArray:
    """Return a mask (H, W) or (T,) that fits as `clean_of` wants it; raises UserError where it does not."""
    if model.kind == "sound":
        is_right = mask.shape == model.size[1:]
    else:
        is_right = mask.ndim == 2 and _fits(mask.shape, model.size)
    if not is_right:
        raise UserError(N_("The mask is not the size the model needs."))
    return mask


def mask_of_x(mask: AnyArray, shape: tuple[int, ...]) -> Tensor:
    """Return how much of each cell of x (1, 1, h, w) or (1, 1, t) for sound is made anew, for a mask (H, W) or (T,).

    A cell is made anew as much as the most of what it covers, so that nothing old is left where the brush was.
    """
    pixels = torch.from_numpy(as_floats(mask))[None, None]
    if mask.ndim == 1:
        return F.adaptive_max_pool1d(pixels[0], shape[-1])[None]
    return F.adaptive_max_pool2d(pixels, shape[1:])


def keeping(known: Tensor, noise: Tensor, grid: TimeGrid, mask: Tensor) -> Keep:
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
    """Lay what was made over what is known: (H, W, 3) both, or sounds (T,); where the mask is 0 not a bit changes.

    What is known may be a whole number of times larger than what is shown, and its mask with it.
    """
    if known.shape != shown.shape:
        height, width = shown.shape[:2]
        known = _as_type(averaged(known.astype(np.float32), height, width), known)
        mask = mask_of_x(mask, (1, height, width))[0, 0].numpy()
    share = as_floats(mask)
    share = share.reshape(*share.shape, *[1] * (known.ndim - share.ndim))
    before = known.astype(np.float32)
    mixed = before + share * (shown.astype(np.float32) - before)
    return np.where(share == 0, known, _as_type(mixed, known))


def _as_type(values: FloatArray, like: npt.NDArray[T]) -> npt.NDArray[T]:
    return (np.rint(values) if like.dtype == np.uint8 else values).astype(like.dtype)
