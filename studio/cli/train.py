"""Trains a model by its recipe: progress, checkpoints, and a Ctrl-C that loses nothing."""

import argparse
import os
import shlex
import shutil
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from pathlib import Path
from typing import Final

from studio.api.engine import TrainOptions
from studio.cli import option, output
from studio.cli.progress import ProgressLine, figures
from studio.compute.curve import LEARNT_BEFORE
from studio.compute.launch import launch
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.learning import HELD_OUT
from studio.core.option import N_THREADS
from studio.core.place import config_dir
from studio.core.setting import FILE_NAME, Settings
from studio.core.translation import N_
from studio.registry.catalog import Catalog
from studio.registry.model import WEIGHT_SUFFIXES

SUMMARY = N_("train a model by its recipe")
CHECKPOINT_SUFFIX: Final = ".checkpoint"


@contextmanager
def unfinished(out: Path, is_resumed: bool, is_first: bool) -> Iterator[Path]:
    """Hand out where a training shall write what belongs at `out`: a file in a hidden folder beside it.

    Weights are written before they are measured for their card, and nobody opens them without it. The folder stays
    where the training is stopped or killed, and a resumed one goes on in it; `finish` puts all of it in its place.

    Args:
        is_first: whether this is the process that writes, of several that train together.

    Raises:
        UserError: the folder cannot be made.
    """
    folder = folder_of(out)
    try:
        if is_first:
            _prepare(folder, out, is_resumed)
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise UserError(
            N_("The training cannot be saved: its folder cannot be created."),
            N_("Is the disk full, or the folder {folder} read-only?").format(folder=out.parent),
        ) from error
    try:
        yield folder / out.name
    finally:
        if is_first:
            with suppress(OSError):  # it holds something, as after a stop
                folder.rmdir()


def finish(out: Path) -> None:
    """Put a finished model in its place, the weights last; raises UserError where the disk refuses."""
    folder = folder_of(out)
    try:
        for path in sorted(folder.iterdir(), key=lambda one: one.name == out.name):
            path.replace(out.with_name(path.name))
    except OSError as error:
        raise UserError(
            N_("The trained model could not be moved to its place."), N_("It is in {folder}.").format(folder=folder)
        ) from error


def folder_of(out: Path) -> Path:
    """The hidden folder."""
    return out.with_name(f".{out.stem}.unfinished")


def _prepare(folder: Path, out: Path, is_resumed: bool) -> None:
    """Bring the state of a finished training to where a resumed one looks for it; a new one begins with nothing."""
    if not is_resumed:
        shutil.rmtree(folder, ignore_errors=True)
        return
    folder.mkdir(exist_ok=True)
    for path in list(out.parent.iterdir()):
        is_state = path.name.startswith(f"{out.stem}.") and path.suffix == CHECKPOINT_SUFFIX
        if is_state and not (folder / path.name).exists():
            path.replace(folder / path.name)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare RECIPE, --steps, --set, --resume, --device and -o."""
    parser.add_argument("recipe", metavar="RECIPE", help=N_("the id of the model to make, such as vae/digits"))
    parser.add_argument("--steps", type=option.count, metavar="N", help=N_("how many steps, instead of the recipe’s"))
    option.add_settings(parser)
    parser.add_argument("--resume", action="store_true", help=N_("continue from the checkpoint of OUT"))
    parser.add_argument(
        "--device", choices=("auto", "cpu", "cuda"), default="auto", help=N_("auto: the fastest available")
    )
    option.add_out(parser, N_("the .safetensors file to write; its card is written next to it"))


def run(options: argparse.Namespace) -> None:
    """Train to the end; raises UserError where it cannot, or where it was stopped by Ctrl-C."""
    with quiet_unless_first():
        output.check(options.out, WEIGHT_SUFFIXES)
        from studio.compute.device import choose_device
        from studio.compute.distributed import RankDone, joined

        recipe = Catalog().find_recipe(options.recipe)
        settings = Settings(config_dir() / FILE_NAME)  # as many threads as a training in the window has
        device = choose_device(options.device, settings.get(N_THREADS))
        started = launch()
        is_first = started is None or started.rank == 0
        with (
            unfinished(options.out, options.resume, is_first) as out,
            joined(device.torch_device) as ranks,
            stop_requests(ranks.ask_to_stop),
        ):
            wanted = TrainOptions(out, device, options.steps, options.resume, option.settings_of(options))
            try:
                is_complete = follow(recipe.train(wanted), lambda: ranks.is_stopping)
            except RankDone:
                return
            if is_complete:
                finish(options.out)
        if not is_complete:
            raise UserError(N_("Stopped."), N_("To continue: {command}").format(command=resume_command(options)))
        print(N_("The model is in {path}; its card is next to it.").format(path=options.out))


def follow(steps: Iterator[Frame], is_stopping: Callable[[], bool]) -> bool:
    """Run a training and show its progress; returns whether it came to its end rather than to a stop."""
    progress, held_out = ProgressLine(sys.stderr), dict[str, float]()
    try:
        for frame in steps:
            held_out |= {name: value for name, value in frame.scalars.items() if name.startswith(HELD_OUT)}
            if frame.label != LEARNT_BEFORE:
                progress.show((frame.step + 1) / max(frame.n_steps, 1), sentence(frame, held_out))
            if is_stopping():
                close = getattr(steps, "close", None)
                if close is not None:
                    close()  # a recipe saves its checkpoint when it is closed
                return False
    finally:
        progress.close()
    return True


def sentence(frame: Frame, held_out: Mapping[str, float]) -> str:
    """What a training is doing, with its losses and the newest held-out figures."""
    where = frame.label or N_("step {step:,} of {n:,}").format(step=frame.step + 1, n=frame.n_steps)
    return f"{where}  {figures({**frame.scalars, **held_out})}".rstrip()


@contextmanager
def stop_requests(ask_to_stop: Callable[[], None]) -> Iterator[None]:
    """Turn the first Ctrl-C into a request that is heard between two batches; the second one stops at once.

    A launcher of several processes passes one Ctrl-C on to them more than once, and waits for them itself.
    """
    is_asked = False

    def on_signal(number: int, frame: object) -> None:
        nonlocal is_asked
        if is_asked and launch() is None:
            raise KeyboardInterrupt
        is_asked = True
        ask_to_stop()

    previous = {number: signal.signal(number, on_signal) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


@contextmanager
def quiet_unless_first() -> Iterator[None]:
    """Of several processes that train together, let the first one alone speak."""
    started = launch()
    if started is not None:  # torch, which is not loaded yet, would remark past our streams on how its time is spent
        os.environ.setdefault("TORCH_CPP_LOG_LEVEL", "ERROR")
    if started is None or started.rank == 0:
        yield
        return
    with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere), redirect_stderr(nowhere):
        try:
            yield
        except UserError as error:
            raise SystemExit(1) from error


def resume_command(options: argparse.Namespace) -> str:
    """The command line that goes on where this one stopped."""
    started = launch()
    launcher = [] if started is None else ["torchrun", "--nproc-per-node", str(started.n_local)]
    words = [*launcher, "main.py", "train", options.recipe, "--resume"]
    if options.steps is not None:
        words += ["--steps", str(options.steps)]
    for name, value in options.settings:
        words += ["--set", f"{name}={value}"]
    if options.device != "auto":
        words += ["--device", options.device]
    return shlex.join([*words, "-o", str(options.out)])
