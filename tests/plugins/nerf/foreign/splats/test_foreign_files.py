"""Files that other people's programs wrote are read as those programs read them."""

import pytest

from plugins.nerf.foreign.splats.reader import looks_like_splats, read_splats

from .compared import DATA, assert_near, expected

NAMES = (
    "inria.ply",
    "big-endian.ply",
    "text.ply",
    "other-order.ply",
    "nerfstudio-layout.ply",
    "gsply.ply",
    "splat-transform.ply",
)


@pytest.mark.parametrize("name", NAMES)
def test_a_foreign_file_is_read_as_its_own_program_reads_it(name: str) -> None:
    path = DATA / name
    assert looks_like_splats(path)
    scene = read_splats(path)
    assert scene.warnings == ()
    assert scene.up == ("z" if name.startswith("nerfstudio") else "y")
    assert_near(scene.splats, expected(name), place=1e-6, shape=2e-5, opacity=2e-6, colour=2e-6)
