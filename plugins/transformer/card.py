"""What the card of a decoder holds beyond the keys of `studio.core.card`; written here, read without torch.

Keys:
    architecture, config: "Decoder" and the fields of its configuration.
    checks: held-out figures with the floor that each had to reach, or null: {name, value, floor, is_higher_better}.
    data_set: {name, which, n_items}.
    notes: sentences that a reader of the figures should know.
    defaults: settings that the panel begins with, by name.
    examples: prompts to click; the first one is run when the model is opened.
    empty_prompt: what stands in the canvas where there is no prompt.
    language: what the text is written in, "python" or none, so that it can be coloured.
"""

import time
from collections.abc import Iterator
from typing import Any

from studio.api.training import Training, machine_name
from studio.core.frame import Frame
from studio.core.text import N_

from .config import config_to_json
from .model import Decoder
from .training import Measuring


def common_card(decoder: Decoder, training: Training, seed: int) -> dict[str, Any]:
    """The keys of a card that are written alike for all models."""
    return {
        "licence": "MIT",
        "n_params": n_params(decoder),
        "trained": {
            "date": time.strftime("%Y-%m-%d"),
            "minutes": round(training.seconds / 60, 1),
            "machine": machine_name(),
            "n_steps": training.step,
            "seed": seed,
            "data_set": "full",
        },
        "architecture": type(decoder).__name__,
        "config": config_to_json(decoder.config),
    }


def n_params(decoder: Decoder) -> int:
    """How many numbers it learnt."""
    return sum(value.numel() for value in decoder.parameters())


def measuring_frames(n_steps: int, measuring: Measuring) -> Iterator[Frame]:
    """Show what follows the last step as more frames of it, one each time that `measuring` yields."""
    for _ in measuring:
        yield Frame(n_steps - 1, n_steps, label=N_("Measuring what was learnt"))
