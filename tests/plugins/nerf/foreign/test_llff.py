"""LLFF folders: the same cameras come back, a box follows from the bounds, and bad files end in a sentence."""

import io

import numpy as np
import pytest

from plugins.nerf.foreign.llff import read_llff
from plugins.nerf.foreign.scene_folder import is_scene, read_scene
from plugins.nerf.shared.camera.camera import look_at
from studio.core.error import UserError
from tests.plugins.nerf.field.made_scene import FOV_RAD, cameras
from tests.plugins.nerf.foreign.made_colmap import write_llff, write_photo
from tests.plugins.nerf.foreign.test_colmap import by_name, similarity

SIZE = (12.0, 16.0, 20.0)


def facing(n=9):
    """Cameras (n, 4, 4) side by side that all look the same way, along y."""
    eyes = [np.array([0.3 * (i % 3 - 1), -1.0, 0.3 * (i // 3 - 1)]) for i in range(n)]
    return np.stack([look_at(eye, eye + np.array([0, 5.0, 0]), FOV_RAD).camera_to_world() for eye in eyes]).astype(
        np.float64
    )


def folder_of(tmp_path, places, photos="images", bounds=(2.0, 6.0), n=None):
    for i in range(len(places) if n is None else n):
        write_photo(tmp_path / photos / f"{i}.png")
    return write_llff(tmp_path, places, SIZE, bounds)


@pytest.mark.parametrize("places", [facing(), cameras(9)])
@pytest.mark.parametrize("photos", ["images", "images_4", "."])
def test_known_cameras_come_back(tmp_path, places, photos):
    folder = folder_of(tmp_path, places, photos)
    assert is_scene(folder)
    found = by_name(read_scene(folder))
    assert max(similarity(np.stack([shot.camera_to_world for shot in found]), places)) < 1e-6
    assert found[0].intrinsics(16, 12) == (20, 20, 8, 6)
    assert found[0].intrinsics(8, 6) == (10, 10, 4, 3)


def test_the_box_holds_what_the_bounds_enclose(tmp_path):
    scene = read_llff(folder_of(tmp_path, facing()))
    eyes = np.stack([shot.camera_to_world for shot in scene.shots])
    ahead = eyes[:, :3, 3] - eyes[:, :3, 2] * np.abs(eyes[:, 1, 3]).max()
    assert scene.box is not None
    low, high = scene.box
    assert ((ahead > low) & (ahead < high)).all()
    assert high[1] - low[1] == pytest.approx((6 - 2) * 1.3, rel=0.2)


def test_numbers_come_in_their_natural_order(tmp_path):
    places = cameras(12)
    found = {shot.path.name: shot for shot in read_llff(folder_of(tmp_path, places)).shots}
    ordered = np.stack([found[f"{i}.png"].camera_to_world for i in range(12)])
    assert max(similarity(ordered, places)) < 1e-6


def saved(values, **more):
    data = io.BytesIO()
    np.save(data, values, **more)
    return data.getvalue()


ROWS = np.load(io.BytesIO(saved(np.zeros((9, 17)))))
GOOD = saved(np.tile(np.array([0, 1, 0, 0, 12, -1, 0, 0, 0, 16, 0, 0, 1, 0, 20, 2, 6.0]), (9, 1)))


def changed(column, value):
    rows = np.load(io.BytesIO(GOOD))
    rows[:, column] = value
    return saved(rows)


HOSTILE = [
    b"",
    b"\x93NUMPY",
    GOOD[:40],
    GOOD[:-8],
    GOOD + b"more",
    GOOD.replace(b"(9, 17)", b"(9, 99)"),
    GOOD.replace(b"(9, 17)", b"(9,-17)"),
    GOOD.replace(b"(9, 17), }", b"(99999999999, 17)}"),
    GOOD.replace(b"<f8", b"|O8"),
    saved(np.array([{}], dtype=object), allow_pickle=True),
    saved(np.zeros((0, 17))),
    saved(np.zeros((9, 15))),
    saved(np.zeros(17)),
    saved(np.zeros((9, 17, 1))),
    saved(np.zeros((10_001, 17), np.float32)),
    saved(np.zeros((9, 17))),
    saved(np.zeros((9, 17), np.complex128)),
    saved(np.zeros((9, 17), "U4")),
    saved(np.full((9, 17), np.nan)),
    saved(ROWS[:8]),
    changed(4, 0),
    changed(9, np.nan),
    changed(14, -20),
    changed(14, 1e30),
    changed(3, np.inf),
    changed(0, 5),
    b"PK\3\4" + GOOD,
    GOOD.replace(b"  ", b" \xa0", 1),
]


@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_hostile_files_are_refused_in_a_sentence(tmp_path, number):
    folder = folder_of(tmp_path, cameras(9))
    (folder / "poses_bounds.npy").write_bytes(HOSTILE[number])
    with pytest.raises(UserError) as refusal:
        read_llff(folder)
    assert refusal.value.title.endswith(".")


def test_the_good_one_among_them_is_read(tmp_path):
    folder = folder_of(tmp_path, cameras(9))
    (folder / "poses_bounds.npy").write_bytes(GOOD)
    assert len(read_llff(folder).shots) == 9


def test_another_number_of_photos_is_refused(tmp_path):
    with pytest.raises(UserError, match="9 cameras, but there are 8"):
        read_llff(folder_of(tmp_path, cameras(9), n=8))


@pytest.mark.parametrize("bounds", [(0.0, 6.0), (6.0, 2.0)])
def test_bounds_that_are_none_give_no_box(tmp_path, bounds):
    assert read_llff(folder_of(tmp_path, cameras(9), bounds=bounds)).box is None


def test_a_link_out_of_the_folder_is_refused(tmp_path):
    folder = folder_of(tmp_path / "scene", cameras(9), n=8)
    write_photo(tmp_path / "8.png")
    (folder / "images" / "8.png").symlink_to(tmp_path / "8.png")
    with pytest.raises(UserError, match="link"):
        read_llff(folder)
