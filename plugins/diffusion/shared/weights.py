"""Writes and reads the networks of this family: safetensors, large weights as int8 per output channel."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from torch import nn

from studio.api.drawing import DRAWN_BY, autoencoder_of
from studio.api.engine import Device, ModelSource
from studio.nn import network_file
from studio.nn.network_file import MAX_NUMBER, MAX_WORD, NetworkKind

from ..importers import FORMAT
from ..pictures.model.denoisers import CascadeModel, FaceModel, FacePixelModel, LatentModel, PixelModel
from ..pictures.model.networks import (
    Cascade,
    CascadeConfig,
    LatentDiffusion,
    LatentDiffusionConfig,
    PixelDiffusion,
    PixelDiffusionConfig,
)
from ..sound.model.diffwave import DiffWaveConfig, NotesDiffusion, NotesModel
from .model.denoiser import DiffusionModel

__all__ = [
    "KINDS",
    "MAX_NUMBER",
    "MAX_WORD",
    "empty_network",
    "load_network",
    "open_model",
    "read_config",
    "save_model",
]

LATER: Final = frozenset({"knows_places"})
"""Fields that older files lack; there they have their defaults."""


@dataclass(frozen=True)
class DiffusionNetworkKind(NetworkKind):
    """How networks of one architecture are made from a configuration, and wrapped for samplers."""

    later: frozenset[str] = LATER
    wrap: Callable[[Any], Any] = lambda network: network


KINDS: Final[dict[str, DiffusionNetworkKind]] = {
    "PixelDiffusion": DiffusionNetworkKind(PixelDiffusionConfig, PixelDiffusion, wrap=PixelModel),
    "LatentDiffusion": DiffusionNetworkKind(LatentDiffusionConfig, LatentDiffusion, wrap=LatentModel),
    "Cascade": DiffusionNetworkKind(CascadeConfig, Cascade, wrap=CascadeModel),
    "NotesDiffusion": DiffusionNetworkKind(DiffWaveConfig, NotesDiffusion, wrap=NotesModel),
}

# How a network is wrapped whose card says that short prompts are completed to captions of a kind.
_COMPLETING: Final[dict[tuple[str, str], Callable[[Any], Any]]] = {
    ("LatentDiffusion", "faces"): FaceModel,
    ("PixelDiffusion", "faces"): FacePixelModel,
}


def open_model(source: ModelSource, device: Device) -> DiffusionModel | CascadeModel:
    """The model in a file, or in a pipeline folder of other people, ready for samplers.

    Raises:
        UserError: the file is missing, damaged, too large, not of this family, or holds NaN.
    """
    if source.card.get("format") == FORMAT:
        from ..foreign.diffusers.models import open_pipeline

        return open_pipeline(source, device)
    architecture, network = load_network(source.path)
    wrap = _COMPLETING.get((architecture, str(source.card.get("completion"))), KINDS[architecture].wrap)
    model: DiffusionModel | CascadeModel = wrap(network.to(device.torch_device))
    if isinstance(model, LatentModel) and DRAWN_BY in source.card:
        model.layered = autoencoder_of(source.card[DRAWN_BY], device.torch_device)
    return model


def save_model(path: Path, network: nn.Module) -> None:
    """Write a network whose class and configuration `KINDS` knows."""
    network_file.save_network(path, network)


def load_network(path: Path) -> tuple[str, nn.Module]:
    """The architecture and network in a file of this family; see network_file.load_network."""
    return network_file.load_network(path, KINDS)


def empty_network(architecture: str, config: Any) -> nn.Module:
    """A network without memory for its weights; see network_file.empty_network."""
    return network_file.empty_network(KINDS, architecture, config)


def read_config(kind: type[Any], values: Any) -> Any:
    """A configuration out of JSON; see network_file.read_config."""
    return network_file.read_config(kind, values, LATER)
