"""Writes a small family of kernels for the tests of cache and compile child."""

from pathlib import Path

OUTER = """
import numba, numpy as np
from studio.compute.kernel import kernel
from .inner import factor

@kernel(parallel=True)
def scaled(values):
    out = np.empty_like(values)
    for i in numba.prange(len(values)):
        out[i] = factor() * values[i]
    return out
"""
INNER = """
from studio.compute.kernel import kernel

@kernel()
def factor():
    return {factor}
"""
WARM_UP = """
import numpy as np

def _scale():
    from .outer import scaled
    assert scaled(np.ones(3))[0] == 2

GROUPS = ({"inner": lambda: __import__("fam.inner").inner.factor(), "outer": _scale}, {"nothing": int})
"""


def write_family(folder: Path, factor: str = "2.0", warm_up: str = WARM_UP) -> Path:
    """A package `fam` in `folder` with a kernel that calls one of another file; returns its folder."""
    family = folder / "fam"
    family.mkdir(exist_ok=True)
    texts = {"__init__": "", "outer": OUTER, "inner": INNER.format(factor=factor), "warm_up": warm_up}
    for name, text in texts.items():
        (family / f"{name}.py").write_text(text)
    return family
