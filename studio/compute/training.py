"""The skeleton of every training: micro-batches, one optimiser, averaged weights, resumable to the step."""

import copy
import math
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from studio.compute.precision import training_autocast
from studio.compute.train_settings import TrainSettings
from studio.core.error import UserError
from studio.core.seed import generator
from studio.core.text import N_

LossFunction = Callable[[nn.Module, int, int], tuple[Tensor, dict[str, Tensor]]]


@dataclass(frozen=True)
class TrainStep:
    """What is known after one micro-batch.

    Attributes:
        step, n_steps: optimiser steps done, and wanted.
        micro: number of the micro-batch within the step.
        is_whole: whether it was the last one, which makes the step done.
        loss: of this micro-batch.
        scalars: named parts of the loss, and the like.
    """

    step: int
    n_steps: int
    micro: int
    is_whole: bool
    loss: float
    scalars: dict[str, float] = field(default_factory=dict)


class DivergedError(UserError):
    """A loss or a gradient is no number; the weights are those of the step before."""

    def __init__(self) -> None:
        super().__init__(N_("The training has diverged."), N_("Try a smaller learning rate."))


class Training:
    """One training that can be advanced, saved and resumed.

    Attributes:
        model: the network that learns.
        average: its averaged copy, in eval mode; what previews, cards and shipped weights use.
        loss_function: (model, step, micro) to the loss of a micro-batch and its named parts.
        step: optimiser steps done.
        seconds: spent on them, also before a resume.
    """

    def __init__(
        self, model: nn.Module, loss_function: LossFunction, settings: TrainSettings, device: torch.device
    ) -> None:
        self.settings = settings
        self.device = device
        self.model = model.to(device)
        self.model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # missing in torch's stubs
        self.average = copy.deepcopy(self.model).eval().requires_grad_(False)
        self.step = 0
        self.seconds = 0.0
        self.loss_function = loss_function
        self._optimiser = torch.optim.AdamW(
            self.model.parameters(), lr=settings.learning_rate, betas=(0.9, 0.99), weight_decay=settings.weight_decay
        )

    def run(self) -> Iterator[TrainStep]:
        """Train to the last step, yielding after every micro-batch; may be left at any time and entered again."""
        while self.step < self.settings.n_steps:
            self._optimiser.zero_grad(set_to_none=True)  # a step that was left half done begins anew
            for micro in range(self.settings.n_micro):
                start = time.perf_counter()
                loss, scalars = self._learn(micro)
                is_whole = micro == self.settings.n_micro - 1
                if is_whole:
                    self._update()
                self.seconds += time.perf_counter() - start
                yield TrainStep(self.step, self.settings.n_steps, micro, is_whole, loss, scalars)

    def _learn(self, micro: int) -> tuple[float, dict[str, float]]:
        with self.autocast(), self._own_random(micro):
            loss, scalars = self.loss_function(self.model, self.step, micro)
        if not math.isfinite(float(loss.detach())):
            raise DivergedError()
        (loss / self.settings.n_micro).backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        return float(loss.detach()), {name: float(value.detach()) for name, value in scalars.items()}

    @contextmanager
    def _own_random(self, micro: int) -> Iterator[None]:
        """Let torch's own numbers (dropout) follow from step and micro-batch, and leave its generator as it was."""
        cards = [torch.cuda.current_device()] if self.device.type == "cuda" else []
        with torch.random.fork_rng(cards):
            torch.manual_seed(int(generator(0, "micro-batch", self.step, micro).integers(2**63)))
            yield

    def autocast(self) -> AbstractContextManager[Any]:
        """The precision of this device's training."""
        return training_autocast(self.device)

    def _update(self) -> None:
        norm = nn.utils.clip_grad_norm_(self.model.parameters(), self.settings.clip_norm)
        if not math.isfinite(float(norm)):
            raise DivergedError()
        for group in self._optimiser.param_groups:
            group["lr"] = self.settings.rate_at(self.step)
        self._optimiser.step()
        self.step += 1
        self._follow()

    @torch.no_grad()
    def _follow(self) -> None:
        """Move the averaged weights; early on they forget faster, or the start would stay in them."""
        decay = min(self.settings.average_decay, self.step / (self.step + 10))
        pairs = zip(self.average.state_dict().values(), self.model.state_dict().values(), strict=True)
        for average, current in pairs:
            average.lerp_(current, 1 - decay) if average.is_floating_point() else average.copy_(current)

    def state(self) -> dict[str, Any]:
        """Everything that decides the following steps."""
        return {
            "model": self.model.state_dict(),
            "average": self.average.state_dict(),
            "optimiser": self._optimiser.state_dict(),
            "step": self.step,
            "seconds": self.seconds,
            "settings": asdict(self.settings),
        }

    def load(self, state: Mapping[str, Any]) -> None:
        """Go on from a saved state.

        Raises:
            UserError: it does not fit this network or this size of micro-batches.
        """
        try:
            if state["settings"]["n_micro"] != self.settings.n_micro:
                raise UserError(
                    N_("This training was started with other micro-batches."),
                    N_("Start it again, or use its settings."),
                )
            self.model.load_state_dict(state["model"])
            self.average.load_state_dict(state["average"])
            self._optimiser.load_state_dict(state["optimiser"])
            self.step = int(state["step"])
            self.seconds = float(state["seconds"])
        except (KeyError, RuntimeError, ValueError, TypeError) as error:
            raise UserError(
                N_("The state of the training does not fit this model."), N_("Start the training again.")
            ) from error
