"""The skeleton of a recipe: each declares data, network, objective, preview, validation and card; imports torch."""

from abc import ABC, abstractmethod
from collections.abc import Generator, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final, Generic, Self, TypeAlias, TypeVar

import torch
from torch import nn

from studio.api.engine import known_file
from studio.compute.curve import measuring_frames
from studio.compute.timed_training import peer_checkpoint
from studio.compute.train_options import TrainOptions
from studio.compute.train_settings import TrainSettings
from studio.compute.trained_facts import trained_facts, which_set
from studio.compute.training import LossFunction, Training
from studio.compute.training_loop import Preview, SlowPreview, Validation, follow_training
from studio.core.card import Check
from studio.core.container.source import printable
from studio.core.frame import Frame
from studio.core.translation import N_
from studio.datasets.split import Split

Data = TypeVar("Data")
Result = TypeVar("Result")
Measuring: TypeAlias = Generator[Any, None, Result]
"""Yields at least several times a second, so that others get a turn, and returns the result."""
PERSONAL: Final = ("data", "start_from")
"""Settings that no card tells: where a person's files lie is nobody's business."""
MOST_LOSS: Final = 1.0


@dataclass(frozen=True, kw_only=True)
class ModelRecipe:
    """What every recipe says of the model that it makes; see `studio.api.engine.Recipe`.

    Attributes:
        kind: as the card names it, in families of several kinds.
        makes_model: whether a panel can open what it makes; else it is a part of a model, and only commands train it.
    """

    id: str
    title: str
    summary: str
    task: str = ""
    minutes: float
    needs_folder: bool = False
    seed: int
    kind: ClassVar[str] = ""
    makes_model: ClassVar[bool] = True
    licence: ClassVar[str] = "MIT"

    def common_card(
        self,
        network: Any,
        trainings: Sequence[Training],
        name: str,
        n_items: int,
        is_full: bool = True,
        /,
        **told: Any,
    ) -> dict[str, Any]:
        """The keys of a card that are written alike for all models, of a data set with this name and so many items.

        Settings are those of the last training, and `told`; minutes and steps are those of all trainings.
        """
        kind = {"kind": self.kind} if self.kind else {}
        return {
            "id": self.id,
            "title": self.title,
            "task": self.task,
            "licence": self.licence,
            **kind,
            "n_params": n_weights(network),
            "trained": trained_facts(trainings, self.seed, is_full),
            "architecture": type(network).__name__,
            "config": asdict(network.config),
            "settings": {**told_settings(trainings[-1].settings), **told},
            "data_set": {"name": name, "n_items": n_items, "which": which_set(is_full)},
        }


@dataclass(frozen=True, kw_only=True)
class TrainingRecipe(ModelRecipe, ABC, Generic[Data]):
    """A recipe of one training, which follows from its data, its network with an objective, and its settings.

    Attributes:
        has_peer: whether another network is trained as long, to hold the model against.
    """

    has_peer: bool = False
    if TYPE_CHECKING:

        @property
        def settings(self) -> TrainSettings:
            """Those that the recipe has unless a person chooses others: a field of it, or a property."""

    def train(self, options: TrainOptions) -> Iterator[Frame]:
        """Yield frames while data is read, then one per micro-batch; then write weights and card to `options.out`."""
        yield from self.chosen(options)._trained(options)

    def chosen(self, options: TrainOptions) -> Self:
        """The same recipe with the settings that a person chose."""
        changed: dict[str, Any] = {"settings": self.settings.chosen(options.settings, options.n_steps)}
        return replace(self, **changed)  # settings are a field wherever this method is not replaced

    def _trained(self, options: TrainOptions) -> Iterator[Frame]:
        data = yield from self.read(options.device.torch_device)
        training = self.training(data, options)
        if self.has_peer and not options.is_resumed:
            peer_checkpoint(options.out).unlink(missing_ok=True)  # an earlier training's peer is none of this one's
        yield from follow_training(
            training,
            options.out.with_suffix(".checkpoint"),
            options.is_resumed,
            preview=self.preview(data, training.device),
            validation=self.validation(data, training.device),
        )
        yield from measuring_frames(training.settings.n_steps, self.write(options.out, training, data))

    def read(self, device: torch.device) -> Generator[Frame, None, Data]:
        """What is learnt from, for a training there; yields frames where reading takes long."""
        yield from ()
        return self.data(Split.TRAIN)

    def data(self, split: Split) -> Data:
        """One part of the data set; of a person's folder, `read` says it."""
        raise NotImplementedError

    def training(self, data: Data, options: TrainOptions) -> Training:
        """The training before its first step."""
        torch.manual_seed(self.seed)
        device = options.device.torch_device
        network, objective = self.network_and_objective(data, device)
        return Training(network, objective, self.settings.chosen(options.settings, options.n_steps), device)

    @abstractmethod
    def network_and_objective(self, data: Data, device: torch.device) -> tuple[nn.Module, LossFunction]:
        """What learns, and the loss of a micro-batch; torch's own numbers were just seeded."""

    def preview(self, data: Data, device: torch.device) -> Preview | SlowPreview | None:
        """What the frames show of the averaged weights."""
        return None

    def validation(self, data: Data, device: torch.device) -> Validation | None:
        """The held-out figures, by one of which the best weights are known."""
        return None

    @abstractmethod
    def write(self, out: Path, training: Training, data: Data) -> Measuring[None]:
        """Write the averaged network, then measure what was written for its card, and write that beside it."""


def n_weights(*networks: nn.Module) -> int:
    """How many numbers they have learnt."""
    return sum(weight.numel() for network in networks for weight in network.parameters())


def told_settings(settings: TrainSettings) -> dict[str, Any]:
    """What a card tells of the settings of a training."""
    return {name: value for name, value in asdict(settings).items() if name not in PERSONAL}


def folder_name(path: str) -> str:
    """The name of a person's folder, fit to be shown."""
    return printable(Path(path).name)


def packing_check(packed: float, whole: float) -> Check:
    """What writing the weights as whole numbers of one byte costs, by a figure of what was written and of the whole."""
    return Check(N_("Loss when whole numbers of one byte are used, %"), 100 * (packed / whole - 1), MOST_LOSS, False)


def model_file(name: str) -> Path:
    """The weights of a model by its id, or the file that is named."""
    file = Path(name).expanduser()
    return file if file.is_file() else known_file(name)
