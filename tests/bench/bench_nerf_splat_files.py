"""A captured scene of a million Gaussian splats: how long its file takes to be read."""

import tempfile
from pathlib import Path

import numpy as np

from plugins.nerf.foreign.splats.reader import read_splats, write_splats
from plugins.nerf.importers import SplatsImporter
from plugins.nerf.splats.model.splats import splats_of
from studio.core.pausing import result_of
from tests.bench.statistic import percentile, seconds
from tests.bench.suite import Figure, bench

N = 1_000_000
N_TIMES = 5


@bench("nerf.read_splats", "s", at_most=6)
def read_a_million_splats() -> Figure:
    """A PLY file of degree 3 from the disk to a source, every number checked and the scene stood upright."""
    random = np.random.default_rng(0)
    splats = splats_of(
        {
            "centres": random.normal(size=(N, 3)),
            "log_scales": random.normal(-4, 1, (N, 3)),
            "rotations": random.normal(size=(N, 4)),
            "opacity_logits": random.normal(size=N),
            "harmonics": random.normal(0, 0.3, (N, 16, 3)),
        }
    )
    with tempfile.TemporaryDirectory() as folder:
        path, packed = Path(folder) / "scene.ply", Path(folder) / "scene.spz"
        for one in (path, packed):
            write_splats(one, splats)
        n_bytes = path.stat().st_size
        found = [seconds(lambda: result_of(SplatsImporter().load(path))) for _ in range(N_TIMES)]
        bare = [seconds(lambda: np.fromfile(path, np.uint8)) for _ in range(N_TIMES)]
        note = f"{n_bytes / 1e6:.0f} MB; the same as SPZ {seconds(lambda: read_splats(packed)):.1f} s"
    return Figure(percentile(found, 50), "the bytes alone by NumPy", percentile(bare, 50), note=note)
