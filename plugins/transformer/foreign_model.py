"""Opens models of other people: a Hugging Face folder or a GGUF file becomes decoder, tokenizer and template."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import torch

from studio.api.engine import Device, ModelSource
from studio.core.container.weight_files import MAX_INDEX_BYTES
from studio.core.error import UserError
from studio.core.text import N_

from .chat_folder import read_chat_template
from .chat_template import ChatTemplate
from .config import DecoderConfig
from .gguf_loading import load_gguf
from .gguf_model import GgufModel, read_gguf_model
from .gguf_tokenizer import gguf_tokenizer, token_names
from .hf_folder import GENERATION, HfFolder, read_folder, read_optional
from .hf_loading import load_folder
from .importers import GGUF, HUGGING_FACE
from .memory import PRECISIONS, choose_dtype
from .model import Decoder
from .tokenizer import TextTokenizer
from .tokenizer_folder import read_tokenizer

_TEMPLATE: Final = "tokenizer.chat_template"


@dataclass(frozen=True, eq=False)
class ForeignModel:
    """A model of other people, ready to read.

    Attributes:
        dtype: in which its matrices are stored.
        template: how a conversation is written for it, None where it brings none along.
    """

    decoder: Decoder
    tokenizer: TextTokenizer
    dtype: torch.dtype
    template: ChatTemplate | None


def is_foreign(card: Mapping[str, Any]) -> bool:
    """Whether a card is one of a model that other people's programs wrote."""
    return card.get("format") in (HUGGING_FACE, GGUF)


def open_foreign(source: ModelSource, device: Device) -> ForeignModel:
    """Open the model of a card that `is_foreign`; its key "precision" chooses one of PRECISIONS.

    Raises:
        UserError: it is broken, incomplete, of a kind that is not known here, or larger than the memory.
    """
    if source.card.get("format") == GGUF:
        return _open_gguf(read_gguf_model(source.path), source.card, device)
    return _open_folder(read_folder(source.path), source.card, device)


def _open_folder(folder: HfFolder, card: Mapping[str, Any], device: Device) -> ForeignModel:
    generation = read_optional(folder.path, GENERATION, MAX_INDEX_BYTES)
    # What is small comes first: a broken tokenizer is told before gigabytes are read.
    tokenizer = read_tokenizer(folder.path, folder.settings, generation, folder.config.n_vocab)
    template = read_chat_template(folder.path)
    dtype = _dtype(folder.config, card, device)
    return ForeignModel(load_folder(folder, dtype, device.torch_device), tokenizer, dtype, template)


def _open_gguf(model: GgufModel, card: Mapping[str, Any], device: Device) -> ForeignModel:
    settings = model.file.settings
    tokenizer = gguf_tokenizer(settings, model.config.n_vocab)
    source = settings.get(_TEMPLATE)
    template = ChatTemplate(source, token_names(settings)) if isinstance(source, str) else None
    dtype = _dtype(model.config, card, device)
    return ForeignModel(load_gguf(model, dtype, device.torch_device), tokenizer, dtype, template)


def _dtype(config: DecoderConfig, card: Mapping[str, Any], device: Device) -> torch.dtype:
    wanted = card.get("precision", "automatic")
    if wanted not in PRECISIONS:
        raise UserError(N_("The precision of a model is one of {names}.").format(names=", ".join(PRECISIONS)))
    return choose_dtype(config, device, wanted)
