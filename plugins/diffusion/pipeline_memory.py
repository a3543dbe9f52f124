"""How much memory a pipeline takes, told before anything of it is loaded."""

from dataclasses import dataclass
from typing import Final

import psutil
import torch

from studio.api.engine import Device
from studio.core.error import UserError
from studio.core.text import N_

from .pipeline_folder import PipelineFolder

TILE_PX: Final = 512
"""The side of the tiles in which pictures are decoded that are much larger."""
_LIBRARIES_BYTES: Final = 400 << 20
_FLOAT32_BYTES: Final = 4
_HALF_BYTES: Final = 2
_MIB: Final = 1 << 20
_USUAL_DEPTH: Final = 3


@dataclass(frozen=True)
class Forecast:
    """Bytes that a model needs in one type of number: its weights, and what a step or the decoder holds at most."""

    weights: int
    activations: int

    @property
    def total(self) -> int:
        """Both, and what the libraries take."""
        return self.weights + self.activations + _LIBRARIES_BYTES


def forecast(pipeline: PipelineFolder, n_bytes: int) -> Forecast:
    """What the pipeline needs where each number has `n_bytes`."""
    activations = max(_step_numbers(pipeline), _decoder_numbers(pipeline))
    return Forecast(pipeline.n_params * n_bytes, activations * n_bytes)


def choose_dtype(pipeline: PipelineFolder, device: Device) -> torch.dtype:
    """float32 where it fits, else 16 bits where the machine computes in them; raises UserError with figures."""
    free = _free_bytes(device)
    full, half = forecast(pipeline, _FLOAT32_BYTES), forecast(pipeline, _HALF_BYTES)
    if full.total <= free:
        return torch.float32
    type_of_half = _half(device)
    if type_of_half is not None and half.total <= free:
        return type_of_half
    needed = full if type_of_half is None else half
    raise UserError(
        N_("This model needs about {needed}: {weights} for {n:,} numbers and {activations} to compute with.").format(
            needed=_size(needed.total), weights=_size(needed.weights), n=pipeline.n_params,
            activations=_size(needed.activations),
        ),
        N_("{free} of memory are free. Close other models and programs, or take a smaller model.").format(
            free=_size(free)
        ),
    )  # fmt: skip


def _free_bytes(device: Device) -> int:
    if device.kind == "cuda":
        return int(torch.cuda.mem_get_info()[0])
    return psutil.virtual_memory().available


def _half(device: Device) -> torch.dtype | None:
    """The 16-bit type that this machine computes in, None where it only emulates."""
    if device.kind == "cuda":
        return torch.float16
    from studio.api.training import has_fast_bfloat16

    return torch.bfloat16 if has_fast_bfloat16(device.torch_device) else None


def _step_numbers(pipeline: PipelineFolder) -> int:
    """Both halves of a guided step: the maps kept for the way up, and a few of the largest ones."""
    config = pipeline.components["unet"].config
    _, height, width = pipeline.shape
    widths, n_layers = config["block_out_channels"], config.get("layers_per_block", 2)
    depth = n_layers if isinstance(n_layers, int) else _USUAL_DEPTH
    maps = [channels * height * width // 4**level for level, channels in enumerate(widths)]
    halves = 1 if pipeline.kind == "pixels" else 2
    return halves * ((depth + 2) * sum(maps) + 12 * max(maps))


def _decoder_numbers(pipeline: PipelineFolder) -> int:
    vae = pipeline.components.get("vae")
    if vae is None:
        return 0
    widths = vae.config["block_out_channels"]
    height, width = (min(side, TILE_PX) for side in pipeline.size)
    return 5 * int(widths[min(1, len(widths) - 1)]) * height * width


def _size(n_bytes: int) -> str:
    if n_bytes < 1 << 30:
        return N_("{n:,} MB").format(n=round(n_bytes / _MIB))
    return N_("{n:.1f} GB").format(n=n_bytes / (1 << 30))
