"""What is compiled in advance is what work asks for: nothing has to be compiled any more afterwards."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from plugins.nerf.field import warm_up
from studio.compute.kernel_compile import compile_kernels

ROOT = Path(__file__).parents[4]
# Draws, bakes and learns as the program does, with a model's file, then names every kernel that was compiled here.
WORK = """
import sys
import numpy as np
from numba.core.dispatcher import Dispatcher
from plugins.nerf.field.bake.bake import BakeSettings, bake
from plugins.nerf.field.bake.brick_march import draw_baked
from plugins.nerf.shared.camera.camera import look_at
from plugins.nerf.field.render.exact import draw_exact, exact_passes
from plugins.nerf.field.training.learner import FieldLearner as Learner, LearnSettings
from plugins.nerf.field.bake.live_volume import LiveVolume
from plugins.nerf.field.render.ray_samples import inspect_ray
from tests.plugins.nerf.field.analytic import Ball
from tests.plugins.nerf.field.made_scene import photos_of_ball
from tests.plugins.nerf.field.made_field import make_config

camera = look_at((2.0, 2.0, 1.0), (0.0, 0.0, 0.0), 0.7)
rays = camera.ray_grid(70, 50)
learner = Learner(make_config(), photos_of_ball().part("train"), LearnSettings(n_samples=4096), 1)
for _ in range(17):
    learner.step()
field = learner.field()
for _ in exact_passes(field, rays):
    pass
draw_exact(field, rays.rows(10, 20), (0, 5), (3, 9), (0.2, 0.7))
for baked in bake(field, BakeSettings(stages=(16,))):
    pass
for with_normals in (False, True):
    draw_baked(baked.volume, rays, with_normals=with_normals)
    draw_baked(baked.volume, rays.rows(3, 9), with_normals=with_normals, step=2.0)
live = LiveVolume(field.occupancy.low, field.occupancy.high)
live.refresh(field, field.occupancy, camera.eye, 0.01)
draw_baked(live.volume, rays)
draw_exact(Ball(), rays)
inspect_ray(field, rays.origin, rays.directions()[25, 35])
print(*{
    f"{name}.{kernel.py_func.__name__}"
    for name, module in sys.modules.items() if name.startswith("plugins.")
    for kernel in vars(module).values() if isinstance(kernel, Dispatcher) and kernel.stats.cache_misses
})
"""


@pytest.mark.long("starts processes of its own")
def test_after_it_nothing_is_compiled_any_more() -> None:
    told = list(compile_kernels("plugins.nerf.field.warm_up"))
    titles = {title for group in warm_up.GROUPS for title in group}
    assert {step.title for step in told} <= {*titles, ""}
    assert told[-1].n_done == told[-1].n_steps == len(titles)
    environment = {**os.environ, "PYTHONPATH": os.fspath(ROOT)}
    done = subprocess.run([sys.executable, "-c", WORK], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []


def test_to_know_the_steps_loads_no_numba() -> None:
    code = "import sys; from plugins.nerf.field import warm_up; print('numba' in sys.modules, 'torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]
