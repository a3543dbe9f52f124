"""The large file that the bench writes is one that opens, tried with two small layers."""

from pathlib import Path

import numpy as np
import pytest

from plugins.transformer.foreign.gguf.model import read_gguf_model
from plugins.transformer.importers import GgufImporter
from studio.core.inspection import inspect_file
from tests.bench import large_gguf


def test_the_file_has_its_shape_and_opens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"N_LAYERS": 2, "WIDTH": 256, "MLP_WIDTH": 512, "N_HEADS": 4, "N_VOCAB": 300}.items():
        monkeypatch.setattr(large_gguf, name, value)
    n_weights = large_gguf.write_large_gguf(path := tmp_path / "small.gguf")
    report = inspect_file(path, [GgufImporter()])
    assert (report.opens, report.n_params, report.architecture) == (True, n_weights, "LLaMA")
    found = read_gguf_model(path)
    assert (found.config.n_layers, found.config.mlp_width, found.config.is_tied) == (2, 512, False)
    assert np.isfinite(n_weights)
