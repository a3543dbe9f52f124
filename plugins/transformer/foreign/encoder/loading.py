"""Opens encoders of other people where they fit the memory, always as float32 on the processor."""

from typing import Final

import psutil
import torch

from studio.api.engine import ModelSource
from studio.nn.stored_arrays import arrays_of, filled
from studio.nn.without_weights import without_weights

from ...fill_in.model.config import EncoderConfig
from ...fill_in.model.cutter import MaskCutter
from ...fill_in.model.encoder import Encoder
from ...fill_in.model.filling import N_AT_ONCE
from ...fill_in.model.weights import n_weights
from ...fill_in.passage import MAX_TOKENS
from ..model import TextModelForecast, no_room
from .folder import PLACES, EncoderFolder, read_encoder_folder

_FLOAT: Final = 4
_DOUBLE: Final = 8
_HALF: Final = 2


def forecast(config: EncoderConfig) -> TextModelForecast:
    """What an encoder needs: its weights, the attention of a text that is kept, and what reading it takes at most."""
    n_tokens = min(config.n_context, MAX_TOKENS)
    attention = config.n_heads * n_tokens**2
    inside = N_AT_ONCE * (n_tokens * (4 * config.width + 2 * config.mlp_width) + attention)
    said = 2 * n_tokens * config.n_vocab
    kept = 2 * config.n_layers * attention * _HALF
    return TextModelForecast(n_weights(config) * _FLOAT, kept, inside * _FLOAT + said * _DOUBLE)


def open_encoder(source: ModelSource) -> tuple[Encoder, MaskCutter]:
    """The encoder in a folder with its tokenizer, ready to use.

    Raises:
        UserError: it is broken, incomplete, fills no gaps, or is larger than the memory.
    """
    folder = read_encoder_folder(source.path)
    needed, free = forecast(folder.config), psutil.virtual_memory().available
    if needed.total > free:
        raise no_room(needed, folder.n_params, free)
    return load_encoder_folder(folder), folder.cutter


def load_encoder_folder(folder: EncoderFolder) -> Encoder:
    """The encoder, without gradients; raises UserError where a file cannot be read any more."""
    with without_weights():
        encoder = Encoder(folder.config)
    state = filled(encoder)
    with torch.no_grad():
        for name, values in arrays_of(folder.weights, {name: place.shape for name, place in folder.plan.items()}):
            place = folder.plan[name]
            rows = values[folder.first_position :][: folder.config.n_context] if place.target == PLACES else values
            state[place.target][place.first : place.first + len(rows)].copy_(rows)
    return encoder
