"""Draws one open scene of splats, as large and as many of them as is asked for."""

from collections.abc import Iterator
from dataclasses import replace
from functools import reduce
from pathlib import Path
from typing import Final

import numpy as np

from ..foreign.splats.reader import read_splats
from ..shared.band import Steps
from ..shared.camera.ray import RayGrid, Rendering
from ..shared.engine import RenderedStage
from ..shared.state import Stage
from .model.edits import Edit, chosen_by, edited
from .model.splats import N_COEFFICIENTS, SH_0, Splats, joined
from .params import SplatParams
from .render.drawing import SplatDrawing, SplatRows
from .render.prepared import PreparedSplats, SplatArrays, prepare
from .state import SplatMake, SplatRequest, make_of

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
