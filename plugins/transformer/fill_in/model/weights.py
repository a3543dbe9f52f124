"""Our own encoders in safetensors files, written and read as decoders are."""

from pathlib import Path
from typing import Any

from ...text.model.weights import MAX_PARAMS, load_texts_network, save_texts_network, too_large
from .config import EncoderConfig, encoder_config
from .cutter import MaskCutter, own_cutter
from .encoder import Encoder


def save_encoder(path: Path, encoder: Encoder, cutter: MaskCutter) -> None:
    """Write an encoder with its tokenizer."""
    save_texts_network(path, encoder, vars(encoder.config), cutter.tokenizer.library)


def load_encoder(path: Path) -> tuple[Encoder, MaskCutter]:
    """Read what `save_encoder` wrote; raises UserError as `load_texts_network` does."""
    return load_texts_network(path, "Encoder", _made, own_cutter)


def _made(values: Any) -> Encoder:
    config = encoder_config(values)
    if n_weights(config) > MAX_PARAMS:
        raise too_large()
    return Encoder(config)


def n_weights(config: EncoderConfig) -> int:
    """About how many numbers the matrices of such a network hold."""
    layer = config.width * (4 * config.width + 2 * config.mlp_width)
    tables = (1 if config.is_tied else 2) * config.n_vocab + config.n_context + config.width
    return config.n_blocks * layer + config.n_begin * (tables + (config.width if config.token_width else 0))
