"""Trains a model by its recipe: progress, checkpoints, and a Ctrl-C that loses nothing."""

import argparse
import shlex
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from studio.api.engine import TrainOptions
from studio.cli import option, output
from studio.cli.progress import ProgressLine, figures
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.text import N_
from studio.registry.catalog import Catalog
from studio.registry.model import WEIGHT_SUFFIXES

SUMMARY = N_("train a model by its recipe; a recipe has the id of the model that it makes")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare RECIPE, --steps, --set, --resume, --device and -o."""
    parser.add_argument("recipe", metavar="RECIPE", help=N_("such as vae/digits"))
    parser.add_argument("--steps", type=option.count, metavar="N", help=N_("instead of the recipe’s"))
    option.add_settings(parser)
    parser.add_argument("--resume", action="store_true", help=N_("go on from the checkpoint of OUT"))
    parser.add_argument(
        "--device", choices=("auto", "cpu", "cuda"), default="auto", help=N_("auto: the fastest there is")
    )
    option.add_out(parser, N_("the .safetensors file to write; its card is written beside it"))


def run(options: argparse.Namespace) -> None:
    """Train to the end; raises UserError where it cannot, or where it was stopped by Ctrl-C."""
    output.check(options.out, WEIGHT_SUFFIXES)
    from studio.compute.device import choose_device

    recipe = Catalog().find_recipe(options.recipe)
    settings = dict(option.settings_of(options))
    wanted = TrainOptions(options.out, choose_device(options.device), options.steps, options.resume, settings)
    with stop_requests() as stop:
        is_complete = follow(recipe.train(wanted), stop)
    if not is_complete:
        raise UserError(N_("Stopped."), N_("Go on with: {command}").format(command=resume_command(options)))
    print(N_("The model is in {path}; its card is beside it.").format(path=options.out))


def follow(steps: Iterator[Frame], stop: threading.Event) -> bool:
    """Run a training and show its progress; returns whether it came to its end rather than to a stop."""
    progress = ProgressLine(sys.stderr)
    try:
        for frame in steps:
            progress.show((frame.step + 1) / max(frame.n_steps, 1), _sentence(frame))
            if stop.is_set():
                close = getattr(steps, "close", None)
                if close is not None:
                    close()  # a recipe saves its checkpoint when it is closed
                return False
    finally:
        progress.close()
    return True


def _sentence(frame: Frame) -> str:
    where = frame.label or N_("step {step:,} of {n:,}").format(step=frame.step + 1, n=frame.n_steps)
    return f"{where}  {figures(frame.scalars)}".rstrip()


@contextmanager
def stop_requests() -> Iterator[threading.Event]:
    """Turn the first Ctrl-C into a request that is seen between two steps; the second one stops at once."""
    stop = threading.Event()

    def on_interrupt(number: int, frame: object) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    previous = signal.signal(signal.SIGINT, on_interrupt)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, previous)


def resume_command(options: argparse.Namespace) -> str:
    """The command line that goes on where this one stopped."""
    words = ["main.py", "train", options.recipe, "--resume"]
    if options.steps is not None:
        words += ["--steps", str(options.steps)]
    for name, value in options.settings:
        words += ["--set", f"{name}={value}"]
    if options.device != "auto":
        words += ["--device", options.device]
    return shlex.join([*words, "-o", str(options.out)])
