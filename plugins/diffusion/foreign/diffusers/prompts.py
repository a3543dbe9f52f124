"""The text encoders of a pipeline, and what its network hears of a text.

Shape letters: L_p tokens with padding, D features, E of the whole text.
"""

from typing import Final

import numpy as np
import torch
from torch import nn

from ...shared.model.denoiser import FloatArray
from .bert_text import BertTokenizer
from .clip_text import ClipEncoder, ClipTokenizer
from .described import Component, PipelineFolder
from .loading import load_component
from .shapes import OPEN_CLIPS
from .t5_text import N_FLUX_TOKENS, N_TOKENS, T5Encoder, joint_context
from .tokens import WordTokenizer
from .vocabulary import clip_vocabulary, read_vocabulary

T5: Final = "T5EncoderModel"
ENCODERS: Final = ("text_encoder", "text_encoder_2")


class Prompts:
    """Attributes: clips: the networks of its CLIPs by their names. networks: those and T5's."""

    def __init__(self, pipeline: PipelineFolder, dtype: torch.dtype, device: torch.device) -> None:
        self._pipeline, self._dtype, self._device = pipeline, dtype, device
        parts = pipeline.components
        names = [name for name in ENCODERS if name in parts and parts[name].class_name != T5]
        self._encoders = [self._encoder(name) for name in names]
        self.clips = {name: encoder.network for name, encoder in zip(names, self._encoders, strict=True)}
        self.networks: tuple[nn.Module, ...] = tuple(self.clips.values())
        self._t5 = next((self._large_encoder(one) for one in parts.values() if one.class_name == T5), None)

    @property
    def tokenizer(self) -> WordTokenizer:
        """The one that says which words a prompt has."""
        return self._encoders[0].tokenizer

    def _encoder(self, name: str) -> ClipEncoder:
        component = self._pipeline.components[name]
        model = load_component(component, self._dtype, self._device)
        return ClipEncoder(self._tokenizer(name, component), model, takes_last=self._pipeline.kind in ("ldm", "sd"))

    def _tokenizer(self, name: str, component: Component) -> WordTokenizer:
        positions = component.config.get("max_position_embeddings", 77)
        folder = self._pipeline.path / name.replace("text_encoder", "tokenizer")
        if self._pipeline.kind == "ldm":
            return BertTokenizer(folder, positions)
        is_whole_file = bool(component.prefix)
        found = clip_vocabulary(component.prefix in OPEN_CLIPS) if is_whole_file else read_vocabulary(folder)
        return ClipTokenizer(found, positions)

    def _large_encoder(self, component: Component) -> T5Encoder:
        model = load_component(component, self._dtype, self._device)
        self.networks += (model,)
        folder = self._pipeline.path / component.name.replace("text_encoder", "tokenizer")
        return T5Encoder(folder, model, N_FLUX_TOKENS if self._pipeline.kind == "flux" else N_TOKENS)

    def features(self, text: str) -> dict[str, FloatArray]:
        """What the network hears of a text: "context" (L_p, D), and but for SD 1 and 2 "pooled" (E,)."""
        if self._pipeline.kind == "flux" and self._t5 is not None:
            (clip,) = self._encoders
            return {"context": self._t5.encode(text), "pooled": clip.whole(clip.tokenizer.tokenise(text).ids)}
        said = [encoder.encode(encoder.tokenizer.tokenise(text).ids) for encoder in self._encoders]
        if self._pipeline.kind == "sd3":
            width = self._pipeline.denoiser.config["joint_attention_dim"]
            t5 = None if self._t5 is None else self._t5.encode(text)
            both = np.concatenate([whole for _, whole in said if whole is not None])
            return {"context": joint_context([hidden for hidden, _ in said], t5, width), "pooled": both}
        context = np.concatenate([hidden for hidden, _ in said], 1)
        pooled = said[-1][1]
        return {"context": context} if pooled is None else {"context": context, "pooled": pooled}
