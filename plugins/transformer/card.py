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

from typing import Any

from studio.api.training import Training, trained_facts

from .config import config_to_json
from .model import Decoder


def common_card(decoder: Decoder, training: Training, seed: int) -> dict[str, Any]:
    """The keys of a card that are written alike for all models."""
    return {
        "licence": "MIT",
        "n_params": n_params(decoder),
        "trained": trained_facts([training], seed, is_full=True),
        "architecture": type(decoder).__name__,
        "config": config_to_json(decoder.config),
    }


def n_params(decoder: Decoder) -> int:
    """How many numbers it learnt."""
    return sum(value.numel() for value in decoder.parameters())
