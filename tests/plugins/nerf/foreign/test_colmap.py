"""COLMAP models, binary and text: the same cameras come back, and files that mean harm end in a sentence."""

import math
import struct
from dataclasses import replace

import numpy as np
import pytest

from plugins.nerf.field.photos.reader import read_photos
from plugins.nerf.foreign.colmap import camera_to_world, is_colmap, read_colmap
from plugins.nerf.foreign.colmap_files import read_model
from plugins.nerf.foreign.transforms import read_transforms
from studio.core.error import UserError
from studio.core.pausing import result_of
from tests.fixtures.foreign import fixture_path
from tests.plugins.nerf.field.made_scene import cameras
from tests.plugins.nerf.foreign.made_colmap import FROM_OPENGL, Made, write_binary, write_photo, write_text

WRITERS = (write_binary, write_text)
PARAMS = {
    "SIMPLE_PINHOLE": [20.0, 8.5, 6.5],
    "PINHOLE": [20.0, 21.0, 8.5, 6.5],
    "SIMPLE_RADIAL": [20.0, 8.5, 6.5, 0.03],
    "RADIAL": [20.0, 8.5, 6.5, 0.03, -0.01],
    "OPENCV": [20.0, 21.0, 8.5, 6.5, 0.03, -0.01, 0.002, 0.001],
    "OPENCV_FISHEYE": [20.0, 21.0, 8.5, 6.5, 0.03, -0.01, 0.002, 0.001],
}


def made(model="OPENCV", n=9, name="{i}.png"):
    points = np.random.default_rng(1).normal(0, 0.5, (300, 3))
    photos = [(name.format(i=i), 1, matrix.astype(float)) for i, matrix in enumerate(cameras(n))]
    return Made({1: (model, 16, 12, PARAMS.get(model, [20.0]))}, photos, points)


def folder_of(tmp_path, one, write=write_binary, place="sparse/0", photos="images"):
    for name, *_ in one.photos:
        write_photo(tmp_path / photos / name)
    write(tmp_path / place, one)
    return tmp_path


def similarity(found, wanted):
    """The largest error of places, in shares of their spread, and of axes, up to one turn, shift and scale."""
    turn = found[0, :3, :3] @ wanted[0, :3, :3].T
    middles = found[:, :3, 3].mean(0), wanted[:, :3, 3].mean(0)
    a, b = found[:, :3, 3] - middles[0], (wanted[:, :3, 3] - middles[1]) @ turn.T
    scale = np.linalg.norm(a) / np.linalg.norm(b)
    return np.abs(a - scale * b).max() / np.abs(a).max(), np.abs(found[:, :3, :3] - turn @ wanted[:, :3, :3]).max()


def by_name(scene):
    return sorted(scene.shots, key=lambda shot: shot.path.name)


@pytest.mark.parametrize("write", WRITERS)
@pytest.mark.parametrize("model", PARAMS)
def test_a_known_camera_comes_back(tmp_path, write, model):
    one = made(model)
    found = read_model(write(tmp_path, one))
    assert np.abs(found.points - one.points).max() == 0
    for photo, (name, _, matrix) in zip(found.photos, one.photos, strict=True):
        assert photo.name == name
        assert np.abs(camera_to_world(photo) - matrix).max() < 1e-6
    camera, params = found.cameras[1], PARAMS[model]
    assert camera.is_fisheye == ("FISHEYE" in model)
    assert (camera.table["w"], camera.table["h"], camera.table["fl_x"]) == (16, 12, 20)
    assert (camera.table["cx"], camera.table["cy"]) == (8.5, 6.5)
    lens = params[4:] if "OPENCV" in model else params[3:] if "RADIAL" in model else []
    places = [0, 1, 2, 3] if camera.is_fisheye else [0, 1, 4, 5] if model == "OPENCV" else [0, 1]
    expected = np.zeros(6)
    expected[places[: len(lens)]] = lens
    assert (camera.lens == expected).all()


@pytest.mark.parametrize("write", WRITERS)
@pytest.mark.parametrize("model", PARAMS)
def test_a_point_falls_where_its_ray_goes(tmp_path, write, model):
    """COLMAP's own formulas put a point on a pixel; our ray through that pixel meets the point."""
    one = made(model)
    photos, _ = result_of(read_photos(read_colmap(folder_of(tmp_path, one, write)), 64))
    names = [int(name[7:-4]) for name in photos.names]
    point = np.array([0.2, -0.1, 0.15])
    pixels = [project(one.photos[i][2], model, PARAMS[model], point) for i in names]
    origins, directions = photos.rays_through(np.arange(len(photos)), np.array(pixels))
    across = np.eye(3) - directions[:, :, None] * directions[:, None, :].astype(float)
    met = np.linalg.solve(across.sum(0), (across @ origins[:, :, None]).sum(0))[:, 0]
    assert np.linalg.norm(across @ (met - origins)[:, :, None], axis=1).max() < 1e-4 * 4


