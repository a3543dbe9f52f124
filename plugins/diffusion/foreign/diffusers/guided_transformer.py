"""The transformers of Stable Diffusion 3 and Flux with both halves of the guidance in one batch (arXiv 2403.03206).

B halves, C channels, H W of the latents, L tokens, D features.
"""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from ...shared.model.flow_time import length_of, share_of


@dataclass(frozen=True, eq=False)
class HeardPrompt:
    """Attributes: context: of every token, (B, L, D). pooled: of the whole prompt, (B, E).
    told: the guidance, (1,), for a network that is told it.
    """

    context: Tensor
    pooled: Tensor
    told: Tensor | None = None


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
        flow = (length_of(share) * x).expand(n_halves, -1, -1, -1)
        return self._said(flow, torch.full((n_halves,), share, device=x.device), heard)

    def _said(self, flow: Tensor, share: Tensor, heard: HeardPrompt) -> Tensor:
        said: Tensor = self._transformer(flow, heard.context, heard.pooled, self._n_times * share, return_dict=False)[0]
        return said


class GuidedFlux(GuidedTransformer):
    """The same for Flux, one token of which is a square of two by two latents."""

    def told(self, guidance: float) -> Tensor:
        """A guidance as the network is told it, (1,)."""
        return torch.tensor([guidance], device=self._transformer.device)

    def _said(self, flow: Tensor, share: Tensor, heard: HeardPrompt) -> Tensor:
        height, width = flow.shape[2] // 2, flow.shape[3] // 2
        rows, columns = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
        places = torch.stack([torch.zeros_like(rows), rows, columns], 2).flatten(0, 1)
        said = self._transformer(
            F.pixel_unshuffle(flow, 2).flatten(2).transpose(1, 2),
            encoder_hidden_states=heard.context,
            pooled_projections=heard.pooled,
            timestep=share.to(flow.dtype),
            img_ids=places.to(flow.device, flow.dtype),
            txt_ids=flow.new_zeros(heard.context.shape[1], 3),
            guidance=None if heard.told is None else heard.told.expand(len(flow)),
            return_dict=False,
        )[0]
        return F.pixel_shuffle(said.transpose(1, 2).unflatten(2, (height, width)), 2)
