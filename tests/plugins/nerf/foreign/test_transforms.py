"""transforms.json in all its flavours, and files that mean harm."""

import json
import math
from typing import Any

import numpy as np
import pytest

from plugins.nerf.field.photos.reader import read_photos
from plugins.nerf.foreign.transforms import is_scene, read_transforms
from studio.core.error import UserError
from studio.core.picture import encode_png
from tests.fixtures.foreign import fixture_path
from tests.plugins.nerf.field.made_scene import cameras, photos_of_ball, write_scene

SIZE_PX = 16


def finished(generator):
    while True:
        try:
            next(generator)
        except StopIteration as end:
            return end.value


def read(path, max_side_px=64):
    photos, left_out = finished(read_photos(read_transforms(path), max_side_px))
    return photos, left_out


def picture(path, width=SIZE_PX, height=SIZE_PX, grey=90):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(encode_png(np.full((height, width, 3), grey, np.uint8)))


def frames(n, name="images/{i}"):
    return [{"file_path": name.format(i=i), "transform_matrix": one.tolist()} for i, one in enumerate(cameras(n))]


def table(n=4, **more):
    return {"camera_angle_x": 0.7, "frames": frames(n), **more}


def write(folder, values, name="transforms.json"):
    folder.mkdir(parents=True, exist_ok=True)
    text = values if isinstance(values, str) else json.dumps(values)
    (folder / name).write_text(text)
    return folder


def with_pictures(folder, n=4, ending=".png"):
    for i in range(n):
        picture(folder / "images" / f"{i}{ending}")
    return folder


def test_the_synthetic_flavour(tmp_path):
    for part, n in (("train", 4), ("val", 1), ("test", 2)):
        for i in range(n):
            picture(tmp_path / part / f"r_{i}.png", grey=10 * i)
        write(tmp_path, {"camera_angle_x": 0.6911, "frames": frames(n, f"./{part}/r_{{i}}")}, f"transforms_{part}.json")
    photos, left_out = read(tmp_path)
    assert photos.split.tolist() == ["train"] * 4 + ["val"] + ["test"] * 2
    assert photos.names[0] == "train/r_0.png"
    assert photos.intrinsics[0] == pytest.approx([0.5 * 16 / math.tan(0.6911 / 2)] * 2 + [8, 8], rel=1e-6)
    assert np.abs(photos.camera_to_world[:4] - cameras(4)).max() < 1e-6
    assert left_out == ()


def test_the_flavour_of_instant_ngp(tmp_path):
    with_pictures(tmp_path, 9)
    values = table(9, fl_x=20.0, fl_y=21.0, cx=7.5, cy=8.5, w=16, h=16, k1=0.05, p2=0.001, aabb_scale=4)
    photos, _ = read(write(tmp_path, values))
    assert photos.intrinsics[0].tolist() == [20, 21, 7.5, 8.5]
    assert photos.lens[0] == pytest.approx([0.05, 0, 0, 0, 0, 0.001])
    assert photos.given_box is not None
    assert photos.given_box[1] == pytest.approx([2 / 0.33] * 3)
    assert (photos.split == "val").sum() == 1  # every eighth is held out


def test_an_offset_moves_the_box(tmp_path):
    with_pictures(tmp_path)
    scene = read_transforms(write(tmp_path, table(aabb_scale=2, scale=0.5, offset=[0.5, 0.25, 1.0])))
    assert scene.box is not None
    assert scene.box[0] == pytest.approx([-2, -1.5, -3])
    assert scene.box[1] == pytest.approx([2, 2.5, 1])


def test_the_flavour_of_nerfstudio(tmp_path):
    with_pictures(tmp_path, 4, ".jpg.png")
    names = [f"images/{i}.jpg.png" for i in range(4)]
    values = {
        "camera_model": "OPENCV_FISHEYE",
        "fl_x": 10,
        "fl_y": 10,
        "cx": 8,
        "cy": 8,
        "w": 16,
        "h": 16,
        "k1": 0.01,
        "k4": 0.002,
        "frames": frames(4, "images/{i}.jpg.png"),
        "train_filenames": names[:2],
        "val_filenames": names[2:3],
        "test_filenames": names[3:],
    }
    picture(tmp_path / "masks" / "0.png", grey=0)
    values["frames"][0]["mask_path"] = "masks/0.png"
    photos, _ = read(write(tmp_path, values))
    assert photos.is_fisheye.all()
    assert photos.lens[0] == pytest.approx([0.01, 0, 0, 0.002, 0, 0])
    assert photos.split.tolist() == ["train", "train", "val", "test"]
    assert photos.ignored is not None
    assert photos.ignored[0].all()
    assert not photos.ignored[1:].any()