def project(matrix, model, params, point):
    """Where COLMAP's camera shows a point (3,) of the world, in pixels."""
    x, y, z = (np.linalg.inv(matrix @ FROM_OPENGL) @ [*point, 1])[:3]
    u, v = x / z, y / z
    if model in ("PINHOLE", "OPENCV", "OPENCV_FISHEYE"):
        (fx, fy, cx, cy), rest = params[:4], params[4:]
    else:
        (fx, cx, cy), rest = params[:3], params[3:]
        fy = fx
    square = u * u + v * v
    if model == "OPENCV_FISHEYE":
        r = math.sqrt(square)
        angle = math.atan(r)
        factor = angle * (1 + sum(k * angle ** (2 * i + 2) for i, k in enumerate(rest))) / r
        return fx * u * factor + cx, fy * v * factor + cy
    k1, k2, p1, p2 = (*rest, 0, 0, 0, 0)[:4]
    factor = 1 + k1 * square + k2 * square**2
    bent_u = u * factor + 2 * p1 * u * v + p2 * (square + 2 * u * u)
    bent_v = v * factor + 2 * p2 * u * v + p1 * (square + 2 * v * v)
    return fx * bent_u + cx, fy * bent_v + cy


@pytest.mark.parametrize(
    ("place", "photos", "asked"),
    [
        ("sparse/0", "images", ""),
        ("sparse", "images", ""),
        (".", "images", ""),
        ("sparse/0", "images_4", ""),
        (".", ".", ""),
        ("sparse/0", "images", "sparse/0"),
        ("sparse", "images", "sparse"),
        ("colmap/sparse/0", "images", ""),
    ],
)
def test_where_model_and_photos_lie(tmp_path, place, photos, asked):
    folder = folder_of(tmp_path, made(), place=place, photos=photos)
    assert is_colmap(folder / asked)
    assert len(read_colmap(folder / asked).shots) == 9


def test_the_scene_stands_upright_round_the_origin(tmp_path):
    one = made(n=12)
    tilt = np.eye(4)
    tilt[:3, :3] = np.array([[0, 0, 1], [1, 0, 0], [0, 1, 0]])
    tilt[:3, 3] = 30, -20, 10
    size = np.diag([0.01, 0.01, 0.01, 1])
    moved = [(name, camera, tilt @ matrix) for name, camera, matrix in one.photos]
    for _, _, matrix in moved:
        matrix[:3, 3] *= 0.01
    points = (size @ tilt @ np.concatenate([one.points, np.ones((300, 1))], 1).T).T[:, :3]
    points[0] = 1e5  # one that COLMAP put far off
    scene = read_colmap(folder_of(tmp_path, replace(one, photos=moved, points=points)))
    found = np.stack([shot.camera_to_world for shot in by_name(scene)])
    wanted = np.stack([matrix for name, _, matrix in sorted(one.photos)])
    assert max(similarity(found, wanted)) < 1e-6
    assert found[:, 2, 1].mean() == pytest.approx(np.linalg.norm(wanted[:, :3, 1].mean(0)), rel=1e-6)
    assert np.median(np.linalg.norm(found[:, :3, 3], axis=-1)) == pytest.approx(4, rel=0.05)
    assert scene.box is not None
    low, high = scene.box
    assert (low < -0.7).all()
    assert (low > -2).all()
    assert (high > 0.7).all()
    assert (high < 2).all()


def test_several_cameras_and_sizes(tmp_path):
    one = made(n=10)
    one.cameras[7] = ("SIMPLE_PINHOLE", 32, 8, [40.0, 16.0, 4.0])
    one.photos[3] = (one.photos[3][0], 7, one.photos[3][2])
    folder = folder_of(tmp_path, one)
    write_photo(folder / "images" / "3.png", 32, 8)
    photos, _ = result_of(read_photos(read_colmap(folder), 64))
    number = photos.names.index("images/3.png")
    assert photos.pixels.shape == (10, 12, 16, 4)
    assert photos.intrinsics[number].tolist() == [20, 60, 8, 6]
    assert photos.lens[number].tolist() == [0] * 6
    assert photos.lens[number - 1].any()


