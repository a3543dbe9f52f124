"""The tokenizer and the text encoder of Stable Diffusion (CLIP).

L_p tokens with padding, D features. The tokenizer is made from its vocabulary and merges, which are plain data.
"""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from ...shared.model.denoiser import FloatArray
from .tokens import WordTokenizer
from .vocabulary import ClipVocabulary, broken


class ClipTokenizer(WordTokenizer):
    """Its tokens say themselves where a word ends."""

    def __init__(self, vocabulary: ClipVocabulary, n_positions: int) -> None:
        """Make the tokenizer; raises UserError where its vocabulary is no good."""
        from transformers import CLIPTokenizer

        settings = dict(vocabulary.settings)
        length = settings.pop("model_max_length", n_positions)
        n_tokens = min(length, n_positions) if type(length) is int and length > 2 else n_positions
        try:
            made = CLIPTokenizer(vocab=dict(vocabulary.ids), merges=list(vocabulary.merges), **settings)
        except Exception as error:  # the library says of broken vocabularies whatever it likes
            raise broken() from error
        super().__init__(made, n_tokens)

    def _ends_word(self, token: str, following: str) -> bool:
        return token.endswith("</w>") or token == self._tokenizer.unk_token


class ClipEncoder:
    """A text encoder with its tokenizer."""

    def __init__(self, tokenizer: WordTokenizer, model: Any, takes_last: bool) -> None:
        """`takes_last` is whether the U-Net reads the last layer (SD) or the one before, without its norm (SDXL)."""
        self.tokenizer = tokenizer
        self.network = model
        self._takes_last = takes_last

    @torch.inference_mode()
    def encode(self, ids: tuple[int, ...]) -> tuple[FloatArray, FloatArray | None]:
        """Features (L_p, D), and of the whole prompt (D,) where the encoder has a projection for it."""
        device = next(self.network.parameters()).device
        said = self.network(torch.tensor([ids], device=device), output_hidden_states=not self._takes_last)
        hidden = said.last_hidden_state if self._takes_last else said.hidden_states[-2]
        pooled = getattr(said, "text_embeds", None)
        return _array(hidden), None if pooled is None else _array(pooled)

    @torch.inference_mode()
    def whole(self, ids: tuple[int, ...]) -> FloatArray:
        """Features of the whole prompt (D,), as an encoder without a projection has them."""
        device = next(self.network.parameters()).device
        return _array(self.network(torch.tensor([ids], device=device)).pooler_output)


def _array(values: Tensor) -> FloatArray:
    return np.ascontiguousarray(values[0].float().cpu().numpy())
