"""What a scene's card holds beyond the keys of `studio.core.card`.

Keys of the card:
    architecture, config: "InstantNGP" and the fields of its configuration.
    up: the axis that points up, "z".
    camera: the view that the scene is shown from at first, as `Camera.position` has it.
    checks: held-out figures with the floor that each had to reach, or null: {name, value, floor, is_higher_better}.
    worst: the photo that is drawn worst, and its figures: {name, exact_psnr_db, baked_psnr_db}.
    data_set: {name, which ("full", "small" or "own"), n_items, size_px}.
    tricks: sentences, one for each thing that the training does beyond the paper or instead of it.
    notes: sentences that a reader of the figures should know.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from studio.core.atomic import atomic_write


@dataclass(frozen=True)
class Check:
    """A held-out figure and the floor that it had to reach; None where it is only stated."""

    name: str
    value: float
    floor: float | None = None
    is_higher_better: bool = True

    @property
    def is_reached(self) -> bool:
        """Whether the figure is on the right side of its floor."""
        if self.floor is None:
            return True
        return self.value >= self.floor if self.is_higher_better else self.value <= self.floor


def write_card(path: Path, card: Mapping[str, Any], checks: Sequence[Check]) -> None:
    """Write a card; figures are taken from the checks, numbers are rounded to what can be read off them."""
    figures = {check.name: check.value for check in checks}
    whole = {**card, "figures": figures, "checks": [asdict(check) for check in checks]}
    text = json.dumps(_rounded(whole), indent=1, ensure_ascii=False)
    atomic_write(path, (text + "\n").encode())


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.6g}")
    if isinstance(value, Mapping):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(item) for item in value]
    return value
