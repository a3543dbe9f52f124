"""The transformer of Stable Diffusion 3 with both halves of the guidance in one batch (arXiv 2403.03206).

B halves, C channels, H W of the latents, L tokens, D features.
"""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from ...shared.model.flow_time import length_of, share_of


@dataclass(frozen=True, eq=False)
class HeardPrompt:
    """Attributes: context: of every token, (B, L, D). pooled: of the whole prompt, (B, E)."""

    context: Tensor
    pooled: Tensor


class GuidedTransformer:
    """Takes x with the variance kept, as the whole family has it, and asks the network about the flow's x."""

    def __init__(self, transformer: Any, n_times: int) -> None:
        self._transformer, self._n_times = transformer, n_times

    def hear(self, context: Tensor, pooled: Tensor) -> HeardPrompt:
        """Prepare a prompt: tokens (B, L, D) and the whole (B, E)."""
        return HeardPrompt(context, pooled)

    def __call__(self, x: Tensor, time: float, heard: HeardPrompt) -> Tensor:
        """The velocity (B, C, H, W) of x (1, C, H, W)."""
        share, n_halves = share_of(time, self._n_times), len(heard.context)
        told = torch.full((n_halves,), self._n_times * share, device=x.device)
        flow = (length_of(share) * x).to(x.dtype).expand(n_halves, -1, -1, -1)
        said: Tensor = self._transformer(flow, heard.context, heard.pooled, told, return_dict=False)[0]
        return said
