"""AdamW by torch's own kernel, without what torch.optim loads at the first step.

Kingma and Ba 2015 (arXiv 1412.6980), Loshchilov and Hutter 2019 (arXiv 1711.05101). torch.optim.AdamW imports a
compiler when it is made: four seconds in which nothing else is computed, and 160 MB that stay.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import torch
from torch import Tensor
from torch.optim.adamw import adamw

TINY: Final = 1e-8
_KEYS: Final = ("exp_avg", "exp_avg_sq", "step")


class AdamW:
    """Moves leaf tensors against their gradients; one without a gradient stays where it is, and so do its moments.

    Attributes:
        rate: the learning rate of the next step.
    """

    def __init__(
        self,
        values: Iterable[Tensor],
        rate: float,
        betas: tuple[float, float] = (0.9, 0.999),
        weight_decay: float = 0.0,
    ) -> None:
        self.rate = rate
        self._values = list(values)
        self._betas, self._weight_decay = betas, weight_decay
        self._moments: dict[int, dict[str, Tensor]] = {}

    def zero_grad(self) -> None:
        """Forget the gradients."""
        for value in self._values:
            value.grad = None

    @torch.no_grad()
    def step(self) -> None:
        """One step, in one pass over each tensor."""
        places = [place for place, value in enumerate(self._values) if value.grad is not None]
        moments = [self._moments.setdefault(place, _no_moments(self._values[place])) for place in places]
        means, squares, steps = ([one[key] for one in moments] for key in _KEYS)
        adamw(
            [self._values[place] for place in places],
            [gradient for place in places if (gradient := self._values[place].grad) is not None],
            means,
            squares,
            [],
            steps,
            fused=True,
            amsgrad=False,
            beta1=self._betas[0],
            beta2=self._betas[1],
            lr=self.rate,
            weight_decay=self._weight_decay,
            eps=TINY,
            maximize=False,
        )

    def state_dict(self) -> dict[str, Any]:
        """The moments, as torch.optim.AdamW names them."""
        return {"state": {place: dict(moments) for place, moments in self._moments.items()}}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on with moments of the same tensors, also with those that torch.optim.AdamW saved.

        Raises:
            ValueError: they are those of others.
        """
        moments = {int(place): _moments_like(self._values, int(place), one) for place, one in state["state"].items()}
        self._moments = moments


def _no_moments(value: Tensor) -> dict[str, Tensor]:
    steps = torch.zeros((), dtype=torch.float32, device=value.device)
    return {"exp_avg": torch.zeros_like(value), "exp_avg_sq": torch.zeros_like(value), "step": steps}


def _moments_like(values: list[Tensor], place: int, saved: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Saved moments, with the device and the layout of what they belong to."""
    if not 0 <= place < len(values):
        raise ValueError(f"there is no tensor {place} of {len(values)}")
    moments = _no_moments(values[place])
    for key, moment in moments.items():
        if saved[key].shape != moment.shape:
            raise ValueError(f"{key} of tensor {place} has the shape {tuple(saved[key].shape)}")
        moment.copy_(saved[key])
    return moments
