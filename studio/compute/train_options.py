"""How a recipe is asked to be run."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from studio.compute.device import Device


@dataclass(frozen=True)
class TrainOptions:
    """How the command line or a panel wants a recipe to be run.

    Attributes:
        out: the weights file to write; the card and the checkpoint lie beside it.
        device: where to train.
        n_steps: instead of the recipe's number of steps.
        is_resumed: go on from the checkpoint.
        is_measured: whether the card shall say how good the model is; a recipe that can do without says
            `can_skip_measuring`.
        settings: values for the recipe's settings as text, by name.
    """

    out: Path
    device: Device
    n_steps: int | None = None
    is_resumed: bool = False
    settings: Mapping[str, str] = field(default_factory=dict)
    is_measured: bool = True
