"""DiT: a transformer that hears a class by its number (Peebles and Xie 2023, arXiv 2212.09748)."""

from typing import Final

import numpy as np
import torch
from torch import Tensor

from ...shared.model.denoiser import Condition, Denoise, Guidance
from ...shared.model.prediction import halves_needed
from .class_names import number_of_class
from .pixels import LatentPipeline

ASKED: Final = ("without", "asked")


class ClassPipeline(LatentPipeline):
    """A class, by number or name, to latents to a picture; no class at all where nothing is asked for."""

    def embed(self, prompt: str, negative: str = "") -> Condition:
        """See DiffusionModel; raises UserError for a class that the model does not know."""
        numbers = {name: self._number(text) for name, text in zip(ASKED, (negative, prompt), strict=True)}
        return Condition(prompt.strip(), (), {name: np.array([one], np.float32) for name, one in numbers.items()})

    def _number(self, text: str) -> int:
        """Of the class, or what no class was called in the training."""
        n_classes, names = self._pipeline.n_classes, self._pipeline.class_names
        return number_of_class(text, n_classes, names) if text.strip() else n_classes

    def denoiser(self, condition: Condition, guidance: Guidance, with_attention: bool = False) -> Denoise:
        """See DiffusionModel."""
        needed = halves_needed(guidance)
        names = [name for name, is_needed in zip(ASKED, reversed(needed), strict=True) if is_needed]
        classes = torch.tensor([int(condition.arrays[name][0]) for name in names], device=self._device)

        def halves(x: Tensor, time: float, maps: list[Tensor] | None) -> Tensor:
            both, times = x.expand(len(classes), -1, -1, -1), torch.full((len(classes),), time, device=x.device)
            said: Tensor = self._unet(both, timestep=times, class_labels=classes, return_dict=False)[0]
            return said[:, : x.shape[1]]  # what follows is how sure it is

        return self._denoise(halves, guidance, needed, None)
