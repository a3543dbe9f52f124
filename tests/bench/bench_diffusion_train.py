"""Diffusion's networks: what a training adds to the bare loop, and how long one look at a noisy picture takes."""

import itertools
import tempfile
import time
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import torch

from plugins.diffusion.shared.model.denoiser import Guidance
from studio.api.engine import TrainOptions
from studio.compute.device import choose_device
from studio.compute.training_loop import follow_training
from studio.core.seed import standard_normal
from studio.datasets.digits import load_digits
from studio.datasets.split import Split
from studio.registry.catalog import Catalog
from tests.bench.bench_diffusion_model import opened
from tests.bench.bench_vae_model import bare_loop
from tests.bench.statistic import relative_speed
from tests.bench.suite import Figure, bench

TRAINED = "diffusion/digits"
LOOKED = "diffusion/emoji"
N_STEPS = 3
N_UNHEARD_STEPS = 100_000
N_LOOKS = 30
N_WARM = 5
TIME = 500.0


@bench("diffusion.train_throughput", "%", at_least=95)
def train_throughput() -> Figure:
    """Steps of the digits' training as frames, against a bare loop over the same network, batches and precision."""
    recipe: Any = Catalog().find_recipe(TRAINED)
    with tempfile.TemporaryDirectory() as folder:
        options = TrainOptions(Path(folder) / "bench.safetensors", choose_device(), N_UNHEARD_STEPS)
        training = recipe.training(load_digits(Split.TRAIN), options)
        bare = bare_loop(training, N_STEPS)
        frames = follow_training(training, options.out.with_suffix(".checkpoint"), False)
        n_frames = N_STEPS * training.settings.n_micro
        ours = partial(next, itertools.islice(frames, n_frames - 1, None, n_frames))
        figure = relative_speed(ours, bare, f"{N_STEPS} steps of a bare loop")
        frames.close()
    return figure


@bench("diffusion.step_ms", "ms")
def step_ms() -> Figure:
    """The median time of one guided prediction of the default model, both halves in one pass."""
    engine, params = opened(LOOKED)
    model = engine.model
    denoise = model.denoiser(model.embed(params.prompt), Guidance(params.guidance))
    x = torch.from_numpy(standard_normal((1, *model.shape), 1, "noise", 0))
    seconds = []
    for _ in range(N_WARM + N_LOOKS):
        started = time.perf_counter()
        denoise(x, TIME)
        seconds.append(time.perf_counter() - started)
    engine.close()
    return Figure(round(1000 * median(seconds[N_WARM:]), 2), note=f"guidance {params.guidance:g}")