def test_numbers_of_a_frame_stand_before_those_of_the_file(tmp_path):
    with_pictures(tmp_path)
    values = table()
    values["frames"][1] |= {"fl_x": 30.0, "fl_y": 31.0}
    photos, _ = read(write(tmp_path, values))
    assert photos.intrinsics[1, :2].tolist() == [30, 31]
    assert photos.intrinsics[0, 0] == pytest.approx(8 / math.tan(0.35))


@pytest.mark.parametrize(
    ("key", "value", "focal"), [("camera_angle_y", 0.7, 8 / math.tan(0.35)), ("x_fov", 90, 8), ("fl_y", 12, 12)]
)
def test_one_number_is_enough(tmp_path, key, value, focal):
    with_pictures(tmp_path)
    values = {"frames": frames(4), key: value}
    photos, _ = read(write(tmp_path, values))
    assert photos.intrinsics[0, :2] == pytest.approx([focal, focal])


def test_a_picture_of_another_size_than_stated_scales_the_intrinsics(tmp_path):
    with_pictures(tmp_path)
    photos, _ = read(write(tmp_path, table(fl_x=40.0, cx=16.0, w=32, h=32)))
    assert photos.intrinsics[0] == pytest.approx([20, 20, 8, 8])


def test_photos_of_several_sizes_get_the_size_of_most(tmp_path):
    with_pictures(tmp_path, 3)
    picture(tmp_path / "images" / "3.png", 32, 8)
    photos, _ = read(write(tmp_path, table(fl_x=20.0, fl_y=20.0)))
    assert photos.pixels.shape == (4, 16, 16, 4)
    assert photos.intrinsics[3] == pytest.approx([10, 40, 8, 8])


def test_photos_are_read_smaller_where_that_is_asked_for(tmp_path):
    with_pictures(tmp_path)
    photos, _ = read(write(tmp_path, table(fl_x=20.0)), max_side_px=8)
    assert photos.pixels.shape == (4, 8, 8, 4)
    assert photos.intrinsics[0] == pytest.approx([10, 10, 4, 4])


def test_back_slashes_missing_endings_and_natural_order(tmp_path):
    for i in (2, 10):
        picture(tmp_path / "images" / f"{i}.jpg", grey=i)
    both = frames(2)
    both[0]["file_path"], both[1]["file_path"] = "images\\10", "images\\2"
    photos, _ = read(write(tmp_path, table(2) | {"frames": both}))
    assert photos.names == ("images/2.jpg", "images/10.jpg")


def test_many_held_out_photos_are_read_in_part(tmp_path):
    for part, n in (("train", 4), ("test", 45)):
        for i in range(n):
            picture(tmp_path / part / f"r_{i}.png", grey=5 * i)
        write(tmp_path, {"camera_angle_x": 0.7, "frames": frames(n, f"{part}/r_{{i}}")}, f"transforms_{part}.json")
    photos, _ = read(tmp_path)
    assert (photos.split == "train").sum() == 4
    numbers = [int(name[7:-4]) for name in photos.names[4:]]
    assert len(numbers) == 20
    assert (numbers[0], numbers[-1]) == (0, 44)
    assert photos.pixels[4:, 0, 0, 0].tolist() == [5 * number for number in numbers]


def test_a_photo_that_is_missing_or_broken_is_said_and_left_out(tmp_path):
    with_pictures(tmp_path, 3)
    (tmp_path / "images" / "2.png").write_bytes(b"no picture at all")
    photos, left_out = read(write(tmp_path, table(4)))
    assert len(photos) == 2
    assert "2.png" in left_out[0]
    assert "images/3" in read_transforms(tmp_path).left_out[0]


def test_axes_that_are_scaled_are_brought_to_length_one(tmp_path):
    with_pictures(tmp_path)
    values = table()
    for frame in values["frames"]:
        frame["transform_matrix"] = [[3 * v for v in row[:3]] + [row[3]] for row in frame["transform_matrix"][:3]]
    photos, _ = read(write(tmp_path, values))
    assert np.abs(photos.camera_to_world - cameras(4)).max() < 1e-6


def test_what_is_a_scene(tmp_path):
    assert not is_scene(tmp_path)
    folder = write_scene(tmp_path / "scene", photos_of_ball(4, 8))
    assert is_scene(folder)
    assert is_scene(folder / "transforms.json")
    assert not is_scene(folder / "images" / "000.png")
    assert not is_scene(tmp_path / "nothing")


