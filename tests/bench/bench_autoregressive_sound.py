"""How fast sounds are made sample by sample: rings against whole trees, and a long run that is scrubbed."""

from collections.abc import Callable
from functools import cache
from typing import Any, Final

import numpy as np
import torch

from tests.bench.statistic import percentile, seconds, times_as_fast
from tests.bench.suite import Figure, bench

N_RUNS: Final = 5
N_TREES: Final = 4
"""So many samples of the middle of a note are made by whole trees: all 8,192 would take minutes."""
HEARD: Final = 16_000
N_LONG: Final = 16_384


@bench("autoregressive.wavenet_cached", "x", at_least=20)
def wavenet_cached() -> Figure:
    """A note with a ring for each layer, sample for sample against the tree of each, on one thread both."""
    from plugins.autoregressive.sound.model.sampling import NaiveWaveSampler, RingSampler
    from studio.api.engine import limited_threads

    network, wish = _network().wave, _wish()
    n_samples = wish.waves.shape[1]
    naive = NaiveWaveSampler(network, wish)
    naive.place = n_samples // 2
    with limited_threads(1):
        naive.advance(1)
        tree_s = seconds(lambda: naive.advance(N_TREES)) / N_TREES
        ours = [_best(lambda: RingSampler(network, wish).finish()) / n_samples for _ in range(2)]
    speeds = [tree_s / one for one in ours]
    note = f"a whole tree takes {1000 * tree_s:.1f} ms, ours {1e6 * min(ours):.0f} µs a sample"
    return Figure(sum(speeds) / 2, "the whole tree of each sample in torch", 1.0, max(speeds), note)


@bench("autoregressive.samples_per_s", "samples/s", at_least=HEARD)
def samples_per_s() -> Figure:
    """A note through the engine with frames of 128 samples, spectrogram and all; it is heard at 16,000 a second."""
    engine = _engine()
    taken = _best(lambda: list(engine.generate(_params())))
    return Figure(8192 / taken, note=f"{1000 * taken:.0f} ms for 512 ms of sound")


@bench("autoregressive.four_notes", "x", at_least=1)
def four_notes() -> Figure:
    """Four notes at once against four, one after the other."""
    from plugins.autoregressive.sound.model.sampling import RingSampler

    network, wish = _network().wave, _wish(4)
    alone = [_wish(1) for _ in range(4)]

    def one_by_one() -> None:
        for one in alone:
            RingSampler(network, one).finish()

    return times_as_fast(lambda: RingSampler(network, wish).finish(), one_by_one, "four runs of one note")


@bench("autoregressive.tree_ms", "ms")
def tree_ms() -> Figure:
    """What a clicked sample hangs on, by gradients through all layers."""
    engine = _engine()
    levels = np.random.default_rng(1).integers(0, 256, 8192).astype(np.uint8)
    return Figure(1000 * _best(lambda: engine.tree(levels, 6000, _params())))


@bench("autoregressive.map_16k_frames", "ms", at_most=8)
def map_16k_frames() -> Figure:
    """Any frame of a run of 16,384 samples that was recorded one by one: the slowest of a hundred."""
    recording = _long_run()
    places = np.random.default_rng(1).integers(0, len(recording), 100).tolist()
    taken = [seconds(lambda place=place: recording[place]) for place in places]  # type: ignore[misc]
    return Figure(1000 * max(taken), note=f"{len(recording):,} frames, median {1000 * percentile(taken, 50):.2f} ms")


@cache
def _long_run() -> Any:
    from studio.core.recording.recording import Recording, RunInfo

    recording = Recording(RunInfo("autoregressive/notes", {}, 1))
    for frame in _engine().generate(_params(seconds=N_LONG / HEARD, block=1)):
        recording.append(frame)
    return recording


@cache
def _network() -> Any:
    """A random network of the shipped sizes: what it has learnt does not change how long it takes."""
    from plugins.autoregressive.sound.model.notes import NotesWaveNet
    from plugins.autoregressive.sound.training.notes_recipe import CONFIG

    torch.manual_seed(1)
    return NotesWaveNet(CONFIG).eval().requires_grad_(False)


@cache
def _engine() -> Any:
    from plugins.autoregressive.sound.engine import SoundEngine

    return SoundEngine(_network(), {})


def _wish(n: int = 1) -> Any:
    from plugins.autoregressive.sound.model.notes import NoteRequest, note_conditioning
    from plugins.autoregressive.sound.training.samples import request_of

    config = _network().config
    notes = [NoteRequest(number, 60.0 + number, 80.0) for number in range(n)]
    return request_of([note_conditioning(note, config.n_samples, config) for note in notes], range(n), 0.8)


def _params(**changes: Any) -> Any:
    from plugins.autoregressive.sound.params import SoundParams

    return SoundParams(**changes)


def _best(work: Callable[[], object]) -> float:
    """Seconds of the median of a few calls after one."""
    work()
    return percentile([seconds(work) for _ in range(N_RUNS)], 50)
