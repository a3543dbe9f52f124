"""What is written is read again, as exactly as the format can say it, and is never half there."""

from pathlib import Path

import numpy as np
import pytest

from plugins.nerf.foreign.splats.reader import WRITERS, read_splats, write_splats

from .compared import assert_near, matched, random_splats

# place, share of the shape, opacity, colour
EXACT = (1e-6, 1e-5, 1e-6, 1e-6)
BOUNDS = {
    ".ply": EXACT,
}


@pytest.mark.parametrize("degree", [0, 1, 2, 3])
@pytest.mark.parametrize("ending", WRITERS)
def test_what_is_written_is_read_again(tmp_path: Path, ending: str, degree: int) -> None:
    splats = random_splats(600, 0 if ending == ".splat" else degree, seed=degree)
    path = tmp_path / f"scene{ending}"
    write_splats(path, splats)
    scene = read_splats(path)
    assert scene.up == "y"
    place, shape, opacity, colour = BOUNDS[ending]
    assert_near(matched(splats, scene.splats), splats, place, shape, opacity, colour)
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("n", [1, 255, 256, 257, 70_000])
@pytest.mark.parametrize("ending", WRITERS)
def test_any_number_of_splats_is_written(tmp_path: Path, ending: str, n: int) -> None:
    splats = random_splats(n, 0)
    write_splats(tmp_path / f"a{ending}", splats)
    found = read_splats(tmp_path / f"a{ending}").splats
    assert len(found) == n
    np.testing.assert_allclose(np.sort(found.opacities), np.sort(splats.opacities), rtol=0, atol=0.003)
