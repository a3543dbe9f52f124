"""Our own decoders in safetensors files: packed weights, with the configuration and the tokenizer as metadata."""

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

from .config import DecoderConfig, config_from_json, config_to_json
from .decoder import Decoder
from .tokenizer import TextTokenizer, own_tokenizer

ARCHITECTURE: Final = "Decoder"
MAX_FILE_BYTES: Final = 256 << 20
MAX_PARAMS: Final = 64_000_000
_PREFIX: Final = "model."


def save_decoder(path: Path, decoder: Decoder, tokenizer: Tokenizer) -> None:
    """Write a decoder with its tokenizer; matrices as int8 for each row (studio.nn.quantised)."""
    about = {"architecture": ARCHITECTURE, "config": json.dumps(config_to_json(decoder.config))}
    atomic_write(path, save(packed_network(decoder, _PREFIX), {**about, "tokenizer": tokenizer.to_str()}))


def load_decoder(path: Path) -> tuple[Decoder, TextTokenizer]:
    """Read what `save_decoder` wrote, ready to use.

    Raises:
        UserError: the file is damaged, of another kind, or its tokenizer does not fit its network.
    """
    damaged = UserError(N_("The model’s file is damaged."), N_("Download it again, or train the model again."))
    with guarded(damaged):
        if path.stat().st_size > MAX_FILE_BYTES:
            raise UserError(N_("This file is larger than any model of this kind."))
        with safe_open(path, "pt") as file:
            about = file.metadata() or {}
            decoder = _empty(about)
            fill_from_packed(decoder, file, _PREFIX)
        tokenizer = own_tokenizer(Tokenizer.from_str(about["tokenizer"]))
    if tokenizer.n_tokens != decoder.config.n_vocab:
        raise UserError(N_("The tokenizer in the model’s file belongs to another model."))
    return decoder.eval().requires_grad_(False), tokenizer


def _empty(about: dict[str, str]) -> Decoder:
    """A decoder without memory for its weights."""
    if about.get("architecture") != ARCHITECTURE:
        raise UserError(N_("This file does not contain a model of this kind."))
    with without_weights():
        decoder = Decoder(_checked(config_from_json(json.loads(about["config"]))))
    if sum(value.numel() for value in decoder.parameters()) > MAX_PARAMS:
        raise UserError(N_("The model in this file is larger than any made by this program."))
    return decoder


def _checked(config: DecoderConfig) -> DecoderConfig:
    """Refuse sizes that would take long only to be refused."""
    if config.n_layers * config.width * config.mlp_width > MAX_PARAMS:
        raise UserError(N_("The model in this file is larger than any made by this program."))
    return config
