"""What is written is read again, as exactly as the format can say it, and is never half there."""

from pathlib import Path

import numpy as np
import pytest

from plugins.nerf.foreign.splats.reader import WRITERS, read_splats, write_splats
from plugins.nerf.foreign.splats.turn import basis, moved
from studio.core.error import UserError

from .compared import assert_near, covariances, matched, random_splats

# place, share of the shape, opacity, colour
EXACT = (1e-6, 1e-5, 1e-6, 1e-6)
BOUNDS = {
    ".ply": EXACT,
    ".glb": EXACT,
    ".compressed.ply": (5e-3, 0.02, 0.003, 0.02),
    ".splat": (1e-6, 0.03, 0.003, 0.01),
    ".spz": (3e-4, 0.1, 0.003, 0.07),
    ".sog": (2e-4, 0.12, 0.003, 0.07),
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


def test_a_scene_with_z_upwards_stays_upright(tmp_path: Path) -> None:
    splats = random_splats(50, 2)
    write_splats(tmp_path / "a.ply", splats, up="z")
    scene = read_splats(tmp_path / "a.ply")
    assert scene.up == "z"
    assert_near(scene.splats, splats, *EXACT)
    write_splats(tmp_path / "a.glb", splats, up="z")
    scene = read_splats(tmp_path / "a.glb")
    assert scene.up == "y"
    np.testing.assert_allclose(scene.splats.centres[:, 1], splats.centres[:, 2], rtol=0, atol=1e-6)


def test_a_moved_scene_shows_the_same_from_the_moved_side() -> None:
    splats = random_splats(40, 3)
    turn = np.linalg.qr(np.random.default_rng(1).normal(size=(3, 3)))[0]
    turn *= np.sign(np.linalg.det(turn))
    matrix = np.eye(4)
    matrix[:3, :3], matrix[:3, 3] = 2 * turn, (1, 2, 3)
    found = moved(splats, matrix)
    assert found is not None
    directions = np.random.default_rng(2).normal(size=(40, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    before = np.einsum("nk,nkc->nc", basis(directions), splats.harmonics)
    after = np.einsum("nk,nkc->nc", basis(directions @ turn.T), found.harmonics)
    np.testing.assert_allclose(after, before, rtol=0, atol=1e-5)
    np.testing.assert_allclose(covariances(found), 4 * turn @ covariances(splats) @ turn.T, rtol=1e-4, atol=1e-8)
    np.testing.assert_allclose(found.centres, splats.centres @ (2 * turn).T + (1, 2, 3), rtol=0, atol=1e-5)
    assert moved(splats, np.diag([1.0, 2, 1, 1])) is None
    assert moved(splats, np.diag([1.0, 1, -1, 1])) is None
    assert moved(splats, np.zeros((4, 4))) is None


def test_a_name_without_a_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"\.ply"):
        write_splats(tmp_path / "a.txt", random_splats(2, 0))


def test_what_cannot_be_written_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a.spz"
    path.write_bytes(b"old")
    splats = random_splats(3, 0)
    splats.centres[0] = 1e8
    with pytest.raises(UserError, match="too wide"):
        write_splats(path, splats)
    assert path.read_bytes() == b"old"
    assert len(list(tmp_path.iterdir())) == 1
