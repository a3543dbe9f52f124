"""What the card of a model of this family holds beyond the keys of `studio.core.card`; read without torch.

Keys:
    kind: "picture".
    architecture, config: the network's class and the fields of its configuration.
    checks: held-out figures with the floor that each had to reach, or null: {name, value, floor, is_higher_better}.
    data_set: {name, which, n_items}.
    labels: a word for each kind of picture that can be asked for.
    usual_bits: {low, high}, between which nine of ten test pictures lie, in bits per dimension.
    notes: sentences that a reader of the figures should know.
"""

import time
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from studio.api.training import Training, machine_name
from studio.core.frame import Frame
from studio.core.text import N_

from .pixel_network import PixelNetwork
from .pixel_training import Measuring


def common_card(network: PixelNetwork, training: Training, seed: int, is_full: bool) -> dict[str, Any]:
    """The keys of a card that are written alike for all models of pictures."""
    return {
        "licence": "MIT",
        "n_params": sum(value.numel() for value in network.parameters()),
        "trained": {
            "date": time.strftime("%Y-%m-%d"),
            "minutes": round(training.seconds / 60, 1),
            "machine": machine_name(),
            "n_steps": training.step,
            "seed": seed,
            "data_set": which_set(is_full),
        },
        "kind": "picture",
        "architecture": type(network).__name__,
        "config": asdict(network.config),
    }


def which_set(is_full: bool) -> str:
    """The word that a card uses for the set that was learnt from."""
    return "full" if is_full else "small"


def measuring_frames(n_steps: int, measuring: Measuring[None]) -> Iterator[Frame]:
    """Show what follows the last step as more frames of it, one each time that `measuring` yields."""
    for _ in measuring:
        yield Frame(n_steps - 1, n_steps, label=N_("Measuring what was learnt"))
