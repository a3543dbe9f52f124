"""What the card of a diffusion model holds beyond the keys of `studio.core.card`; written here, read without torch.

Keys:
    architecture, config: as in the weights file, but for the words of the prompts.
    checks: held-out figures with the floor that each had to reach, or null: {name, value, floor, is_higher_better}.
    data_set: {name, which ("full" or "small"), n_items}.
    notes: sentences that a reader of the figures should know.
    defaults: {steps, guidance, sampler} that the panel begins with, and that the figures were measured with.
    examples: prompts to click; the first one is run when the model is opened.
    steer: pairs of words for a slider, {"toward", "away", "effect"}, best first; see `..steer_pairs`.
    words: the words that the model knows, by group ({"objects": [...], ...}), in the order of their completions.
    classes: names of which one is asked for instead of a prompt; empty where words are.
    n_pictures: how many pictures it learnt from.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from studio.core.card import Check
from studio.core.card import write_card as write_core_card


@dataclass(frozen=True)
class Defaults:
    """What the panel begins with, and what the figures are measured with."""

    steps: int = 25
    guidance: float = 3.0
    sampler: str = "ddim"


def write_card(path: Path, card: Mapping[str, Any], checks: Sequence[Check], defaults: Defaults) -> None:
    """Write a card with what the panel begins with."""
    write_core_card(path, {**card, "config": _without_words(card["config"]), "defaults": asdict(defaults)}, checks)


def _without_words(value: Any) -> Any:
    """A configuration without the words of its text encoder, which the card lists by group."""
    if isinstance(value, Mapping):
        return {key: _without_words(item) for key, item in value.items() if key != "words"}
    return value
