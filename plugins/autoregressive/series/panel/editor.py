"""Every change that a person can make to a forecast, as steps of undo; one drag is one step."""

import random
from dataclasses import replace

from studio.api.gesture import GestureEditor
from studio.api.table import SeriesLine
from studio.core.seed import MAX_SEED
from studio.core.translation import N_

from ...shared.params import MAX_ENDINGS
from ..scene import MAX_CHANGES, SHOWN_RANGE, SeriesScene


class SeriesEditor(GestureEditor[SeriesScene]):
    """Holds the scene and the undo steps that lead to it; signals as GestureEditor."""

    views = ("n_shown",)

    def choose(self, name: str) -> None:
        """Forecast a series of the pack, from its end."""
        scene = SeriesScene(replace(self.scene.params, series=name, n_back=0, horizon=0), n_shown=self.scene.n_shown)
        self.apply(N_("Another series"), scene)

    def take(self, line: SeriesLine) -> None:
        """Forecast a series of one's own, from its end."""
        params = replace(self.scene.params, series="", n_back=0, horizon=0)
        self.apply(N_("My series"), SeriesScene(params, line, n_shown=self.scene.n_shown))

    def surprise(self, names: tuple[str, ...]) -> None:
        """Forecast another series of the pack, with another seed."""
        others = [name for name in names if name != self.scene.params.series] or list(names)
        if others:
            params = replace(self.scene.params, series=random.choice(others), n_back=0, horizon=0, seed=_seed())
            self.apply(N_("Surprise me"), SeriesScene(params, n_shown=self.scene.n_shown))

    def draw_again(self) -> None:
        """Take a new seed."""
        self.set_params(N_("New seed"), seed=_seed())

    # Values

    def move(self, place: int, value: float) -> None:
        """Give a past value another height."""
        if len(self.scene.edits) < MAX_CHANGES:
            scene = replace(self.scene, edits={**self.scene.edits, place: value})
            self.apply(N_("Move a past value"), scene, f"move {place}")

    def pin(self, place: int, value: float) -> None:
        """Let all paths go through a value of the future."""
        if len(self.scene.pins) < MAX_CHANGES:
            scene = replace(self.scene, pins={**self.scene.pins, place: value})
            self.apply(N_("Pin a value"), scene, f"pin {place}")

    def release(self, place: int) -> None:
        """Take a moved or pinned value back."""
        edits, pins = dict(self.scene.edits), dict(self.scene.pins)
        if edits.pop(place, None) is not None or pins.pop(place, None) is not None:
            self.apply(N_("Undo one change"), replace(self.scene, edits=edits, pins=pins))

    def release_all(self) -> None:
        """Take all moved and pinned values back."""
        if self.scene.edits or self.scene.pins:
            self.apply(N_("Undo all changes"), replace(self.scene, edits={}, pins={}))

    def zoom(self, factor: float) -> None:
        """See more or fewer past values: nothing that would have to be undone."""
        low, high = SHOWN_RANGE
        n_shown = min(max(round(self.scene.n_shown * factor), low), high)
        if n_shown != self.scene.n_shown:
            self.show(replace(self.scene, n_shown=n_shown))


def _seed() -> int:
    return random.randrange(1, MAX_SEED - MAX_ENDINGS)
