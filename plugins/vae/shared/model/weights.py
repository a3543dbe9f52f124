"""Writes and reads the networks of this family: safetensors, large weights as int8 per output channel.

A file holds the network's tensors as `model.NAME` (int8 ones with their steps as `model.NAME#step`), what else the
panel reads as `extra.NAME` (see card.py), and, as its metadata, `architecture` and `config`.
"""

import dataclasses
import json
from pathlib import Path
from typing import Any, Final, TypeAlias

from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from studio.core.atomic import atomic_write
from studio.core.error import UserError
from studio.core.translation import N_
from studio.nn.quantised import packed, read_packed

from ...pictures.model.beta_vae import BetaConfig, BetaVAE
from ...pictures.model.layered_vae import LayeredConfig, LayeredVAE
from ...pictures.model.pictures_vae import PicturesConfig, PicturesVAE
from .vae import DigitsConfig, DigitsVAE, LetterformsConfig, LetterformsVAE

Network: TypeAlias = DigitsVAE | LetterformsVAE | PicturesVAE
Saved: TypeAlias = Network | BetaVAE

MAX_FILE_BYTES: Final = 64 << 20
MAX_WIDTH: Final = 1024
_KINDS: Final[dict[str, tuple[type[Any], type[Saved]]]] = {
    "BetaVAE": (BetaConfig, BetaVAE),
    "DigitsVAE": (DigitsConfig, DigitsVAE),
    "LetterformsVAE": (LetterformsConfig, LetterformsVAE),
    "PicturesVAE": (PicturesConfig, PicturesVAE),
    "LayeredVAE": (LayeredConfig, LayeredVAE),
}


def build_network(architecture: str, config: dict[str, Any]) -> Saved:
    """An untrained network; raises UserError where the architecture is not ours or a size is out of range."""
    if architecture not in _KINDS:
        raise UserError(N_("This file does not contain a VAE made by this program."))
    config_kind, network_kind = _KINDS[architecture]
    names = {field.name for field in dataclasses.fields(config_kind)}
    values = {name: tuple(value) if isinstance(value, list) else value for name, value in config.items()}
    numbers = [number for value in values.values() for number in (value if isinstance(value, tuple) else (value,))]
    if set(values) != names or not all(type(number) is int and 0 < number <= MAX_WIDTH for number in numbers):
        raise UserError(N_("The sizes in this VAE’s file are impossible."))
    try:
        return network_kind(config_kind(**values))
    except (TypeError, ValueError, RuntimeError) as error:
        raise UserError(N_("The sizes in this VAE’s file are impossible.")) from error


def load_model(path: Path) -> Saved:
    """The network in a file, float32, in eval mode, on the CPU, without gradients.

    Raises:
        UserError: the file is missing, damaged, too large, not a VAE of this program, or holds NaN.
    """
    if not path.is_file() or path.stat().st_size > MAX_FILE_BYTES:
        raise UserError(N_("The model’s file is missing or too large."), N_("Choose a file made by this program."))
    try:
        with safe_open(path, "pt") as file:
            metadata = file.metadata() or {}
            model = build_network(metadata.get("architecture", ""), json.loads(metadata.get("config", "{}")))
            state = {
                name: read_packed(file, f"model.{name}", tuple(wanted.shape))
                for name, wanted in model.state_dict().items()
            }
    except (SafetensorError, OSError, ValueError, RecursionError, AttributeError) as error:
        raise UserError(
            N_("The model’s file is damaged."), N_("Download it again, or train the model again.")
        ) from error
    model.load_state_dict(state)
    return model.eval().requires_grad_(False)


def save_model(path: Path, model: Saved, extra: dict[str, Tensor]) -> None:
    """Write a network and the arrays beside it; layers of at least 512 weights as int8, all else as float16."""
    tensors: dict[str, Tensor] = {}
    for name, value in model.state_dict().items():
        tensors |= packed(f"model.{name}", value)
    # Clones, since safetensors refuses tensors that share memory.
    tensors |= {f"extra.{name}": value.contiguous().clone() for name, value in extra.items()}
    metadata = {"architecture": type(model).__name__, "config": json.dumps(dataclasses.asdict(model.config))}
    atomic_write(path, save(tensors, metadata))
