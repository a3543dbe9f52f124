"""Files that other people's programs wrote are read as those programs read them."""

import json
import shutil
import struct
import sys
from pathlib import Path

import numpy as np
import pytest

from plugins.nerf.foreign.splats.reader import FORMATS, looks_like_splats, read_splats
from studio.core.error import UserError

from .compared import DATA, assert_near, expected


def needs_zstandard() -> None:
    if sys.version_info < (3, 14):
        pytest.importorskip("backports.zstd", reason="needs the extra “splats”")


NAMES = sorted(path.name.removesuffix(".npz") for path in DATA.glob("*.npz"))


@pytest.mark.parametrize("name", NAMES)
def test_a_foreign_file_is_read_as_its_own_program_reads_it(name: str) -> None:
    if name.endswith("v4.spz"):
        needs_zstandard()
    path = DATA / name
    assert looks_like_splats(path)
    scene = read_splats(path)
    assert scene.warnings == ()
    assert scene.up == ("z" if name.startswith("nerfstudio") else "y")
    # The byte of a rotation in .splat is b / 128 - 1 for those who write it, and splat-transform reads b / 127.5 - 1.
    shape = 0.02 if name.endswith(".splat") else 2e-5
    assert_near(scene.splats, expected(name), place=1e-6, shape=shape, opacity=2e-6, colour=2e-6)


def test_the_data_covers_every_format_degree_and_version() -> None:
    scenes = {name: read_splats(DATA / name) for name in NAMES if not name.endswith("v4.spz")}
    assert {scene.splats.degree for scene in scenes.values()} == {0, 1, 2, 3}
    assert {scene.format for scene in scenes.values()} == set(FORMATS)


def test_a_renamed_file_is_known_by_its_content(tmp_path: Path) -> None:
    for name in ("inria.ply", "splat-transform-v3.spz", "splat-transform.glb", "gsply.compressed.ply"):
        path = Path(shutil.copy(DATA / name, tmp_path / "photo.png"))
        assert looks_like_splats(path)
        assert len(read_splats(path).splats) == 20


def test_a_scene_in_pieces_is_read_from_its_folder(tmp_path: Path) -> None:
    shutil.unpack_archive(DATA / "splat-transform.sog", tmp_path, "zip")
    wanted = read_splats(DATA / "splat-transform.sog").splats
    for path in (tmp_path, tmp_path / "meta.json"):
        assert looks_like_splats(path)
        for name, array in read_splats(path).splats.arrays().items():
            np.testing.assert_array_equal(array, wanted.arrays()[name])


def test_gltf_as_a_text_has_its_numbers_beside_it_and_its_scene_where_its_node_puts_it(tmp_path: Path) -> None:
    whole = (DATA / "splat-transform.glb").read_bytes()
    n = struct.unpack_from("<I", whole, 12)[0]
    document = json.loads(whole[20 : 20 + n])
    document["buffers"][0]["uri"] = "numbers.bin"
    document["nodes"] = [
        {"children": [1], "translation": [1, 2, 3]},
        {"mesh": 0, "rotation": [0, 0, 1, 0], "scale": [2, 2, 2]},
    ]
    (tmp_path / "numbers.bin").write_bytes(whole[28 + n :])
    (tmp_path / "a.gltf").write_text(json.dumps(document))
    wanted, found = expected("splat-transform.glb"), read_splats(tmp_path / "a.gltf").splats
    np.testing.assert_allclose(found.centres, wanted.centres * (-2, -2, 2) + (1, 2, 3), rtol=0, atol=1e-5)
    np.testing.assert_allclose(found.log_scales, wanted.log_scales + np.log(2), rtol=0, atol=1e-5)
    np.testing.assert_allclose(found.harmonics[:, 1:], wanted.harmonics[:, 1:] * [[-1], [1], [-1]], rtol=0, atol=1e-6)


def test_version_4_of_spz_says_what_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("compression.zstd", "backports.zstd", "compression", "backports"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(UserError, match="extra “splats”"):
        read_splats(DATA / "splat-transform-v4.spz")


def test_other_files_are_left_to_others(tmp_path: Path) -> None:
    contents = {
        "noise": np.random.default_rng(0).bytes(5000),
        "a.json": b'{"means": 1}',
        "a.glb": b"glTF" + bytes(60),
        "a.gz": b"\x1f\x8b\x08\x00",
        "a.zip": b"PK\x03\x04",
        "empty.splat": b"",
    }
    for name, data in contents.items():
        (tmp_path / name).write_bytes(data)
        assert not looks_like_splats(tmp_path / name)
        with pytest.raises(UserError):
            read_splats(tmp_path / name)
    assert not looks_like_splats(tmp_path)
