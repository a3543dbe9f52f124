"""Learns a table while one watches: some known cells are held out to measure by, then all of them are learnt.

Shape letters: N rows, A columns of the table, C of them that are learnt, G gaps.
"""

from collections.abc import Generator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt
import torch

from studio.api.engine import limited_threads
from studio.core.seed import generator

from ..model.imputation import Filled, filling
from ..params import N_FRAMES, OPEN_FRAMES, TableParams
from ..state import WAYS, TableFigures, TableMoment
from .evaluation import bounds_of, errors_of, measuring_peers, share_within, width_for
from .learner import TableLearner
from .task import TableTask, task_of

Places = npt.NDArray[np.int64]
STEPS_AT_ONCE: Final = 2
DRAFT_SAMPLES, LAST_SAMPLES = 12, 60
_Z_CERTAIN: Final = 3.29
"""A range of nine in ten values of a normal distribution is so many deviations wide."""


@dataclass(eq=False)
class Imputer:
    """One run: its moment, and what goes on from it."""

    params: TableParams
    moment: TableMoment
    task: TableTask
    learner: TableLearner

    @classmethod
    def at(cls, params: TableParams, moment: TableMoment) -> "Imputer":
        """A run that goes on from a moment, or begins; raises UserError where the moment is of another table."""
        task = task_of(moment.table.columns, moment.is_known, params.seed)
        n_latent = moment.n_latent if moment.learner else params.n_latent
        learner = TableLearner(task.layout, n_latent, params.seed)
        if moment.learner:
            learner.resume(moment.learner, moment.n_steps)
        else:
            learner.network.begin_with(torch.from_numpy(task.cells * (task.learnt @ task.layout.owners)))
        n_all = max(params.n_steps, moment.n_steps)
        return cls(params, replace(moment, n_all=n_all, n_latent=n_latent), task, learner)

    def beginning(self) -> Generator[None, None, TableMoment]:
        """The moment before the first step: other ways are measured, and nothing is learnt."""
        errors = np.full((len(WAYS), len(self.task.layout.spans)), np.nan)
        n_checked = int(self.task.checked.sum())
        if n_checked:
            peers = yield from measuring_peers(self.task, self.task.cells, self.task.checked)
            errors[1:] = [peers.columns[way] for way in WAYS[1:]]
        figures = TableFigures(errors, n_checked=n_checked, is_open=n_checked > 0)
        self.moment = replace(self.moment, figures=figures)
        return (yield from self._looked_at(DRAFT_SAMPLES))

    def advanced(self) -> Generator[None, None, TableMoment]:
        """The moment one frame later."""
        moment, index = self.moment, self.moment.index + 1
        n_left = moment.n_all - moment.n_steps
        wanted = moment.n_steps + round(n_left / (N_FRAMES - moment.index))
        is_open = moment.figures.is_open and index <= OPEN_FRAMES
        known, loss = self.task.learnt if is_open else self.task.known, moment.loss
        for n in range(moment.n_steps, wanted):
            with limited_threads(1):
                loss = self.learner.step(self.task.cells, known, moment.n_all)
            if n % STEPS_AT_ONCE == STEPS_AT_ONCE - 1:
                yield
        figures = replace(moment.figures, is_open=is_open)
        self.moment = replace(moment, index=index, n_steps=wanted, loss=loss, figures=figures)
        return (yield from self._looked_at(LAST_SAMPLES if index in (OPEN_FRAMES, N_FRAMES) else DRAFT_SAMPLES))

    def _looked_at(self, n_samples: int) -> Generator[None, None, TableMoment]:
        """The moment with its gaps filled as the networks say now, measured where some cells are held out."""
        moment, task = self.moment, self.task
        is_open = moment.figures.is_open
        seen = task.learnt if is_open else task.known
        rows = np.flatnonzero(task.wanted if is_open else ~task.known.all(1))
        seed = int(generator(self.params.seed, "filling", moment.n_steps).integers(2**31))
        told = yield from filling(self.learner.network, task.cells[rows], seen[rows], n_samples, seed)
        if is_open:
            moment = replace(moment, figures=self._measured(moment.figures, rows, told))
        filled = self._gaps(moment, rows, told)
        self.moment = replace(moment, filled=filled, learner=self.learner.arrays())
        return self.moment

    def _measured(self, figures: TableFigures, rows: Places, told: Filled) -> TableFigures:
        layout, truth, asked = self.task.layout, self.task.cells[rows], self.task.checked[rows]
        errors = figures.errors.copy()
        errors[0] = errors_of(layout, truth, asked, told.means)
        width = width_for(layout, truth, asked, told)
        return replace(figures, errors=errors, width=width, within=share_within(layout, truth, asked, told, width))

    def _gaps(self, moment: TableMoment, rows: Places, told: Filled) -> npt.NDArray[np.float64]:
        """(G, 4) of all gaps, row by row: value, range and how sure it is, in units of their columns."""
        layout, table = self.task.layout, moment.table
        values = np.zeros((len(rows), len(table.columns), 4), np.float64)
        low, high = bounds_of(told, moment.figures.width)
        for at, span in enumerate(layout.spans):
            said = told.means[:, span.start : span.stop].astype(np.float64)
            if span.is_number:
                place = layout.numbers.index(at)
                ends = np.stack([said[:, 0], low[:, place], high[:, place]], 1)
                values[:, span.place, :3] = _in_range(span.centre + span.scale * ends, table.columns[span.place].values)
                values[:, span.place, 3] = np.clip(1 - (ends[:, 2] - ends[:, 1]) / _Z_CERTAIN, 0, 1)
            else:
                best = said.argmax(1)
                values[:, span.place] = np.stack([best, best, best, said.max(1)], 1)
        return values[moment.gaps[rows]]


def _in_range(ends: npt.NDArray[np.float64], known: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Values with their ranges (N, 3), in order; nothing is below zero in a column that never is."""
    value, low, high = ends.T
    found = np.stack([value, np.minimum(low, value), np.maximum(high, value)], 1)
    return np.maximum(found, 0) if (known[np.isfinite(known)] >= 0).all() else found
