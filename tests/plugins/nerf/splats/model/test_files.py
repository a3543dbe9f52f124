"""Our own files of splats: what is written comes back within the steps of its small numbers."""

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from plugins.nerf.splats.model.files import load_splats, save_splats
from studio.core.error import UserError
from tests.plugins.nerf.splats.made_splats import random_splats


@pytest.mark.parametrize("degree", [0, 1, 2, 3])
@pytest.mark.parametrize("n", [0, 1, 300])
def test_a_scene_comes_back(tmp_path, n: int, degree: int) -> None:
    splats = random_splats(n, degree)
    save_splats(tmp_path / "a.safetensors", splats)
    again = load_splats(tmp_path / "a.safetensors")
    size = float(np.ptp(splats.centres, axis=0).max()) if n > 1 else 1.0
    assert again.centres == pytest.approx(splats.centres, abs=size / 65535)
    assert again.log_scales == pytest.approx(splats.log_scales, rel=1e-3)
    assert again.opacity_logits == pytest.approx(splats.opacity_logits, rel=1e-3, abs=1e-6)
    assert np.abs((again.rotations * splats.rotations).sum(1)) == pytest.approx(np.ones(n), abs=1e-3)
    step = float(np.abs(splats.harmonics).max(initial=0)) / 127
    assert again.harmonics == pytest.approx(splats.harmonics, abs=step + 2e-3)


@pytest.mark.parametrize("harm", ["missing", "type", "shape", "degree", "nan", "box", "cut", "text"])
def test_a_file_that_is_none_is_refused(tmp_path, harm: str) -> None:
    path = tmp_path / "a.safetensors"
    save_splats(path, random_splats(20, 1))
    arrays, metadata = load_file(path), {"box": '{"low": [0, 0, 0], "size": [1, 1, 1], "step": 0.1}'}
    if harm == "missing":
        del arrays["sheen"]
    elif harm == "type":
        arrays["centres"] = arrays["centres"].astype(np.float32)
    elif harm == "shape":
        arrays["rotations"] = arrays["rotations"][:, :3].copy()
    elif harm == "degree":
        arrays["sheen"] = np.zeros((20, 5, 3), np.int8)
    elif harm == "nan":
        arrays["log_scales"][3] = np.nan
    elif harm == "box":
        metadata["box"] = '{"low": [0, 0], "size": [1, 1, 1], "step": 0.1}'
    if harm == "cut":
        path.write_bytes(path.read_bytes()[:-40])
    elif harm == "text":
        path.write_text("no splats")
    else:
        save_file(arrays, path, metadata)
    with pytest.raises(UserError):
        load_splats(path)
