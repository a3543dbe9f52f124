"""How a model is trained, and which of it a person may choose."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Self

from studio.core.param import changed_params, param
from studio.core.translation import N_


@dataclass(frozen=True)
class TrainSettings:
    """How a model is trained; what is declared as a parameter may be chosen by a person.

    Attributes:
        n_steps: optimiser steps.
        n_micro: micro-batches whose gradients make one step; fixed, since sums in another order differ in the last bit.
        learning_rate: its highest value, reached after n_warmup steps, kept, and lowered to zero in the last n_decay.
        weight_decay: of AdamW.
        momentum: how much of the mean gradient is kept from step to step (Adam's first beta); rivals want little.
        clip_norm: longest gradient.
        average_decay: of the exponential moving average of the weights, ramped up at the start.
        keep_best: end with the averaged weights that were the best on held-out data, instead of the last ones.
    """

    n_steps: int
    n_micro: int = param(
        1,
        label=N_("Batches per step"),
        help=N_("How many batches are looked at before the network changes; more make a step steadier but slower."),
        low=1,
        high=1024,
    )
    learning_rate: float = param(
        1e-3,
        label=N_("Learning rate"),
        help=N_("How far each step changes the network; if it is too high, the training diverges."),
        low=1e-7,
        high=1.0,
    )
    n_warmup: int = 100
    n_decay: int = 500
    weight_decay: float = 0.0
    momentum: float = 0.9
    clip_norm: float = 1.0
    average_decay: float = 0.998
    keep_best: bool = param(
        False,
        label=N_("Keep the best"),
        help=N_("Keep the network as it was when it did best on held-out data, instead of as it is at the end."),
    )

    def chosen(self, values: Mapping[str, str], n_steps: int | None) -> Self:
        """The same with the values and, where given, the number of steps that a person chose.

        Raises:
            UserError: there is no such setting, or its value is none that it can have.
        """
        changed = changed_params(self, values)
        return changed if n_steps is None else changed.shortened(n_steps)

    def shortened(self, n_steps: int) -> Self:
        """The same training over another number of steps, rise and fall of the learning rate in proportion."""
        scale = n_steps / self.n_steps
        return replace(
            self, n_steps=n_steps, n_warmup=int(self.n_warmup * min(1.0, scale)), n_decay=int(self.n_decay * scale)
        )

    def rate_at(self, step: int) -> float:
        """The learning rate of the step with this number, counted from 0."""
        rise = min(1.0, (step + 1) / max(1, self.n_warmup))
        fall = min(1.0, (self.n_steps - step) / max(1, self.n_decay))
        return self.learning_rate * min(rise, fall)