def test_a_missing_photo_is_named_and_left_out(tmp_path):
    folder = folder_of(tmp_path, made(name="with spaces/{i}.png"), write_text)
    (folder / "images" / "with spaces" / "4.png").unlink()
    scene = read_colmap(folder)
    assert len(scene.shots) == 8
    assert scene.left_out == ("“images/with spaces/4.png” is missing.",)


@pytest.mark.parametrize("name", ["masks/2.png.png", "masks/2.png"])
def test_a_mask_lies_beside_the_photos(tmp_path, name):
    folder = folder_of(tmp_path, made())
    write_photo(folder / name, grey=0)
    photos, _ = result_of(read_photos(read_colmap(folder), 64))
    assert photos.ignored is not None
    assert photos.ignored[photos.names.index("images/2.png")].all()
    assert photos.ignored.sum() == 16 * 12


def test_the_fox_comes_back(tmp_path):
    """Its cameras, written as COLMAP would, are those of its transforms.json."""
    path = fixture_path("fox")
    known = read_transforms(path)
    table = known.shots[0].table
    params = [table[key] for key in ("fl_x", "fl_y", "cx", "cy", "k1", "k2", "p1", "p2")]
    photos = [(shot.path.name, 3, shot.camera_to_world) for shot in known.shots]
    write_binary(tmp_path / "sparse" / "0", Made({3: ("OPENCV", 1080, 1920, params)}, photos))
    found = read_colmap(tmp_path, path / "images")
    pairs = list(zip(by_name(found), by_name(known), strict=True))
    assert [a.path for a, _ in pairs] == [b.path for _, b in pairs]
    assert all((a.lens == b.lens).all() and a.intrinsics(1080, 1920) == b.intrinsics(1080, 1920) for a, b in pairs)
    places = [np.stack([one.camera_to_world for one in side]) for side in zip(*pairs, strict=True)]
    assert max(similarity(*places)) < 1e-6


def test_what_colmap_itself_writes(tmp_path):
    """The same model, written by COLMAP, binary and text."""
    pycolmap = pytest.importorskip("pycolmap", reason="the extra “photos” is not installed")
    one = made("RADIAL")
    model = pycolmap.Reconstruction(write_text(tmp_path / "text", replace(one, points=np.zeros((0, 3)))))
    for point in one.points:
        model.add_point3D(point, pycolmap.Track(), np.zeros(3, np.uint8))
    for ending, write in (("bin", model.write_binary), ("txt", model.write_text)):
        (tmp_path / ending).mkdir()
        write(tmp_path / ending)
        found = read_model(tmp_path / ending)
        places = {photo.name: camera_to_world(photo) for photo in found.photos}
        assert max(np.abs(places[name] - matrix).max() for name, _, matrix in one.photos) < 1e-6
        assert found.cameras[1].lens.tolist() == [0.03, -0.01, 0, 0, 0, 0]
        assert len(found.points) == len(one.points)


GOOD_IMAGE = "1 1 0 0 0 0 0 4 1 0.png\n\n"
HOSTILE_TEXT = [
    {"cameras.txt": ""},
    {"cameras.txt": "1"},
    {"cameras.txt": "1 PINHOLE 16 12"},
    {"cameras.txt": "1 PINHOLE 16 12 20 20 8"},
    {"cameras.txt": "1 PINHOLE 16 12 20 20 8 6 1"},
    {"cameras.txt": "1 FULL_OPENCV 16 12 20 20 8 6 0 0 0 0 0 0 0 0"},
    {"cameras.txt": "1 " + "X" * 100_000 + " 16 12 20"},
    {"cameras.txt": "1 \x1b[31m 16 12 20"},
    {"cameras.txt": "1 PINHOLE 16 12 nan 20 8 6"},
    {"cameras.txt": "1 PINHOLE 16 12 1e300 20 8 6"},
    {"cameras.txt": "1 PINHOLE 0 12 20 20 8 6"},
    {"cameras.txt": "1 PINHOLE -16 12 20 20 8 6"},
    {"cameras.txt": "1 PINHOLE 99999999999999 12 20 20 8 6"},
    {"cameras.txt": "x PINHOLE 16 12 20 20 8 6"},
    {"cameras.txt": "1 RADIAL 16 12 20 8 6 1e9 0"},
    {"images.txt": ""},
    {"images.txt": "1 1 0 0 0 0 0 4"},
    {"images.txt": "1 a 0 0 0 0 0 4 1 0.png"},
    {"images.txt": "1 0 0 0 0 0 0 4 1 0.png\n\n" * 3},
    {"images.txt": "1 inf 0 0 0 0 0 4 1 0.png\n\n" * 3},
    {"images.txt": "1 1 0 0 0 nan 0 4 1 0.png\n\n" * 3},
    {"images.txt": "1 1 0 0 0 0 0 1e30 1 0.png\n\n" * 3},
    {"images.txt": "1 1 0 0 0 0 0 4 2 0.png\n\n" * 3},
    {"images.txt": "1 1 0 0 0 0 0 4 1 ../../0.png\n\n" * 3},
    {"images.txt": "1 1 0 0 0 0 0 4 1 /etc/passwd\n\n" * 3},
    {"images.txt": "1 1 0 0 0 0 0 4 1 C:\\win.ini\n\n" * 3},
    {"images.txt": GOOD_IMAGE},
    {"images.txt": GOOD_IMAGE * 10_001},
    {"points3D.txt": "1 0 0"},
    {"points3D.txt": "1 a b c 1 1 1"},
]


