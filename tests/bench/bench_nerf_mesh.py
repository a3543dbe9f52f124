"""A mesh of the shipped scene: how long it takes from the field to the triangles with their colours."""

import time
from importlib import import_module
from typing import Any

import numpy as np

from tests.bench.nerf_model import open_scene_engine
from tests.bench.suite import Figure, bench


@bench("nerf.mesh_128", "s", at_most=4)
def mesh_128() -> Figure:
    """With 128 cells along the longest side."""
    return _measured(128)


@bench("nerf.mesh_256", "s", at_most=25)
def mesh_256() -> Figure:
    """With 256 cells along the longest side."""
    return _measured(256)


def _measured(n_cells: int) -> Figure:
    _mesh(32)  # loads the libraries
    started, worked = time.perf_counter(), time.process_time()
    mesh = _mesh(n_cells)
    seconds, work_s = time.perf_counter() - started, time.process_time() - worked
    edges = np.sort(mesh.faces[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2), axis=1)
    n_open = int((np.unique(edges @ np.array([len(mesh.vertices), 1]), return_counts=True)[1] % 2).sum())
    note = f"{len(mesh.faces):,} triangles, {n_open} open edges, {work_s:.1f} s of the processor"
    return Figure(seconds, note=note)


def _mesh(n_cells: int) -> Any:
    """A mesh at the density of the surface that cameras see, which is found anew each time."""
    from plugins.nerf.field.take.mesh import mesh_of
    from plugins.nerf.field.take.surface import FEW_PX, seen_surface

    import_module("skimage")  # brings marching cubes
    engine: Any = open_scene_engine()
    return mesh_of(engine.scene.field, seen_surface(engine.scene.field, engine.facts, FEW_PX).level, n_cells)
