"""How much memory a generator of other people takes, told before its numbers are read."""

from typing import Final

import psutil
import torch

from studio.api.engine import Device
from studio.core.error import UserError
from studio.core.text import N_

from .stylegan_file import StyleGanFile
from .stylegan_three import ThreeConfig, bands
from .stylegan_two import TwoConfig

CHUNK_BYTES: Final = 1 << 30
"""Several pictures are drawn at once as long as they need no more than this."""
_LIBRARIES_BYTES: Final = 128 << 20
_FLOAT_BYTES: Final = 4
_MIB: Final = 1 << 20
# How many maps of the largest size live at once, as measured: what comes in, and what filters take and give out.
_TWO_MAPS: Final = 4.5
_THREE_MAPS: Final = 3.5


def activation_bytes(config: TwoConfig | ThreeConfig) -> int:
    """Bytes that drawing one picture at full size holds at most besides the weights; at least 1."""
    if isinstance(config, TwoConfig):
        largest = max(width * px**2 for width, px in zip(config.widths, config.sizes_px, strict=True))
        return int(_TWO_MAPS * largest * _FLOAT_BYTES)
    found = bands(config)
    befores = [found[0], *found]
    maps = []
    for before, after in zip(befores, found[:-1], strict=False):
        up = config.oversampling * max(1.0, after.rate / before.rate)
        maps.append(after.n_channels * ((before.size_px + 2) * up) ** 2)
    return int(_THREE_MAPS * max(maps) * _FLOAT_BYTES)


def needed_bytes(found: StyleGanFile) -> int:
    """Bytes that opening a file and drawing with it takes: weights as float32, and one picture at full size."""
    return found.n_params * _FLOAT_BYTES + activation_bytes(found.config) + _LIBRARIES_BYTES


def check_memory(found: StyleGanFile, device: Device) -> None:
    """Raise UserError with figures where a generator would not fit."""
    needed, free = needed_bytes(found), _free_bytes(device)
    if needed > free:
        raise UserError(
            N_("This generator needs about {needed} to draw a picture.").format(needed=_size(needed)),
            N_("{free} of memory are free. Close other models and programs, or take a smaller one.").format(
                free=_size(free)
            ),
        )


def _free_bytes(device: Device) -> int:
    if device.kind == "cuda":
        return int(torch.cuda.mem_get_info()[0])
    return psutil.virtual_memory().available


def _size(n_bytes: int) -> str:
    if n_bytes < 1 << 30:
        return N_("{n:,} MB").format(n=round(n_bytes / _MIB))
    return N_("{n:.1f} GB").format(n=n_bytes / (1 << 30))
