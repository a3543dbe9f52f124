"""A scene of splats, ready to be drawn."""

from collections.abc import Iterator
from dataclasses import replace
from functools import reduce
from pathlib import Path
from typing import Final, Self

import numpy as np

from studio.api.engine import Device, ModelSource
from studio.api.kernel import use_threads
from studio.core.error import UserError
from studio.core.translation import N_
from studio.core.view import State

from ..foreign.splats.reader import read_splats, write_splats
from ..shared.band import Steps
from ..shared.camera.ray import RayGrid, Rendering
from ..shared.camera.viewpoint import Extent
from ..shared.engine import RenderedStage, ViewEngine
from ..shared.marks import Marks
from ..shared.state import TRAINING, SceneFacts, Stage, facts_of
from .model.edits import Edit, chosen_by, edited
from .model.files import open_splats
from .model.page import page_of, write_page
from .model.splats import N_COEFFICIENTS, SH_0, Splats, joined, no_splats
from .params import SplatParams
from .render.drawing import SplatDrawing, SplatRows
from .render.prepared import PreparedSplats, SplatArrays, prepare
from .scene import packed, unpacked
from .state import SplatFacts, SplatMake, SplatRequest, make_of
from .training_registry import TRAININGS

CHANGES: Final = "changes"
"""Where the state of a frame names what was changed about the scene."""
_CROWD: Final = (4, 96)
"""Percentiles of the centres along each axis between which a scene is taken to lie; beyond is the background."""
SELECTED: Final = np.array([1.0, 0.15, -0.9], np.float32) / np.float32(2 * SH_0)
"""The first coefficient of what is selected: orange."""


class SplatRenderer:
    """One scene; what is prepared for a way to draw it is kept until another one is asked for.

    Attributes:
        share: the part of the scene that the last picture of a moving camera was made from, 0..1.
        edits, added: what was changed about the scene, and put into it, when it was last drawn.
    """

    def __init__(self, splats: Splats) -> None:
        self._splats = splats
        self._made: tuple[SplatMake, SplatDrawing] | None = None
        self._base: tuple[object, Splats, PreparedSplats] | None = None
        self._others: dict[str, Splats] = {}
        self.share = 1.0
        self.edits: tuple[Edit, ...] = ()
        self.added: tuple[str, ...] = ()

    def moving(self, request: SplatRequest) -> tuple[Rendering, Stage]:
        """A picture within its budget, of the splats that matter most."""
        with_normals = request.look.view == "normals"
        draft = self._drawing(request.make).draft(_rays(request), request.budget_s, with_normals=with_normals)
        self.share = draft.share
        return draft.rendering, "draft"

    def resting(self, request: SplatRequest) -> Iterator[RenderedStage | None]:
        """The picture of all of them."""
        self.share = 1.0
        with_normals = request.look.view == "normals"
        for found in self._drawing(request.make).resting(_rays(request), with_normals=with_normals):
            yield None if found is None else (found, "splats", 1.0)

    def steps(self, params: SplatParams, rays: RayGrid) -> Steps:
        """How a picture for a file comes about, the same bits every time."""
        prepared = self._drawing(make_of(params, edits=self.edits, added=self.added)).prepared
        draw = SplatRows(prepared, with_normals=params.view == "normals")
        return Steps(draw, rays, is_coarse_first=True)

    def prepared(self, make: SplatMake) -> PreparedSplats:
        """The splats as a graphics card is to draw them."""
        return self._drawing(make).prepared

    def _drawing(self, make: SplatMake) -> SplatDrawing:
        self.edits, self.added = make.edits, make.added
        if self._made is None or self._made[0] != make:
            self._made = make, SplatDrawing(self._prepared(make))
        return self._made[1]

    def changed(self, edits: tuple[Edit, ...], added: tuple[str, ...]) -> Splats:
        """All splats after these changes; raises UserError where an added file cannot be read any more."""
        for name in added:
            if name not in self._others:
                self._others[name] = read_splats(Path(name)).splats
        return edited(reduce(joined, (self._others[name] for name in added), self._splats), edits)

    def _prepared(self, make: SplatMake) -> PreparedSplats:
        which = make.added, make.edits, make.faintest
        if self._base is None or self._base[0] != which:
            splats = self.changed(make.edits, make.added)
            splats = splats.where(splats.opacities >= make.faintest)
            self._base = which, splats, prepare(splats)
        _, splats, prepared = self._base
        return replace(prepared, arrays=_dressed(prepared, splats, make))


def _dressed(prepared: PreparedSplats, splats: Splats, make: SplatMake) -> SplatArrays:
    """The splats as large and colourful as they are to be drawn; those that are selected have a colour of their own."""
    arrays, n = prepared.arrays, N_COEFFICIENTS[min(make.degree, splats.degree)]
    harmonics = np.ascontiguousarray(arrays.harmonics[:, :n])
    if make.selection is not None:
        harmonics = harmonics.copy()
        harmonics[chosen_by(splats, make.selection)[prepared.order], 0] = SELECTED
    return arrays._replace(factors=arrays.factors * np.float32(make.size), harmonics=harmonics)


def _rays(request: SplatRequest) -> RayGrid:
    return request.camera.ray_grid(request.width, request.height, request.near)


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
