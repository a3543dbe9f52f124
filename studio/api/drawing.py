"""Faces are drawn in layers by one autoencoder: other models say on their card which it is, and open it here."""

from typing import Final

import torch

from studio.api.engine import known_file
from studio.nn.layered.layered_vae import LayeredVAE, load_layered
from studio.nn.packed_conv import pack_convolutions

DRAWN_BY: Final = "drawn_by"
"""The key under which a card names the model whose layers draw what is made here large (`studio.nn.layered`)."""


def autoencoder_of(model_id: object, device: torch.device) -> LayeredVAE:
    """The model with this id ("vae/avatars"); raises UserError where there is none, or it has no decoder of layers."""
    autoencoder = load_layered(known_file(str(model_id))).to(device)
    pack_convolutions(autoencoder)
    return autoencoder
