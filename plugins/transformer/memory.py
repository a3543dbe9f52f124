"""How much memory a language model takes, told before anything of it is loaded, and the precision that fits."""

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import psutil
import torch

from studio.api.engine import Device
from studio.core.error import UserError
from studio.core.text import N_

from .config import DecoderConfig
from .weight_plan import n_params

Precision: TypeAlias = Literal["automatic", "float32", "bfloat16"]
PRECISIONS: Final = ("automatic", "float32", "bfloat16")
MAX_CACHED: Final = 4096
"""Of a longer context, so many tokens are reckoned with."""
_AT_ONCE: Final = 512
_RESERVE_BYTES: Final = 256 << 20
_FLOAT_BYTES: Final = 4
_MIB: Final = 1 << 20
_BYTES: Final = {torch.float32: 4, torch.bfloat16: 2}


@dataclass(frozen=True)
class Forecast:
    """Bytes that a model needs: its weights, what it remembers of a long text, and what reading takes at most."""

    weights: int
    cache: int
    reading: int

    @property
    def total(self) -> int:
        """All of it, and what is left to the system."""
        return self.weights + self.cache + self.reading + _RESERVE_BYTES


def forecast(config: DecoderConfig, dtype: torch.dtype) -> Forecast:
    """What a decoder needs whose matrices are stored as `dtype`."""
    n_tokens = min(config.n_context, MAX_CACHED)
    cache = 2 * config.n_layers * config.n_kv_heads * config.head_width * n_tokens * _FLOAT_BYTES
    widest = max(config.n_vocab, 2 * config.mlp_width, config.n_heads * n_tokens)
    return Forecast(n_params(config) * _BYTES[dtype], cache, min(n_tokens, _AT_ONCE) * widest * _FLOAT_BYTES)


def choose_dtype(config: DecoderConfig, device: Device, wanted: Precision = "automatic") -> torch.dtype:
    """The precision in which a model is opened: float32 where it fits, else bfloat16, unless one is wanted.

    Raises:
        UserError: it does not fit; the sentence has the figures.
    """
    free = _free_bytes(device)
    dtypes = list(_BYTES) if wanted == "automatic" else [getattr(torch, wanted)]
    for dtype in dtypes:
        if forecast(config, dtype).total <= free:
            return dtype
    needed = forecast(config, dtypes[-1])
    raise UserError(
        N_("This model needs about {needed}: {weights} for {n:,} numbers, {rest} to read and remember a text.").format(
            needed=size_text(needed.total), weights=size_text(needed.weights), n=n_params(config),
            rest=size_text(needed.cache + needed.reading),
        ),
        N_("{free} of memory are free. Close other models and programs, or take a smaller model.").format(
            free=size_text(free)
        ),
    )  # fmt: skip


def size_text(n_bytes: int) -> str:
    """A number of bytes for people."""
    if n_bytes < 1 << 30:
        return N_("{n:,} MB").format(n=round(n_bytes / _MIB))
    return N_("{n:.1f} GB").format(n=n_bytes / (1 << 30))


def _free_bytes(device: Device) -> int:
    if device.kind == "cuda":
        return int(torch.cuda.mem_get_info()[0])
    return psutil.virtual_memory().available
