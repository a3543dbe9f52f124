"""The window of texts: how soon the first word comes, and whether the window answers while words come."""

import os
import subprocess
import sys
import time
from typing import Final

from tests.bench.statistic import median_of
from tests.bench.suite import Figure, UnmeasuredError, bench
from tests.bench.text_model import MODEL, shipped_source
from tests.bench.visit import ROOT, visit, where

N_STARTS: Final = 5


@bench("transformer.first_token_cold", "s", at_most=2.5)
def first_token_cold() -> Figure:
    """From the start of a process to the first word that was drawn, with all that is known of it; kernels compiled."""
    source = shipped_source()
    times = [_first_token_s(source.id, os.fspath(source.path)) for _ in range(N_STARTS + 1)]
    return median_of(times[1:], note=f"median of {N_STARTS} starts in a warm file cache, {source.id}")


@bench("transformer.ui_gap_generate", "ms", at_most=16)
def ui_gap_generate() -> Figure:
    """How late a timer of 4 ms is while a text is written to its end in the window."""
    result = visit("text_write")
    busy = f"computed between two beats {result['computed_p99_ms']:.1f} ms, worst {result['computed_worst_ms']:.1f}"
    note = f"p99; worst {result['gap_worst_ms']:.1f} ms (33), {busy}, {result['tokens_per_s']:.0f} tokens/s, {where()}"
    return Figure(result["gap_p99_ms"], note=note)


def _first_token_s(model_id: str, path: str) -> float:
    command = [sys.executable, "-m", "tests.bench.first_token", model_id, path]
    started = time.monotonic()
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise UnmeasuredError(f"{MODEL} did not open: {(done.stderr.splitlines() or ['no output'])[-1]}")
    return float(done.stdout) - started
