"""What is compiled in advance is what drawing asks for, for every kind of network alike."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from plugins.autoregressive.pixels.model import sampling
from plugins.autoregressive.pixels.model.kernels import go_on_gated as drawn_gated
from plugins.autoregressive.pixels.model.kernels import go_on_rows as drawn_rows
from plugins.autoregressive.pixels.model.pixelcnn import GatedPixelCNN
from plugins.autoregressive.pixels.model.row_lstm import RowLSTM
from plugins.autoregressive.pixels.model.sampling import PixelRequest, sampler_of
from plugins.autoregressive.sound.model import sampling as wave_sampling
from studio.api.kernel import prepare_kernels
from studio.compute.kernel_cache import are_kernels_ready
from tests.plugins.autoregressive.pixels.pixel_made import LOGISTIC, SOFTMAX, made_network

ROOT = Path(__file__).parents[3]
WORK = """
import sys
from numba.core.dispatcher import Dispatcher
from plugins.autoregressive.pixels.model.pixelcnn import GatedPixelCNN, MaskedPixelCNN
from plugins.autoregressive.pixels.model.row_lstm import RowLSTM
from plugins.autoregressive.pixels.model.sampling import PixelRequest as Wish, sampler_of
from tests.plugins.autoregressive.pixels.pixel_made import made_network
for kind in (GatedPixelCNN, MaskedPixelCNN, RowLSTM):
    sampler_of(made_network(kind), Wish((0, 1), (1, 2), 0.5)).finish()
print(*{
    f"{name}.{kernel.py_func.__name__}"
    for name, module in sys.modules.items() if name.startswith("plugins.")
    for kernel in vars(module).values() if isinstance(kernel, Dispatcher) and kernel.stats.cache_misses
})
"""


def test_every_network_of_a_kind_is_drawn_by_the_same_machine_code():
    """What was compiled for one must fit all: compiling takes seconds, and the window would wait."""
    for kind in (GatedPixelCNN, RowLSTM):
        for changes in ({}, {"n_layers": 1}, {"n_levels": 256, "reach_px": 2}):
            for head in (SOFTMAX, LOGISTIC):
                sampler_of(made_network(kind, head, **changes), PixelRequest((0,), (1,))).advance(3)
    assert len(drawn_gated.signatures) == len(drawn_rows.signatures) == 1  # type: ignore[attr-defined]


@pytest.mark.long("starts processes of its own")
def test_after_the_warm_up_nothing_is_compiled_any_more():
    for module in (sampling.WARM_UP, wave_sampling.WARM_UP):
        prepare_kernels(module)
        assert are_kernels_ready(module)
    environment = {**os.environ, "PYTHONPATH": os.fspath(ROOT)}
    done = subprocess.run([sys.executable, "-c", WORK], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []


def test_to_know_the_steps_loads_no_numba():
    code = (
        "import sys, plugins.autoregressive.pixels.warm_up, plugins.autoregressive.sound.warm_up;"
        "print('numba' in sys.modules, 'torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]
