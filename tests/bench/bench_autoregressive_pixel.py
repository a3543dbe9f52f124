"""How fast pictures are made pixel by pixel: kept rows against whole passes, and four endings against one."""

import itertools
import tempfile
from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Any, Final

import torch

from tests.bench.bench_vae_model import bare_loop
from tests.bench.statistic import percentile, relative_speed, seconds, times_as_fast
from tests.bench.suite import Figure, bench
from tests.bench.visit import visit, where

N_RUNS: Final = 5
N_STEPS: Final = 4
N_UNHEARD_STEPS: Final = 100_000
N_PIXELS: Final = 12
"""So many pixels of the middle of a picture are made by whole passes: all 784 would take most of a minute."""
DIGITS: Final = "autoregressive/digits"
RECURRENT: Final = "autoregressive/digits-rnn"


@bench("autoregressive.pixelcnn_cached", "x", at_least=20)
def pixelcnn_cached() -> Figure:
    """A digit by the gated PixelCNN with kept rows, pixel for pixel against a whole pass for each."""
    return _against_whole_passes(DIGITS)


@bench("autoregressive.pixelrnn_cached", "x", at_least=20)
def pixelrnn_cached() -> Figure:
    """The same by the Row LSTM with kept states."""
    return _against_whole_passes(RECURRENT)


@bench("autoregressive.pixels_per_s", "pixels/s")
def pixels_per_s() -> Figure:
    """A digit through the engine, with frames of four pixels each."""
    engine, params = _engine(DIGITS), _params(stride=4)
    taken = _best(lambda: list(engine.generate(params)))
    return Figure(_n_places(DIGITS) / taken, note=f"{1000 * taken:.0f} ms a digit")


@bench("autoregressive.guided_pixels_per_s", "pixels/s")
def guided_pixels_per_s() -> Figure:
    """The same with guidance, for which every kind of digit is a pass of its own."""
    engine, params = _engine(DIGITS), _params(stride=4)
    guided = replace(params, guidance=1.0)
    plain = _best(lambda: list(engine.generate(params)))
    taken = _best(lambda: list(engine.generate(guided)))
    return Figure(_n_places(DIGITS) / taken, note=f"{1000 * taken:.0f} ms a digit, {taken / plain:.1f} times one pass")


@bench("autoregressive.four_endings", "x", at_least=1)
def four_endings() -> Figure:
    """Four endings at once against four, one after the other."""
    engine = _engine(DIGITS)

    def one_by_one() -> None:
        for seed in range(1, 5):
            list(engine.generate(_params(seed=seed, stride=16)))

    together = _params(n_endings=4, stride=16)
    return times_as_fast(lambda: list(engine.generate(together)), one_by_one, "four runs of one ending")


@bench("autoregressive.receptive_field_ms", "ms")
def receptive_field_ms() -> Figure:
    """What a clicked pixel depends on, by gradients."""
    engine = _engine(DIGITS)
    picture = _middle()
    return Figure(1000 * _best(lambda: engine.dependence(picture, 3, 14 * 28 + 14)))


@bench("autoregressive.train_throughput", "%", at_least=95)
def train_throughput() -> Figure:
    """Steps of the training of digits as frames, against a bare loop over the same network and pictures."""
    from plugins.autoregressive.pixels.training.data import PixelBatches
    from plugins.autoregressive.pixels.training.objective import NextPixel
    from plugins.autoregressive.pixels.training.recipes import DIGITS as RECIPE
    from studio.api.training import Split, Training
    from studio.compute.device import choose_device
    from studio.compute.training_loop import follow_training

    device = choose_device().torch_device
    batches = PixelBatches(RECIPE.data(Split.TRAIN), RECIPE.n_pictures, 1, device)
    network, settings = RECIPE.network(RECIPE.config), RECIPE.settings.chosen({}, N_UNHEARD_STEPS)
    training = Training(network, NextPixel(batches), settings, device)
    bare = bare_loop(training, N_STEPS)
    with tempfile.TemporaryDirectory() as folder:
        frames = follow_training(training, Path(folder) / "bench.checkpoint", False)
        ours_too = partial(next, itertools.islice(frames, N_STEPS - 1, None, N_STEPS))
        figure = relative_speed(ours_too, bare, f"{N_STEPS} steps of a bare loop")
        frames.close()
    return figure


@bench("autoregressive.ui_gap_generate", "ms", at_most=16)
def ui_gap_generate() -> Figure:
    """How late a timer of 4 ms is while four endings of a digit grow in the window, again and again."""
    result = visit("pixels_grow")
    note = f"p99; worst {result['gap_worst_ms']:.1f} ms (50), {result['n_pictures']} times four endings, {where()}"
    return Figure(result["gap_p99_ms"], note=note)


def _against_whole_passes(recipe_id: str) -> Figure:
    """Ours makes a whole picture and its peer a part of one; both count the seconds of a pixel.

    The peer has as many threads as it is the faster with: on a busy machine two of them wait for each other.
    """
    from plugins.autoregressive.pixels.model.sampling import NaivePixelSampler, PixelRequest, sampler_of
    from studio.api.engine import limited_threads

    network, wish, n_all = _network(recipe_id), PixelRequest((3,), (1,)), _n_places(recipe_id)
    ours_s = _best(lambda: sampler_of(network, wish).finish()) / n_all
    naive = NaivePixelSampler(network, wish)
    naive.place = n_all // 2
    naive.advance(1)
    whole_s = seconds(lambda: naive.advance(N_PIXELS)) / N_PIXELS
    with limited_threads(1):
        naive.advance(1)
        whole_s = min(whole_s, seconds(lambda: naive.advance(N_PIXELS)) / N_PIXELS)
    again_s = _best(lambda: sampler_of(network, wish).finish()) / n_all
    speeds = [whole_s / ours_s, whole_s / again_s]
    note = f"a whole pass takes {1000 * whole_s:.1f} ms, ours {1e6 * min(ours_s, again_s):.0f} µs a pixel"
    return Figure(sum(speeds) / 2, "a whole pass of torch for each pixel", 1.0, max(speeds), note)


@cache
def _network(recipe_id: str) -> Any:
    """A random network of the shipped sizes: what it has learnt does not change how long it takes."""
    from studio.registry.catalog import Catalog

    recipe: Any = Catalog().find_recipe(recipe_id)
    torch.manual_seed(1)
    return recipe.network(recipe.config).eval().requires_grad_(False)


@cache
def _engine(recipe_id: str) -> Any:
    from plugins.autoregressive.pixels.engine import PixelEngine

    return PixelEngine(_network(recipe_id), {})


def _params(**changes: int) -> Any:
    from plugins.autoregressive.pixels.params import PixelParams

    values: dict[str, Any] = {"kind": "3", **changes}
    return PixelParams(**values)


def _middle() -> Any:
    """A finished picture."""
    return list(_engine(DIGITS).generate(_params(stride=256)))[-1].state["values"][0]


def _n_places(recipe_id: str) -> int:
    return _network(recipe_id).config.n_places


def _best(work: Callable[[], object]) -> float:
    """Seconds of the median of a few calls after one."""
    work()
    return percentile([seconds(work) for _ in range(N_RUNS)], 50)
