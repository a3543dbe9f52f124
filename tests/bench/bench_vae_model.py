"""The VAE without a window: what the engine and the training add to the bare network."""

import copy
import itertools
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import torch

from studio.api.engine import TrainOptions
from studio.compute.device import choose_device
from studio.compute.thread import limited_threads
from studio.compute.training import Training
from studio.compute.training_loop import follow_training
from studio.core.recording.recording import Recording, RunInfo
from studio.datasets.glyphs import load_glyphs
from studio.datasets.split import Split
from studio.registry.catalog import Catalog
from tests.bench.engine import opened
from tests.bench.statistic import overhead, relative_speed
from tests.bench.suite import Figure, bench

MODEL = "vae/letterforms"
N_PICTURES = 40  # a timing of one picture would be too short
N_STEPS = 2
N_UNHEARD_STEPS = 100_000


@bench("vae.decode", "%", at_most=5)
def decode() -> Figure:
    """One picture through the engine and into a recording, against the decoder alone."""
    engine = opened(MODEL)
    params = Catalog().params_class(engine.source)()
    z = engine.place_of(params)
    places, letters = torch.from_numpy(z[None]), torch.tensor([0])

    def ours() -> None:
        recording = Recording(RunInfo(MODEL, {}, 0))
        for _ in range(N_PICTURES):
            for frame in engine.generate(params, {"z": z}):
                recording.append(frame)

    @torch.inference_mode()
    def bare() -> None:
        with limited_threads(1):  # as the engine does for one letter
            for _ in range(N_PICTURES):
                engine.model.decode(places, letters)

    figure = overhead(ours, bare, f"{N_PICTURES} x the module's own decode, one thread")
    engine.close()
    return figure


@bench("vae.train_throughput", "%", at_least=95)
def train_throughput() -> Figure:
    """Steps of the recipe's training as frames, against a bare loop over the same network, batches and precision."""
    recipe: Any = Catalog().find_recipe(MODEL)
    with tempfile.TemporaryDirectory() as folder:
        options = TrainOptions(Path(folder) / "bench.safetensors", choose_device(), N_UNHEARD_STEPS)
        training: Training = recipe.training(load_glyphs(Split.TRAIN), options)
        bare = bare_loop(training, N_STEPS)
        frames = follow_training(training, options.out.with_suffix(".checkpoint"), False)
        n_frames = N_STEPS * training.settings.n_micro
        ours = partial(next, itertools.islice(frames, n_frames - 1, None, n_frames))
        figure = relative_speed(ours, bare, f"{N_STEPS} steps of a bare loop")
        frames.close()
    return figure


def bare_loop(training: Training, n_steps: int) -> Callable[[], None]:
    """The shortest loop that learns the same, so many steps at a call: loss, gradient, step."""
    model = copy.deepcopy(training.model)
    optimiser = torch.optim.AdamW(model.parameters(), lr=training.settings.learning_rate, betas=(0.9, 0.99))
    objective, n_micro = training.loss_function, training.settings.n_micro
    numbers = itertools.count()

    def steps() -> None:
        for step in itertools.islice(numbers, n_steps):
            for micro in range(n_micro):
                with training.autocast():
                    loss, _ = objective(model, step, micro)
                (loss / n_micro).backward()
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)

    return steps
