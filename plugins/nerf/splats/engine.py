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
from ..shared.marks import Marks
from ..shared.state import TRAINING, SceneFacts, facts_of
from .drawing import SplatRenderer
from .model.edits import Edit
from .model.files import open_splats
from .model.page import page_of, write_page
from .model.splats import Splats, no_splats
from .scene import packed, unpacked
from .state import SplatFacts, SplatRequest
from .training_registry import TRAININGS

CHANGES: Final = "changes"
"""Where the state of a frame names what was changed about the scene."""
_CROWD: Final = (4, 96)
"""Percentiles of the centres along each axis between which a scene is taken to lie; beyond is the background."""


class SplatsEngine(ViewEngine):
    """One scene of splats."""

    measure = "splats a pixel"
    drawing: SplatRenderer

    def __init__(self, source: ModelSource, splats: Splats, n_threads: int) -> None:
        self.source, self._n_threads = source, n_threads
        self._training_id = str(source.card.get(TRAINING, ""))
        self._step = -1  # of what is drawn of a training
        self._is_placed = not self._training_id  # whether it is known where the scene is
        self._take(splats, facts_of(source.card, extent_of_splats(splats)))

    def _take(self, splats: Splats, facts: SceneFacts) -> None:
        self.drawing = SplatRenderer(splats)
        self._facts = SplatFacts(facts.extent, facts.home, facts.up, len(splats), splats.degree)

    @classmethod
    def open(cls, source: ModelSource, device: Device) -> Self:
        """Read the scene; raises UserError where the file is no good, or nothing is in it."""
        if source.card.get(TRAINING):
            return cls(source, no_splats(), device.n_threads)
        splats = open_splats(source)
        if not len(splats):
            raise UserError(N_("There is nothing in this scene."))
        return cls(source, splats, device.n_threads)

    def close(self) -> None:
        """Free what it holds."""
        del self.drawing

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

    def write_page(self, path: Path, request: SplatRequest, marks: Marks) -> int:
        """Write the scene as a request shows it as a web page; returns how many splats are in it."""
        make = request.make
        splats = self.drawing.changed(make.edits, make.added)
        return write_page(path, splats, page_of(self.source, self.facts, request, marks))

    @property
    def known_facts(self) -> SplatFacts | None:
        """The same, None in the tab of a training that has not begun."""
        return self._facts if self._is_placed else None

    def prepare(self, is_still: bool = False) -> None:
        """In the tab of a training, draw what it has learnt by now."""
        use_threads(self._n_threads)
        live, rested = TRAININGS.live(self._training_id), TRAININGS.take_rested(self._training_id)
        self._is_placed |= live is not None or rested is not None
        if rested is not None:
            self._take(*rested)
        elif live is not None and live.learner.step_number != self._step:
            self._step = live.learner.step_number
            self._take(live.learner.splats, live.facts)


def extent_of_splats(splats: Splats) -> Extent:
    """Where most of them are."""
    if not len(splats):
        return Extent(np.zeros(3, np.float32), 1.0)
    low, high = np.percentile(splats.centres, _CROWD, axis=0).astype(np.float32)
    return Extent((low + high) / 2, max(float(np.linalg.norm(high - low)) / 2, 1e-3))
