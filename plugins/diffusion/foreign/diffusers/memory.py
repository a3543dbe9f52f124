"""Tells before a pipeline is opened how much memory it takes, and in which numbers it fits."""

from dataclasses import dataclass
from typing import Final

import torch

from studio.api.engine import Device, size_text
from studio.core.error import UserError
from studio.core.translation import N_

from .described import PACKED, PipelineFolder
from .kinds import TRANSFORMERS, WORDLESS

TILE_PX: Final = 512
"""The side of the tiles in which pictures are decoded that are much larger."""
_LIBRARIES_BYTES: Final = 400 << 20
_FLOAT32_BYTES: Final = 4
_HALF_BYTES: Final = 2
_USUAL_DEPTH: Final = 3
_TEXT_TOKENS: Final = 512
_WIDE: Final = 16
"""How many numbers a token of a transformer takes at most, in widths: its MLP, and queries, keys and values twice."""


@dataclass(frozen=True)
class PipelineMemoryForecast:
    """Bytes that a model needs in one type of number: its weights, and what a step or the decoder holds at most."""

    weights: int
    activations: int

    @property
    def total(self) -> int:
        """Both, and what the libraries take."""
        return self.weights + self.activations + _LIBRARIES_BYTES


def forecast(pipeline: PipelineFolder, n_bytes: int) -> PipelineMemoryForecast:
    """What the pipeline needs where each number has `n_bytes`."""
    activations = max(_step_numbers(pipeline), _decoder_numbers(pipeline))
    return PipelineMemoryForecast(pipeline.n_params * n_bytes, activations * n_bytes)


def choose_dtype(pipeline: PipelineFolder, device: Device) -> torch.dtype:
    """float32 where it fits, else 16 bits where the machine computes in them; raises UserError with figures."""
    free = device.free_bytes
    full, half = forecast(pipeline, _FLOAT32_BYTES), forecast(pipeline, _HALF_BYTES)
    if full.total <= free:
        return torch.float32
    type_of_half = _half(device)
    if type_of_half is not None and half.total <= free:
        return type_of_half
    needed = full if type_of_half is None else half
    raise UserError(
        N_("This model needs about {needed}: {weights} for {n:,} numbers and {activations} to compute with.").format(
            needed=size_text(needed.total),
            weights=size_text(needed.weights),
            n=pipeline.n_params,
            activations=size_text(needed.activations),
        ),
        N_("{free} of memory are free. Close other models and programs, or use a smaller model.").format(
            free=size_text(free)
        ),
    )


def _half(device: Device) -> torch.dtype | None:
    """The 16-bit type that this machine computes in, None where it only emulates."""
    if device.kind == "cuda":
        return torch.float16
    from studio.api.training import has_fast_bfloat16

    return torch.bfloat16 if has_fast_bfloat16(device.torch_device) else None


def _step_numbers(pipeline: PipelineFolder) -> int:
    """Both halves of a guided step: the maps kept for the way up, and a few of the largest ones."""
    config = pipeline.denoiser.config
    _, height, width = pipeline.shape
    if pipeline.kind in TRANSFORMERS:
        packed = PACKED if pipeline.kind == "flux" else config.get("patch_size", 2) ** 2
        n_tokens = height * width // packed + _TEXT_TOKENS
        return 2 * _WIDE * n_tokens * config["num_attention_heads"] * config["attention_head_dim"]
    widths, n_layers = config["block_out_channels"], config.get("layers_per_block", 2)
    depth = n_layers if isinstance(n_layers, int) else _USUAL_DEPTH
    maps = [channels * height * width // 4**level for level, channels in enumerate(widths)]
    halves = 1 if pipeline.kind in WORDLESS else 2
    return halves * ((depth + 2) * sum(maps) + 12 * max(maps))


def _decoder_numbers(pipeline: PipelineFolder) -> int:
    vae = pipeline.components.get("vae")
    if vae is None:
        return 0
    widths, n_codes = vae.config["block_out_channels"], vae.config.get("num_vq_embeddings", 0)
    height, width = (side if n_codes else min(side, TILE_PX) for side in pipeline.size)  # codes are not tiled
    numbers = 5 * int(widths[min(1, len(widths) - 1)]) * height * width
    return numbers + int(n_codes) * height * width // pipeline.stride**2  # how far each latent lies from each code
