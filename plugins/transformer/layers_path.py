"""What each layer would say at one place: the same as `looking.layer_guesses`, but for the last token alone."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch

from .layers_guess import LayersGuess
from .model import Decoder
from .muting import Muting
from .probe import Probe


@torch.inference_mode()
def layer_path(decoder: Decoder, ids: Sequence[int], muting: Muting) -> LayersGuess:
    """The guesses for what comes after these tokens, (L + 1, 1), as far as the context reaches back."""
    first = max(0, len(ids) - decoder.config.n_context)
    seen = torch.tensor([list(ids)[first:]], device=decoder.tokens.weight.device)
    words = frozenset(word - first for word in muting.words if word >= first)
    probe = Probe(wants_attention=False, wants_streams=True)
    decoder.hidden(decoder.embedded(seen), None, probe, replace(muting, words=words))
    last = torch.stack([stream[0, -1] for stream in probe.streams])  # (L + 1, D)
    share, token = decoder.logits(last).float().softmax(-1).max(-1)
    nothing = np.zeros((0, 1))
    return LayersGuess(
        token[:, None].cpu().numpy(), share[:, None].cpu().numpy(), None, nothing, nothing.astype(np.int64)
    )
