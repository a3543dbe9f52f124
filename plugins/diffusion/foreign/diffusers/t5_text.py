"""The large text encoder of Stable Diffusion 3 and Flux (T5), its tokenizer, and how that of SD 3 lies beside CLIP.

L tokens with padding, D features.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch

from studio.core.container.source import is_file
from studio.core.error import UserError
from studio.core.translation import N_

from ...shared.model.denoiser import FloatArray
from .vocabulary import broken, read_bytes, read_json

N_TOKENS: Final = 256
N_FLUX_TOKENS: Final = 512
_NAME: Final = "tokenizer.json"
_PAD: Final = "<pad>"


class T5Encoder:
    """A text encoder with its tokenizer."""

    def __init__(self, folder: Path, model: Any, n_tokens: int = N_TOKENS) -> None:
        """`folder` is the tokenizer's; raises UserError where it is missing or no good."""
        self.network = model
        self._tokenizer = _tokenizer(folder, n_tokens)

    @torch.inference_mode()
    def encode(self, text: str) -> FloatArray:
        """Features (L, D)."""
        device = next(self.network.parameters()).device
        ids = torch.tensor([self._tokenizer.encode(text).ids], device=device)
        hidden = self.network(ids).last_hidden_state[0]
        return np.ascontiguousarray(hidden.float().cpu().numpy())


def _tokenizer(folder: Path, n_tokens: int) -> Any:
    from tokenizers import Tokenizer

    if not is_file(folder / _NAME):
        raise UserError(
            N_("“{name}” is missing from this pipeline’s folder “{folder}”.").format(name=_NAME, folder=folder.name),
            N_("Save the pipeline again with a present version of diffusers and transformers."),
        )
    read_json(folder / _NAME)  # within bounds
    try:
        tokenizer = Tokenizer.from_str(read_bytes(folder / _NAME).decode("utf-8"))
        padding = tokenizer.token_to_id(_PAD)
        tokenizer.enable_padding(length=n_tokens, pad_id=padding, pad_token=_PAD)
        tokenizer.enable_truncation(n_tokens)
    except Exception as error:  # the library says of broken tokenizers whatever it likes
        raise broken() from error
    return tokenizer


def joint_context(clips: Sequence[FloatArray], t5: FloatArray | None, width: int) -> FloatArray:
    """What the transformer hears, (L, `width`): the CLIPs beside each other, then T5, of which zeros stand for none.

    Raises UserError where the encoders are wider than the transformer hears.
    """
    beside = np.concatenate(clips, 1)
    last = np.zeros((N_TOKENS, width), np.float32) if t5 is None else t5
    if beside.shape[1] > width or last.shape[1] != width:
        raise UserError(N_("The text encoders of this pipeline do not fit its transformer."))
    return np.concatenate([np.pad(beside, ((0, 0), (0, width - beside.shape[1]))), last])