def test_written_photos_are_read_again(tmp_path):
    photos = photos_of_ball(16, 12)
    again, _ = read(write_scene(tmp_path / "scene", photos))
    order = [int(name[7:10]) for name in again.names]
    assert np.abs(again.camera_to_world - photos.camera_to_world[order]).max() < 1e-6
    opaque = again.pixels[..., 3:] == 255
    assert np.abs((again.pixels.astype(int) - photos.pixels[order]) * opaque).max() == 0
    assert again.intrinsics == pytest.approx(photos.intrinsics, rel=1e-5)


def test_the_fox():
    photos, left_out = read(fixture_path("fox"), 200)
    assert photos.pixels.shape == (50, 200, 112, 4)
    assert not photos.is_pinhole
    assert left_out == ()
    assert photos.intrinsics[0, 1] == pytest.approx(1374.49 * 200 / 1920, rel=1e-4)


def frame_with(**more: Any) -> dict[str, Any]:
    values = table()
    values["frames"] = [frame | more for frame in values["frames"]]
    return values


BAD_MATRICES = [
    [[1, 0, 0, 0], [0, 1, 0, 0]],
    [[0, 0, 0, 0]] * 4,
    [[-1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]],
    [[1, 1, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]],
    [[1, 0, 0, 1e30], [0, 1, 0, 0], [0, 0, 1, 0]],
    [[True, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]],
    [["1", 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]],
    "matrix",
    None,
    [[1, 0, 0, 10**400], [0, 1, 0, 0], [0, 0, 1, 0]],
]
HOSTILE = [
    "",
    "[]",
    "{",
    '{"frames": 3}',
    '{"frames": []}',
    '{"frames": [1, null, "x"]}',
    '{"frames": [' + "[" * 5000 + "]" * 5000 + "]}",
    '{"camera_angle_x": NaN, "frames": []}',
    '{"camera_angle_x": ' + "9" * 5000 + ', "frames": []}',
    {"frames": [{"file_path": 3}] * 4},
    {"frames": [{}] * 4},
    {"frames": [{}] * 10_001},
    {"frames": frames(4)},
    table(camera_angle_x=0),
    table(camera_angle_x=-1),
    table(camera_angle_x=4),
    table(camera_angle_x="wide"),
    table(camera_angle_x=True),
    table(fl_x=0),
    table(fl_x=1e300),
    table(w=-16),
    table(k1=1e9),
    table(camera_model="EQUIRECTANGULAR"),
    table(ftheta_p0=0.1),
    table(camera_model=["OPENCV"]),
    table(aabb_scale=-4),
    table(aabb_scale=4, offset=[0, 0]),
    table(aabb_scale=4, offset=[0, 0, "x"]),
    table(aabb_scale="large"),
    frame_with(file_path="../../etc/passwd"),
    frame_with(file_path="/etc/passwd"),
    frame_with(file_path="C:\\Windows\\win.ini"),
    frame_with(file_path="..\\outside.png"),
    frame_with(file_path="images/\0.png"),
    frame_with(file_path="x" * 100_000),
    frame_with(mask_path="../mask.png"),
    frame_with(file_path="images"),
    table(train_filenames=["../out.png"]),
    table(train_filenames=["images/nobody.png"]),
    *(frame_with(transform_matrix=matrix) for matrix in BAD_MATRICES),
]


@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_hostile_files_are_refused_in_a_sentence(tmp_path, number):
    with_pictures(tmp_path)
    with pytest.raises(UserError) as refusal:
        read(write(tmp_path, HOSTILE[number]))
    assert refusal.value.title.endswith(".")


def test_a_link_out_of_the_folder_is_refused(tmp_path):
    with_pictures(tmp_path / "elsewhere")
    folder = write(tmp_path / "scene", table())
    (folder / "images").symlink_to(tmp_path / "elsewhere" / "images", target_is_directory=True)
    with pytest.raises(UserError):
        read(folder)


def test_a_folder_without_transforms_is_refused(tmp_path):
    with pytest.raises(UserError):
        read_transforms(tmp_path)


def test_pictures_that_are_none_are_all_left_out(tmp_path):
    for i in range(4):
        (tmp_path / "images").mkdir(exist_ok=True)
        (tmp_path / "images" / f"{i}.png").write_bytes(b"GIF89a" + bytes(40))
    with pytest.raises(UserError, match=r"0\.png|None of"):
        read(write(tmp_path, table()))
