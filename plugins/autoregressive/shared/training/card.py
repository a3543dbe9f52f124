"""What the card of a model of this family holds beyond the keys of `studio.core.card`; read without torch.

Keys:
    kind: a word in the kinds of `family.py`, or one that a kind there is `known_as`.
    architecture, config: the network's class and the fields of its configuration.
    checks: held-out figures with the floor that each had to reach, or null: {name, value, floor, is_higher_better}.
    data_set: {name, which, n_items}.
    labels: a word for each kind of picture that can be asked for.
    defaults: settings that a panel opens with, by name.
    usual_bits: {low, high}, between which nine of ten test pictures lie, in bits per dimension.
    notes: sentences that a reader of the figures should know.
"""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, Protocol

from torch import nn

from studio.api.training import Training, trained_facts


class ConfiguredNetwork(Protocol):
    """A network with the frozen dataclass that it was made of."""

    @property
    def config(self) -> Any: ...

    def parameters(self) -> Iterator[nn.Parameter]: ...


def common_card(network: ConfiguredNetwork, training: Training, seed: int, is_full: bool, kind: str) -> dict[str, Any]:
    """The keys of a card that are written alike for all models of the family."""
    return {
        "licence": "MIT",
        "n_params": sum(value.numel() for value in network.parameters()),
        "trained": trained_facts([training], seed, is_full),
        "kind": kind,
        "architecture": type(network).__name__,
        "config": asdict(network.config),
    }
