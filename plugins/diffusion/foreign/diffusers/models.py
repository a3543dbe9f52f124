"""Opens a pipeline of other people as a model of this family."""

from collections.abc import Mapping
from typing import Final

from studio.api.engine import Device, ModelSource

from .checkpoint import read_model
from .classes import ClassPipeline
from .consistency import ConsistencyPipeline
from .kinds import Kind
from .loading import require_libraries
from .memory import choose_dtype
from .pixels import LatentPipeline, PixelPipeline
from .words import TextPipeline

_MODELS: Final[Mapping[Kind, type[PixelPipeline]]] = {
    "pixels": PixelPipeline,
    "latents": LatentPipeline,
    "consistency": ConsistencyPipeline,
    "classes": ClassPipeline,
}
"""Of the kinds that do without words."""


def open_pipeline(source: ModelSource, device: Device) -> PixelPipeline:
    """Load the pipeline folder of a source.

    Raises:
        UserError: the libraries are missing, the folder is no good, or the memory is too small; with figures.
    """
    pipeline = read_model(source.path)
    require_libraries()
    dtype = choose_dtype(pipeline, device)
    return _MODELS.get(pipeline.kind, TextPipeline)(pipeline, dtype, device.torch_device)
