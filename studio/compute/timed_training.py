"""A training that lasts as long as another one did: how a peer is trained that is held against a model."""

import math
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any, Final

from studio.compute.train_settings import TrainSettings
from studio.compute.training import Training
from studio.compute.training_loop import follow_training

N_TIMED: Final = 5


def trained_for(
    seconds: float,
    begin: Callable[[TrainSettings], Training],
    settings: TrainSettings,
    checkpoint: Path,
    most_steps: int | None = None,
) -> Generator[Any, None, Training]:
    """Yield between micro-batches, and return a training that took so long, or `most_steps`.

    The first steps are timed, so that its rate falls within the time that it has. Where it was stopped, `checkpoint`
    lets it go on.

    Args:
        begin: makes the training anew, the same one for the same settings.
    """
    step_s = yield from _step_seconds(begin(settings))
    n_steps = max(1, math.floor(seconds / step_s))
    training = begin(settings.shortened(n_steps if most_steps is None else min(n_steps, most_steps)))
    for frame in follow_training(training, checkpoint, checkpoint.is_file()):
        yield frame
        if training.seconds >= seconds:
            break
    return training


def peer_checkpoint(weights: Path) -> Path:
    """Where the peer of a model, that is to be written to `weights`, keeps its state."""
    return weights.with_suffix(".peer.checkpoint")


def _step_seconds(training: Training) -> Generator[Any, None, float]:
    start, run = time.perf_counter(), training.run()
    while training.step < N_TIMED and next(run, None) is not None:
        yield
    return (time.perf_counter() - start) / training.step
