"""The skeleton of every training: micro-batches, one optimiser, averaged weights, resumable to the step."""

import copy
import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import asdict, dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from studio.compute.distributed import current_ranks, lost_peers
from studio.compute.machine import training_autocast
from studio.compute.train_settings import TrainSettings
from studio.core.error import UserError
from studio.core.pausing import working_s
from studio.core.seed import generator
from studio.core.translation import N_
from studio.nn.adam import AdamW
from studio.nn.network_file import present_names
from studio.nn.pausing_layers import pause_between_layers

LossFunction = Callable[[nn.Module, int, int], tuple[Tensor, dict[str, Tensor]]]


@dataclass(frozen=True)
class TrainStep:
    """What is known after one micro-batch.

    Attributes:
        step: the number of its step, counted from 0.
        n_steps: how many are wanted.
        micro: its number within the step.
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


class _Objective(nn.Module):
    """The loss as a module, since gradients are averaged over ranks for modules only."""

    def __init__(self, model: nn.Module, loss_function: LossFunction) -> None:
        super().__init__()
        self._model = model
        self._loss_function = loss_function

    def forward(self, step: int, micro: int) -> tuple[Tensor, dict[str, Tensor]]:
        loss, scalars = self._loss_function(self._model, step, micro)
        return loss, {name: value.detach() for name, value in scalars.items()}


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
        is_whole: False where it was torn away while the weights changed, and must not be saved.
    """

    def __init__(
        self, model: nn.Module, loss_function: LossFunction, settings: TrainSettings, device: torch.device
    ) -> None:
        self.settings = settings
        self.device = device
        self.model = model.to(device)
        self.model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # missing in torch's stubs
        if device.type == "cpu":  # a hand does not wait for a micro-batch; a card is done with one sooner
            pause_between_layers(self.model, large=0)
        self._ranks = current_ranks()
        self._rounds = self._ranks.deal(settings.n_micro)
        self.loss_function = loss_function
        self._objective = self._ranks.parallel(_Objective(self.model, loss_function))
        self.average = copy.deepcopy(self.model).eval().requires_grad_(False)
        self.step = 0
        self.seconds = 0.0
        self.is_whole = True
        self._optimiser = AdamW(
            self.model.parameters(), settings.learning_rate, (settings.momentum, 0.99), settings.weight_decay
        )

    def run(self) -> Iterator[TrainStep]:
        """Train to the last step, yielding after every micro-batch; may be left at any time and entered again."""
        n_steps, n_micro = self.settings.n_steps, self.settings.n_micro
        while self.step < n_steps:
            step = self.step
            self._optimiser.zero_grad()  # a step that was left half done begins anew
            for first in self._rounds:
                is_last = first == self._rounds[-1]
                for micro, (loss, scalars) in enumerate(self._learn(first, is_last), first):
                    if micro == n_micro - 1:
                        self._update()
                    yield TrainStep(step, n_steps, micro, micro == n_micro - 1, loss, scalars)

    def _learn(self, first: int, is_last: bool) -> list[tuple[float, dict[str, float]]]:
        """Add the gradients of this rank's micro-batch of a round; returns the losses of all ranks' ones."""
        start = working_s()
        micro = first + self._ranks.rank
        with enough_memory(), lost_peers(), nullcontext() if is_last else self._ranks.apart(self._objective):
            with self.autocast(), self._own_random(micro):
                loss, scalars = self._objective(self.step, micro)
            (loss / len(self._rounds)).backward()
        everyone = self._ranks.gather([float(loss.detach()), *map(float, scalars.values())])
        if not all(math.isfinite(values[0]) for values in everyone):
            raise DivergedError()
        self.seconds += working_s() - start
        return [(values[0], dict(zip(scalars, values[1:], strict=True))) for values in everyone]

    @contextmanager
    def _own_random(self, micro: int) -> Iterator[None]:
        """Let torch's own numbers (dropout) follow from step and micro-batch, and leave its generator as it was."""
        cards = [torch.cuda.current_device()] if self.device.type == "cuda" else []
        with torch.random.fork_rng(cards):
            # torch.manual_seed would note a stack for each kind of device that is not there: 1.5 ms, and it keeps them.
            seed = torch.default_generator.manual_seed if self.device.type == "cpu" else torch.manual_seed
            seed(int(generator(0, "micro-batch", self.step, micro).integers(2**63)))
            yield

    @property
    def n_bytes(self) -> int:
        """About how much room its saved state takes: the weights, their average, the best, and two moments each."""
        return 5 * sum(int(value.nbytes) for value in self.model.state_dict().values())

    def autocast(self) -> AbstractContextManager[Any]:
        """The precision of this device's training."""
        return training_autocast(self.device)

    def _update(self) -> None:
        start = working_s()
        norm = nn.utils.clip_grad_norm_(self.model.parameters(), self.settings.clip_norm)
        if not math.isfinite(float(norm)):
            raise DivergedError()
        self._optimiser.rate = self.settings.rate_at(self.step)
        self.is_whole = False
        with enough_memory():
            self._optimiser.step()
        self.step += 1
        self._follow()
        self.is_whole = True
        self.seconds += working_s() - start

    @torch.no_grad()
    def _follow(self) -> None:
        """Move the averaged weights; early on they forget faster, or the start would stay in them."""
        decay = min(self.settings.average_decay, self.step / (self.step + 10))
        pairs = zip(self.average.state_dict().values(), self.model.state_dict().values(), strict=True)
        for average, current in pairs:
            average.lerp_(current, 1 - decay) if average.is_floating_point() else average.copy_(current)

    def average_copy(self) -> dict[str, Tensor]:
        """The averaged weights as they are now, on the CPU."""
        return {name: value.detach().cpu().clone() for name, value in self.average.state_dict().items()}

    def set_average(self, weights: Mapping[str, Tensor]) -> None:
        """Take what `average_copy` gave once."""
        self.average.load_state_dict(weights)

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
                    N_("This training was started with different micro-batches."),
                    N_("Start it again, or use its settings."),
                )
            self.model.load_state_dict(present_names(state["model"]))
            self.average.load_state_dict(present_names(state["average"]))
            self._optimiser.load_state_dict(state["optimiser"])
            self.step = int(state["step"])
            self.seconds = float(state["seconds"])
        except (KeyError, RuntimeError, ValueError, TypeError) as error:
            raise UserError(
                N_("The state of the training does not match this model."), N_("Start the training again.")
            ) from error


@contextmanager
def enough_memory() -> Iterator[None]:
    """Say in a sentence that the memory is used up, where torch says it in its own words."""
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if not isinstance(error, MemoryError | torch.OutOfMemoryError) and "allocate memory" not in str(error):
            raise
        raise UserError(
            N_("There is not enough memory for this training."), N_("Use smaller batches, or close other programs.")
        ) from error
