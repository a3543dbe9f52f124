"""Our own networks of texts in safetensors files: packed weights, configuration and tokenizer as metadata."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, TypeVar

from safetensors import safe_open
from safetensors.torch import save
from tokenizers import Tokenizer
from torch import nn

from studio.core.atomic import atomic_write
from studio.core.error import UserError
from studio.core.text.foreign_tokenizer import guarded
from studio.core.translation import N_
from studio.nn.quantised import fill_from_packed, packed_network
from studio.nn.without_weights import without_weights

from .config import DecoderConfig, config_from_json, config_to_json
from .decoder import Decoder
from .tokenizer import TextTokenizer, own_tokenizer

MAX_FILE_BYTES: Final = 256 << 20
MAX_PARAMS: Final = 64_000_000
_PREFIX: Final = "model."
NetworkT = TypeVar("NetworkT", bound=nn.Module)
CutterT = TypeVar("CutterT")


def save_texts_network(path: Path, network: nn.Module, config: Mapping[str, Any], tokenizer: Tokenizer) -> None:
    """Write a network with its tokenizer; matrices as int8 for each row (studio.nn.quantised)."""
    about = {"architecture": type(network).__name__, "config": json.dumps(config), "tokenizer": tokenizer.to_str()}
    atomic_write(path, save(packed_network(network, _PREFIX), about))


def load_texts_network(
    path: Path, architecture: str, make: Callable[[Any], NetworkT], cutter_of: Callable[[TextTokenizer], CutterT]
) -> tuple[NetworkT, CutterT]:
    """What `save_texts_network` wrote, ready to use; `make` builds it from its configuration, its weights left out.

    Raises:
        UserError: the file is damaged, of another kind, or its tokenizer does not fit its network.
    """
    damaged = UserError(N_("The model’s file is damaged."), N_("Download it again, or train the model again."))
    with guarded(damaged):
        if path.stat().st_size > MAX_FILE_BYTES:
            raise UserError(N_("This file is larger than any model of this kind."))
        with safe_open(path, "pt") as file:
            about = file.metadata() or {}
            if about.get("architecture") != architecture:
                raise UserError(N_("This file does not contain a model of this kind."))
            config = json.loads(about["config"])
            with without_weights():
                network = make(config)
            if sum(value.numel() for value in network.parameters()) > MAX_PARAMS:
                raise too_large()
            fill_from_packed(network, file, _PREFIX)
        tokenizer = own_tokenizer(Tokenizer.from_str(about["tokenizer"]))
        if tokenizer.n_tokens != config["n_vocab"]:
            raise UserError(N_("The tokenizer in the model’s file belongs to another model."))
        return network.eval().requires_grad_(False), cutter_of(tokenizer)


def too_large() -> UserError:
    """A model that this program did not make."""
    return UserError(N_("The model in this file is larger than any made by this program."))


def save_decoder(path: Path, decoder: Decoder, tokenizer: Tokenizer) -> None:
    """Write a decoder with its tokenizer."""
    save_texts_network(path, decoder, config_to_json(decoder.config), tokenizer)


def load_decoder(path: Path) -> tuple[Decoder, TextTokenizer]:
    """Read what `save_decoder` wrote; raises UserError as `load_texts_network` does."""
    return load_texts_network(
        path, "Decoder", lambda values: Decoder(_checked(config_from_json(values))), lambda cutter: cutter
    )


def _checked(config: DecoderConfig) -> DecoderConfig:
    """Refuse sizes that would take long only to be refused."""
    if config.n_layers * config.width * config.mlp_width > MAX_PARAMS:
        raise too_large()
    return config
