"""Faces are drawn in layers by one autoencoder: other models say on their card which it is, and open it here."""

from typing import Final

import torch

from studio.api.engine import known_file
from studio.core.seed import standard_normal
from studio.nn.exported import Part
from studio.nn.layered.layered_vae import LayeredVAE, load_layered
from studio.nn.packed_conv import pack_convolutions

DRAWN_BY: Final = "drawn_by"
"""The key under which a card names the model whose layers draw what is made here large (`studio.nn.layered`)."""


def autoencoder_of(model_id: object, device: torch.device) -> LayeredVAE:
    """The model with this id ("vae/avatars"); raises UserError where there is none, or it has no decoder of layers."""
    autoencoder = load_layered(known_file(str(model_id))).to(device)
    pack_convolutions(autoencoder)
    return autoencoder


@torch.no_grad()
def drawing_parts(autoencoder: LayeredVAE) -> tuple[Part, ...]:
    """What of such a model reads one small picture and draws it in layers (`Engine.exportable`)."""
    z = torch.from_numpy(standard_normal((1, autoencoder.config.n_latent), 0))
    picture = autoencoder.decode(z)
    return Part(autoencoder, "encode", (picture,)), Part(autoencoder, "layers_near", (autoencoder.encode(picture)[0],))
