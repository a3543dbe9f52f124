"""A scene of splats, ready to be drawn."""

from pathlib import Path
from typing import Final, Self

import numpy as np

from studio.api.engine import Device, ModelSource
from studio.api.kernel import use_threads
from studio.core.error import UserError
from studio.core.translation import N_
from studio.core.view import State

from ..foreign.splats.reader import write_splats
from ..shared.camera.viewpoint import Extent
from ..shared.engine import ViewEngine
from ..shared.state import facts_of
from .drawing import SplatRenderer
from .model.edits import Edit
from .model.files import open_splats
from .model.splats import Splats
from .scene import packed, unpacked
from .state import SplatFacts

CHANGES: Final = "changes"
"""Where the state of a frame names what was changed about the scene."""
_CROWD: Final = (4, 96)
"""Percentiles of the centres along each axis between which a scene is taken to lie; beyond is the background."""


class SplatsEngine(ViewEngine):
    """One scene of splats."""

    measure = "splats a pixel"
    drawing: SplatRenderer

    def __init__(self, source: ModelSource, splats: Splats, n_threads: int) -> None:
        self.source, self.splats, self._n_threads = source, splats, n_threads
        self.drawing = SplatRenderer(splats)
        facts = facts_of(source.card, extent_of_splats(splats))
        self._facts = SplatFacts(facts.extent, facts.home, facts.up, len(splats), splats.degree)

    @classmethod
    def open(cls, source: ModelSource, device: Device) -> Self:
        """Read the scene; raises UserError where the file is no good, or nothing is in it."""
        splats = open_splats(source)
        if not len(splats):
            raise UserError(N_("There is nothing in this scene."))
        return cls(source, splats, device.n_threads)

    def close(self) -> None:
        """Free what it holds."""
        del self.splats, self.drawing

    @property
    def facts(self) -> SplatFacts:
        """Where the scene lies, and how many splats it has."""
        return self._facts

    def own_state(self, start: State | None) -> State:
        """Draw the scene with the changes that the state of a frame has, else with the present ones."""
        drawing = self.drawing
        if start is not None and CHANGES in start:
            drawing.edits, drawing.added = unpacked(start[CHANGES])
        return {CHANGES: packed(drawing.edits, drawing.added)}

    def save(self, path: Path, edits: tuple[Edit, ...], added: tuple[str, ...]) -> int:
        """Write the scene after these changes in the format that the name says; returns how many splats it has."""
        splats = self.drawing.changed(edits, added)
        write_splats(path, splats, self.facts.up)
        return len(splats)

    def prepare(self, is_still: bool = False) -> None:
        """Use as many threads as the device has."""
        use_threads(self._n_threads)


def extent_of_splats(splats: Splats) -> Extent:
    """Where most of them are."""
    low, high = np.percentile(splats.centres, _CROWD, axis=0).astype(np.float32)
    return Extent((low + high) / 2, max(float(np.linalg.norm(high - low)) / 2, 1e-3))
