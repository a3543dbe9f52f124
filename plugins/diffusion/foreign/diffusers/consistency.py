"""Consistency models: from any noise to a clean picture at once (Song et al. 2023, arXiv 2303.01469)."""

import numpy as np
import torch
from torch import Tensor

from studio.core.error import UserError
from studio.core.translation import N_

from ...shared.model.denoiser import Condition, Denoise, Guidance
from .class_names import number_of_class
from .pixels import PixelPipeline

ASKED = "asked"


class ConsistencyPipeline(PixelPipeline):
    """Pixels, of a class where the network was taught classes; there is nothing to guide with."""

    def embed(self, prompt: str, negative: str = "") -> Condition:
        """See DiffusionModel; raises UserError for a class that the model does not know."""
        if not self._pipeline.n_classes:
            return super().embed(prompt, negative)
        if negative.strip():
            raise UserError(N_("This model cannot avoid words."), N_("Leave “Avoid” empty."))
        number = number_of_class(prompt, self._pipeline.n_classes, self._pipeline.class_names)
        return Condition(prompt.strip(), (), {ASKED: np.array([number], np.float32)})

    def denoiser(self, condition: Condition, guidance: Guidance, with_attention: bool = False) -> Denoise:
        """See DiffusionModel."""
        noise, asked = self._config.consistency, condition.arrays.get(ASKED)
        assert noise is not None  # or the folder was refused
        label = None if asked is None else torch.tensor([int(asked[0])], device=self._device)

        def clean(x: Tensor, time: float, maps: list[Tensor] | None) -> Tensor:
            shares = noise.shares(*self.schedule.alpha_sigma(time))
            told = torch.tensor(shares.told, device=x.device)
            said: Tensor = self._unet(shares.seen * x, told, class_labels=label, return_dict=False)[0]
            return shares.counted * said + shares.kept * x

        return self._denoise(clean, guidance, (True, False), None)
