"""Generators of other people: how long it takes from a dropped file to a generator that can draw."""

import tempfile
from pathlib import Path

import torch

from plugins.gan.foreign.stylegan.generator import open_stylegan
from plugins.gan.foreign.stylegan.layers import MappingConfig
from plugins.gan.foreign.stylegan.stylegan2 import StyleGan2, StyleGan2Config
from plugins.gan.importers import StyleGanImporter
from studio.api.engine import Device
from studio.core.inspection import inspect_file
from studio.core.pausing import result_of
from tests.bench.statistic import percentile, seconds
from tests.bench.suite import Figure, bench
from tests.fixtures.network_pickle import network_part, network_pickle

CONFIG = StyleGan2Config(MappingConfig(512, (512,) * 8), (512, 512, 512, 512, 512, 256, 128), clamp=256.0)  # 256 px
N_TIMES = 5


@bench("gan.open_stylegan_pickle", "s", at_most=3)
def open_stylegan_pickle() -> Figure:
    """A pickle of 256 px with two generators, inspected, imported and opened, against torch's own loader."""
    network = StyleGan2(CONFIG).requires_grad_(False)
    for value in network.state_dict().values():
        value.normal_()
    with tempfile.TemporaryDirectory() as folder:
        path, plain = Path(folder) / "network.pkl", Path(folder) / "network.pt"
        part = network_part(network, {"z_dim": 512, "synthesis_kwargs": {"conv_clamp": 256}})
        path.write_bytes(network_pickle({"G": part, "G_ema": network_part(network, {})}))
        torch.save(network.state_dict(), plain)
        n_bytes = path.stat().st_size

        def ours() -> None:
            importer = StyleGanImporter()
            assert inspect_file(path, [importer]).opens
            open_stylegan(result_of(importer.load(path)), Device("cpu", "float32", 1))

        def theirs() -> None:
            torch.load(plain, weights_only=True)

        ours()
        found = [seconds(ours) for _ in range(N_TIMES)]
        bare = [seconds(theirs) for _ in range(N_TIMES)]
    peer = "torch.load of one generator's weights alone, without any check"
    note = f"{n_bytes / (1 << 20):.0f} MiB, every number checked"
    return Figure(percentile(found, 50), peer, percentile(bare, 50), note=note)