@pytest.mark.parametrize("number", range(len(HOSTILE_TEXT)))
def test_hostile_text_is_refused_in_a_sentence(tmp_path, number):
    folder = folder_of(tmp_path, made("PINHOLE"), write_text)
    for name, text in HOSTILE_TEXT[number].items():
        (folder / "sparse" / "0" / name).write_text(text)
    with pytest.raises(UserError) as refusal:
        read_colmap(folder)
    assert refusal.value.title.endswith(".")


HUGE = struct.pack("<Q", 1 << 62)
HOSTILE_BINARY = [
    ("cameras.bin", 0, HUGE),
    ("cameras.bin", 8, HUGE),
    ("cameras.bin", 12, struct.pack("<i", 6)),
    ("cameras.bin", 12, struct.pack("<i", -1)),
    ("cameras.bin", 16, struct.pack("<Q", 0)),
    ("cameras.bin", 16, HUGE),
    ("cameras.bin", 32, struct.pack("<d", math.nan)),
    ("cameras.bin", 32, struct.pack("<d", -20)),
    ("images.bin", 0, HUGE),
    ("images.bin", 0, struct.pack("<Q", 0)),
    ("images.bin", 0, struct.pack("<Q", 10_001)),
    ("images.bin", 72, b"../0.\0"),
    ("images.bin", 72, b"/tmp/\0"),
    ("images.bin", 78, HUGE),
    ("images.bin", 78, b"\xff" * 8),
    ("points3D.bin", 0, HUGE),
    ("points3D.bin", 51, HUGE),
]


@pytest.mark.parametrize("number", range(len(HOSTILE_BINARY)))
def test_hostile_files_are_refused_in_a_sentence(tmp_path, number):
    name, place, patch = HOSTILE_BINARY[number]
    folder = folder_of(tmp_path, made("PINHOLE"))
    path = folder / "sparse" / "0" / name
    data = bytearray(path.read_bytes())
    data[place : place + len(patch)] = patch
    path.write_bytes(data)
    with pytest.raises(UserError) as refusal:
        read_colmap(folder)
    assert refusal.value.title.endswith(".")


@pytest.mark.parametrize("name", ["cameras", "images", "points3D"])
def test_a_binary_file_cut_anywhere_is_refused(tmp_path, name):
    folder = folder_of(tmp_path, made(n=4))
    path = folder / "sparse" / "0" / f"{name}.bin"
    data = path.read_bytes()
    for length in range(0, len(data), max(1, len(data) // 40)):
        path.write_bytes(data[:length])
        with pytest.raises(UserError):
            read_colmap(folder)


def test_a_link_out_of_the_folder_is_refused(tmp_path):
    folder = folder_of(tmp_path / "scene", made())
    write_photo(tmp_path / "elsewhere.png")
    (folder / "images" / "0.png").unlink()
    (folder / "images" / "0.png").symlink_to(tmp_path / "elsewhere.png")
    with pytest.raises(UserError, match="link"):
        read_colmap(folder)


def test_a_folder_without_a_model_is_refused(tmp_path):
    assert not is_colmap(tmp_path)
    with pytest.raises(UserError, match="COLMAP"):
        read_colmap(tmp_path)
