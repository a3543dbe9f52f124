"""Lays places out in the plane so that neighbours stay neighbours (UMAP), in a process of its own: it takes minutes.

McInnes, Healy and Melville 2018 (arXiv 1802.03426), by the package umap-learn, where that is installed.
"""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Generator
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import numpy as np

from studio.core.child import child_command, child_environment, end_with_parent, lines_of
from studio.core.error import UserError
from studio.core.translation import N_
from studio.core.view import FloatArray

from .encoded import Progress

N_NEIGHBOURS: Final = 15
NICENESS: Final = 10
START_SPREAD: Final = 10.0  # what UMAP gives its own first layout
MISSING: Final = N_("A map by neighbours needs the package umap-learn.")
INSTALL: Final = N_("Install it with “pip install umap-learn”. The flat map needs nothing.")
FAILED: Final = N_("The program that lays out neighbours has failed.")
STARTING: Final = N_("Preparing the search for neighbours; this takes a minute or two")
LAYING: Final = N_("Laying out neighbours: round {n} of {all}")
_ROUND: Final = re.compile(rb"round (\d+) (\d+)")


def is_installed() -> bool:
    """Whether UMAP can be used here."""
    return find_spec("umap") is not None


def neighbour_map(space: FloatArray, start: FloatArray, seed: int) -> Generator[Progress | None, None, FloatArray]:
    """Lay places (N, D) out, beginning at `start` (N, 2): (N, 2) float32; the same for the same seed.

    Raises UserError where umap-learn is not installed or fails. Where this is closed, the other process ends.
    """
    if not is_installed():
        raise UserError(MISSING, INSTALL)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        np.savez(folder / "in.npz", space=space, start=start * START_SPREAD / max(float(np.abs(start).max()), 1e-9))
        yield from _apart(folder, seed)
        try:
            positions = np.load(folder / "out.npy", allow_pickle=False)
        except (OSError, ValueError) as error:
            raise UserError(FAILED) from error
    if positions.shape != start.shape or not np.isfinite(positions).all():
        raise UserError(FAILED)
    return np.asarray(positions, np.float32)


def _apart(folder: Path, seed: int) -> Generator[Progress | None, None, None]:
    yield Progress(STARTING)
    with subprocess.Popen(
        child_command(f"{__name__}:main", str(folder), str(seed)),
        env=child_environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as child:
        try:
            assert child.stdout is not None
            for line in lines_of(child.stdout):
                found = _ROUND.search(line or b"")
                n, n_all = (int(found[1]), int(found[2])) if found else (0, 0)
                yield Progress(LAYING.format(n=n, all=n_all), n, n_all) if found else None
        finally:
            child.kill()


def main() -> None:
    """What the other process does with the folder and the seed that it is given."""
    end_with_parent()
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    folder = Path(sys.argv[1])
    with np.load(folder / "in.npz", allow_pickle=False) as file:
        space, start = file["space"], file["start"]
    np.save(folder / "out.npy", _umap(space, start, int(sys.argv[2])))


def _umap(space: FloatArray, start: FloatArray, seed: int) -> FloatArray:
    import umap

    rounds = {"file": sys.stdout, "bar_format": "round {n_fmt} {total_fmt}\n", "mininterval": 0.2, "disable": False}
    made = umap.UMAP(
        n_neighbors=min(N_NEIGHBOURS, len(space) - 1),
        min_dist=0.0,
        init=start,
        random_state=seed,
        n_jobs=1,  # the same map every time, and a core is left to the window
        verbose=True,
        tqdm_kwds=rounds,
    )
    return np.asarray(made.fit_transform(space), np.float32)
