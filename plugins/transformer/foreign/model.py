"""Opens models of other people, Hugging Face folders and GGUF files, in the precision that fits the memory."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

import torch

from studio.api.engine import Device, ModelSource, size_text
from studio.core.container.weights.folder import MAX_INDEX_BYTES
from studio.core.error import UserError
from studio.core.translation import N_

from ..importers import GGUF, HUGGING_FACE
from ..text.chat_template import ChatTemplate
from ..text.model.config import DecoderConfig
from ..text.model.decoder import Decoder
from ..text.model.quantised_layers import Quantisation
from ..text.model.tokenizer import TextTokenizer
from .gguf.loading import load_gguf, quantised_matrices
from .gguf.model import GgufModel, read_gguf_model
from .gguf.tokenizer import gguf_tokenizer, token_names
from .hf.folder import GENERATION, HfFolder, read_chat_template, read_folder, read_optional
from .loading import load_folder
from .tokenizer.folder import read_tokenizer
from .weight_plan import n_params, target_shapes

Precision: TypeAlias = Literal["automatic", "float32", "bfloat16"]
PRECISIONS: Final = ("automatic", "float32", "bfloat16")
MAX_CACHED: Final = 4096
"""Of a longer context, so many tokens are reckoned with."""
MIN_CACHED: Final = 1024
"""Where the memory is short, so many must fit at least."""
_AT_ONCE: Final = 512
_RESERVE_BYTES: Final = 256 << 20
_FLOAT_BYTES: Final = 4
_BYTES: Final = {torch.float32: 4, torch.bfloat16: 2}
_TEMPLATE: Final = "tokenizer.chat_template"


@dataclass(frozen=True)
class TextModelForecast:
    """Bytes that a model needs: its weights, what it remembers of a long text, and what reading takes at most."""

    weights: int
    cache: int
    reading: int

    @property
    def total(self) -> int:
        """All of it, and what is left to the system."""
        return self.weights + self.cache + self.reading + _RESERVE_BYTES


def forecast(
    config: DecoderConfig,
    dtype: torch.dtype,
    quantised: Mapping[str, Quantisation] = {},
    most_tokens: int = MAX_CACHED,
) -> TextModelForecast:
    """What a decoder needs whose matrices are stored as `dtype`, but for those that stay `quantised`."""
    n_tokens = min(config.n_context, most_tokens)
    cache = 2 * config.n_layers * config.n_kv_heads * config.head_width * n_tokens * _FLOAT_BYTES
    widest = max(config.n_vocab, 2 * config.mlp_width, config.n_heads * n_tokens)
    sizes = {name: math.prod(shape) for name, shape in target_shapes(config).items()}
    weights = sum(
        quantised[name].n_bytes(size) if name in quantised else size * _BYTES[dtype] for name, size in sizes.items()
    )
    return TextModelForecast(weights, cache, min(n_tokens, _AT_ONCE) * widest * _FLOAT_BYTES)


def choose_dtype(
    config: DecoderConfig,
    device: Device,
    wanted: Precision = "automatic",
    quantised: Mapping[str, Quantisation] = {},
) -> torch.dtype:
    """The precision in which a model is opened: float32 where it fits, else bfloat16, unless one is wanted.

    The smallest one is enough where a text of `MIN_CACHED` tokens fits; a longer one takes what is free by then.

    Raises:
        UserError: it does not fit; the sentence has the figures.
    """
    free = device.free_bytes
    dtypes = list(_BYTES) if wanted == "automatic" else [getattr(torch, wanted)]
    for dtype in dtypes:
        if forecast(config, dtype, quantised).total <= free:
            return dtype
    needed = forecast(config, dtypes[-1], quantised, MIN_CACHED)
    if needed.total <= free:
        return dtypes[-1]
    raise no_room(needed, n_params(config), free)


def no_room(needed: TextModelForecast, n_weights: int, free: int) -> UserError:
    """What to say of a model of so many numbers that does not fit into so many free bytes."""
    return UserError(
        N_("This model needs about {needed}: {weights} for {n:,} numbers, {rest} to read and remember a text.").format(
            needed=size_text(needed.total),
            weights=size_text(needed.weights),
            n=n_weights,
            rest=size_text(needed.cache + needed.reading),
        ),
        N_("{free} of memory are free. Close other models and programs, or use a smaller model.").format(
            free=size_text(free)
        ),
    )


@dataclass(frozen=True, eq=False)
class ForeignModel:
    """A model of other people, ready to read.

    Attributes:
        dtype: in which its matrices are stored, but for those that stay quantised as in their file.
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
    stays = card.get("precision", "automatic") == "automatic" and device.kind == "cpu"
    quantised = quantised_matrices(model) if stays else {}
    dtype = _dtype(model.config, card, device, quantised)
    return ForeignModel(load_gguf(model, dtype, device.torch_device, quantised), tokenizer, dtype, template)


def _dtype(
    config: DecoderConfig, card: Mapping[str, Any], device: Device, quantised: Mapping[str, Quantisation] = {}
) -> torch.dtype:
    wanted = card.get("precision", "automatic")
    if wanted not in PRECISIONS:
        raise UserError(N_("The precision must be one of {names}.").format(names=", ".join(PRECISIONS)))
    return choose_dtype(config, device, wanted, quantised)
