"""The people of the GANs: what engine, window and training add to the bare networks."""

import itertools
import tempfile
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import torch
from torch import Tensor
from torch.nn import functional as F

from plugins.gan.people.engine import PeopleEngine
from plugins.gan.people.model import equalised
from plugins.gan.people.model.interface import StylePeopleGenerator, StyleScorer
from plugins.gan.people.model.style_gan import StyleGan
from plugins.gan.shared.weights import load_network
from studio.api.engine import TrainOptions
from studio.api.training import Split, load_avatars
from studio.compute.device import choose_device
from studio.compute.thread import limited_threads
from studio.compute.training_loop import follow_training
from studio.core.recording.recording import Recording, RunInfo
from studio.registry.catalog import Catalog
from tests.bench.bench_vae_model import bare_loop
from tests.bench.engine import opened
from tests.bench.statistic import overhead, relative_speed, times_as_fast
from tests.bench.suite import Figure, bench
from tests.bench.visit import visit, where

MODEL = "gan/avatars-style"
N_PICTURES = 40
N_STEPS = 4
N_UNHEARD_STEPS = 100_000


@bench("gan.forward", "%", at_most=5)
def forward() -> Figure:
    """One face and its verdict through the engine and into a recording, against the networks as they were learnt.

    The engine has scaled their weights once for all (`settle`), which the bare networks do for every picture.
    """
    engine = _opened()
    learnt = load_network(engine.source.path, StyleGan)
    generator, verdict = StylePeopleGenerator(learnt.generator), StyleScorer(learnt.discriminator)
    params = Catalog().params_class(engine.source)()
    (first,) = engine.generate(params)
    state = first.state
    assert state is not None
    rows = torch.from_numpy(state["w"])[None]

    def ours() -> None:
        recording = Recording(RunInfo(MODEL, {}, 0))
        for _ in range(N_PICTURES):
            for frame in engine.generate(params, state):
                recording.append(frame)

    @torch.inference_mode()
    def bare() -> None:
        with limited_threads(1):  # as the engine does for one face
            for _ in range(N_PICTURES):
                verdict.scores(generator.synthesis(rows))

    return overhead(ours, bare, f"{N_PICTURES} x forger and detective alone, one thread")


@bench("gan.style_forward_vs_reference", "x", at_least=1)
def style_forward_vs_reference() -> Figure:
    """Our forger with shared weights and scaled inputs, against grouped convolutions with weights for each picture."""
    generator = StylePeopleGenerator(load_network(_opened().source.path, StyleGan).generator)
    rows = torch.randn(8, generator.n_layers, generator.n_w)

    @torch.inference_mode()
    def draw() -> None:
        generator.synthesis(rows)

    def grouped() -> None:
        with patch.object(equalised, "modulated_conv", grouped_conv):
            draw()

    return times_as_fast(draw, grouped, "grouped convolutions, 8 pictures")


def grouped_conv(
    x: Tensor, weight: Tensor, style: Tensor, is_demodulated: bool = True, norms: Tensor | None = None
) -> Tensor:
    """The formulation of the paper's own code: each picture has weights of its own, one group each."""
    n, n_in, height, width = x.shape
    own = weight[None] * style[:, None, :, None, None]  # (B, O, C, k, k)
    if is_demodulated:
        own = own * torch.rsqrt(own.square().sum((2, 3, 4), keepdim=True) + 1e-8)
    n_out = weight.shape[0]
    grouped = x.reshape(1, n * n_in, height, width)
    y = F.conv2d(grouped, own.reshape(n * n_out, n_in, *weight.shape[2:]), padding=weight.shape[-1] // 2, groups=n)
    return y.view(n, n_out, height, width)


@bench("gan.train_throughput", "%", at_least=95)
def train_throughput() -> Figure:
    """Steps of the DCGAN's training as frames, against a bare loop over the same networks and batches."""
    recipe: Any = Catalog().find_recipe("gan/avatars-dcgan")
    with tempfile.TemporaryDirectory() as folder:
        options = TrainOptions(Path(folder) / "bench.safetensors", choose_device(), N_UNHEARD_STEPS)
        training = recipe.training(load_avatars(Split.TRAIN), options)
        bare = bare_loop(training, N_STEPS)
        frames = follow_training(training, options.out.with_suffix(".checkpoint"), False)
        ours = partial(next, itertools.islice(frames, N_STEPS - 1, None, N_STEPS))
        figure = relative_speed(ours, bare, f"{N_STEPS} steps of a bare loop")
        frames.close()
    return figure


@bench("gan.slider_to_paint", "ms", at_most=16)
def slider_to_paint() -> Figure:
    """The strongest direction's slider in the window, the detective looking on eight times a second."""
    result = visit("gan_steer")
    count = result["slider_n_values"]
    return Figure(result["slider_p95_ms"], note=f"p95 of {count:.0f} values, dropped ones included, {where()}")


@bench("gan.slider_paints", "/s", at_least=45)
def slider_paints() -> Figure:
    """Pictures painted in each second of the same drag."""
    return Figure(visit("gan_steer")["slider_paints_per_s"], note="in the same drag")


@bench("gan.ui_gap_drag", "ms", at_most=16)
def ui_gap_drag() -> Figure:
    """How late a timer of 4 ms is while a hand drags over the carpet."""
    result = visit("gan_steer")
    note = f"p99; worst {result['gap_worst_ms']:.1f} ms (50), frames p95 {result['frame_gap_p95_ms']:.1f} ms (20)"
    return Figure(result["gap_p99_ms"], note=note)


def _opened() -> PeopleEngine:
    engine = opened(MODEL)
    assert isinstance(engine, PeopleEngine)
    return engine
