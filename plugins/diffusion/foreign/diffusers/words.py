"""Pipelines of other people that make a picture from words, as models of this family.

Shape letters: C H W of what is denoised, E of a whole prompt.
"""

from collections.abc import Mapping
from copy import copy
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor

from studio.core.error import UserError
from studio.core.translation import N_

from ...shared.adapters import Adapter
from ...shared.model.denoiser import Condition, Denoise, FloatArray, Guidance
from ...shared.model.inpainting import mask_of_x
from ...shared.model.prediction import halves_needed
from ..lora.merging import AdaptedNetworks
from .described import PipelineFolder
from .guided_transformer import GuidedFlux, GuidedTransformer, HeardPrompt
from .guided_unet import GuidedUNet, PromptKeys
from .kinds import FLOWS
from .pixels import LatentPipeline
from .prompts import Prompts

WITHOUT: Final = "without_"
"""What the names of the arrays of the half that the prompt is held against begin with."""
SEEN: Final = "seen"
"""Where a condition holds what a U-Net sees beside x."""
SCORES: Final = {"": 6.0, WITHOUT: 2.5}
"""How beautiful a picture is to be, and what it is held against (1..10, the usual ones of that library)."""
GREY, KEPT_BELOW = 0.5, 0.5


class TextPipeline(LatentPipeline):
    """Stable Diffusion: words to latents to a picture."""

    has_attention = True

    def __init__(self, pipeline: PipelineFolder, dtype: torch.dtype, device: torch.device) -> None:
        super().__init__(pipeline, dtype, device)
        is_flow = pipeline.kind in FLOWS
        made = GuidedFlux if pipeline.kind == "flux" else GuidedTransformer
        self._guided: Any = made(self._unet, pipeline.scheduler.n_times) if is_flow else GuidedUNet(self._unet)
        self.has_attention = not is_flow
        self._prompts = Prompts(pipeline, dtype, device)
        self.networks += self._prompts.networks
        adaptable = {pipeline.denoiser.name: self._unet, **self._prompts.clips}
        self._adapted = AdaptedNetworks(pipeline.components, adaptable)
        self._adapters: tuple[Adapter, ...] = ()
        self._nothing_known: list[FloatArray] = []

    def wearing(self, adapters: tuple[Adapter, ...]) -> "TextPipeline":
        """See Adaptable; all that it returns share one memory, whose weights are changed when one of them is asked."""
        changed = copy(self)
        changed._adapters = adapters
        return changed

    def check_adapter(self, path: Path) -> None:
        """See Adaptable."""
        self._adapted.check(path)

    def embed(self, prompt: str, negative: str = "") -> Condition:
        """See DiffusionModel; a prompt that is too long is cut, and says so by what the condition calls it."""
        self._adapted.wear(self._adapters)
        if negative.strip() and self._pipeline.hears_guidance:
            raise UserError(N_("This model cannot avoid words."), N_("Leave “Avoid” empty."))
        words = self._prompts.tokenizer.tokenise(prompt)
        asked, held = self._prompts.features(prompt), self._prompts.features(negative)
        if not negative and self._pipeline.empties_negative:
            held = {name: np.zeros_like(values) for name, values in held.items()}
        arrays = asked | {WITHOUT + name: values for name, values in held.items()}
        counts = (np.array(words.owners) >= 0).astype(np.float32) if self.has_attention else None
        return Condition(words.text, words.words, arrays, counts)

    @torch.inference_mode()
    def denoiser(self, condition: Condition, guidance: Guidance, with_attention: bool = False) -> Denoise:
        """See DiffusionModel."""
        self._adapted.wear(self._adapters)
        hears = self._pipeline.hears_guidance
        needed = (True, False) if hears else halves_needed(guidance)
        # The conditional half comes last, where its maps are taken.
        names = [name for name, is_needed in ((WITHOUT, needed[1]), ("", needed[0])) if is_needed]
        heard = self._heard(condition.arrays, names)
        if hears:
            heard = replace(heard, told=self._guided.told(guidance.scale))
        words = (
            self._prompts.tokenizer.tokenise(condition.prompt)
            if with_attention and self.has_attention and needed[0]
            else None
        )

        seen = self._seen(condition)

        def halves(x: Tensor, time: float, maps: list[Tensor] | None) -> Tensor:
            self._adapted.wear(self._adapters)  # another run may have come between
            return self._asked(x if seen is None else torch.cat([x, seen], 1), time, heard, maps)

        return self._denoise(halves, guidance, needed, words if words is not None and words.words else None)

    def _asked(self, x: Tensor, time: float, heard: PromptKeys | HeardPrompt, maps: list[Tensor] | None) -> Tensor:
        found: Tensor
        found = self._guided(x, time, heard) if maps is None else self._guided(x, time, heard, maps)
        return found

    def _heard(self, arrays: Mapping[str, FloatArray], names: list[str]) -> PromptKeys | HeardPrompt:
        def stacked(name: str) -> Tensor:
            values = np.stack([arrays[half + name] for half in names])
            return torch.from_numpy(values).to(self._device, self._dtype)

        if "pooled" not in arrays:
            return self._guided.hear(stacked("context"))
        if self._pipeline.kind in FLOWS:
            return self._guided.hear(stacked("context"), stacked("pooled"))
        facts = torch.tensor([self._facts(half) for half in names], device=self._device)
        return self._guided.hear(stacked("context"), stacked("pooled"), facts)

    def _facts(self, half: str) -> list[float]:
        """What SDXL hears of its training picture: its size and place, and the size or the score that is wished for."""
        height, width = (float(side) for side in self.size)
        wished = [SCORES[half]] if self._pipeline.hears_score else [height, width]
        return [height, width, 0.0, 0.0, *wished]

    def with_known(self, condition: Condition, picture: FloatArray, mask: FloatArray) -> Condition:
        """See SeesKnown."""
        if not self._pipeline.sees_known:
            return condition
        where = mask_of_x(mask, self.shape)[0].numpy()  # (1, h, w)
        kept = picture + (mask[:, :, None] >= KEPT_BELOW) * (GREY - picture)
        seen = np.concatenate([where, self.encode(kept)[0].numpy()])
        return replace(condition, arrays={**condition.arrays, SEEN: seen})

    def _seen(self, condition: Condition) -> Tensor | None:
        """Where x is made anew and what else is known, (1, 1 + C, h, w); None for a U-Net that only sees x."""
        if not self._pipeline.sees_known:
            return None
        if SEEN not in condition.arrays and not self._nothing_known:
            all_new = np.ones(self.size, np.float32)
            blank = self.with_known(Condition(""), np.full((*self.size, 3), GREY, np.float32), all_new)
            self._nothing_known.append(blank.arrays[SEEN])
        seen = condition.arrays[SEEN] if SEEN in condition.arrays else self._nothing_known[0]
        return torch.from_numpy(np.asarray(seen))[None].to(self._device, self._dtype)
