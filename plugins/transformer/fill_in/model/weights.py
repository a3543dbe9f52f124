"""Our own encoders in safetensors files: packed weights, with the configuration and the tokenizer as metadata."""

import json
from pathlib import Path
from typing import Final

from safetensors import safe_open
from safetensors.torch import save
from tokenizers import Tokenizer

from studio.core.atomic import atomic_write
from studio.core.error import UserError
from studio.core.text.foreign_tokenizer import guarded
from studio.core.translation import N_
from studio.nn.quantised import fill_from_packed, packed_network
from studio.nn.without_weights import without_weights

from .config import EncoderConfig, encoder_config
from .cutter import MaskCutter, own_cutter
from .encoder import Encoder

ARCHITECTURE: Final = "Encoder"
MAX_FILE_BYTES: Final = 256 << 20
MAX_PARAMS: Final = 64_000_000
_PREFIX: Final = "model."


def save_encoder(path: Path, encoder: Encoder, cutter: MaskCutter) -> None:
    """Write an encoder with its tokenizer; matrices as int8 for each row (studio.nn.quantised)."""
    about = {"architecture": ARCHITECTURE, "config": json.dumps(vars(encoder.config))}
    atomic_write(
        path, save(packed_network(encoder, _PREFIX), {**about, "tokenizer": cutter.tokenizer.library.to_str()})
    )


def load_encoder(path: Path) -> tuple[Encoder, MaskCutter]:
    """Read what `save_encoder` wrote, ready to use.

    Raises:
        UserError: the file is damaged, of another kind, or its tokenizer does not fit its network.
    """
    damaged = UserError(N_("The model’s file is damaged."), N_("Download it again, or train the model again."))
    with guarded(damaged):
        if path.stat().st_size > MAX_FILE_BYTES:
            raise UserError(N_("This file is larger than any model of this kind."))
        with safe_open(path, "pt") as file:
            about = file.metadata() or {}
            encoder = _empty(about)
            fill_from_packed(encoder, file, _PREFIX)
        cutter = own_cutter(Tokenizer.from_str(about["tokenizer"]))
    if cutter.tokenizer.n_tokens != encoder.config.n_vocab:
        raise UserError(N_("The tokenizer in the model’s file belongs to another model."))
    return encoder.eval().requires_grad_(False), cutter


def _empty(about: dict[str, str]) -> Encoder:
    """An encoder without memory for its weights."""
    if about.get("architecture") != ARCHITECTURE:
        raise UserError(N_("This file does not contain a model of this kind."))
    config = encoder_config(json.loads(about["config"]))
    if n_weights(config) > MAX_PARAMS:
        raise UserError(N_("The model in this file is larger than any made by this program."))
    with without_weights():
        return Encoder(config)


def n_weights(config: EncoderConfig) -> int:
    """About how many numbers the matrices of such a network hold."""
    layer = config.width * (4 * config.width + 2 * config.mlp_width)
    tables = (1 if config.is_tied else 2) * config.n_vocab + config.n_context + config.width
    return config.n_blocks * layer + config.n_begin * (tables + (config.width if config.token_width else 0))
