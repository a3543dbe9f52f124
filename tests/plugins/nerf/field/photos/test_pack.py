"""Photos in one file: there and back without loss, the same bytes each time, damaged files refused."""

import io
from dataclasses import replace

import numpy as np
import pytest

from plugins.nerf.field.photos.pack import pack_photos, unpack_photos
from studio.core.error import UserError
from studio.core.pausing import result_of
from tests.plugins.nerf.field.made_scene import photos_of_ball


@pytest.fixture
def photos():
    made = photos_of_ball(5, 24)
    random = np.random.default_rng(2)
    alpha = random.integers(0, 256, made.pixels.shape[:3])
    made.pixels[..., 3] = alpha
    made.pixels[..., :3] = random.integers(0, alpha[..., None] + 1, (*alpha.shape, 3))
    return made


def written(path, data):
    path.write_bytes(data)
    return path


def test_there_and_back_without_loss(photos, tmp_path):
    again = result_of(unpack_photos(written(tmp_path / "p.npz", pack_photos(photos))))
    difference = np.abs(again.pixels.astype(int) - photos.pixels)
    assert difference.max() <= 1  # the file holds colours that are not multiplied
    assert difference[..., 3].max() == 0
    assert difference[photos.pixels[..., 3] == 255].max(initial=0) == 0
    assert (again.camera_to_world == photos.camera_to_world).all()
    assert (again.intrinsics == photos.intrinsics).all()
    assert again.split.tolist() == photos.split.tolist()
    assert again.is_pinhole


def test_times_come_along_and_pictures_may_be_smaller(photos, tmp_path):
    times = np.linspace(0, 1, len(photos)).astype(np.float32)
    whole, small = (pack_photos(replace(photos, given_time=times), quality) for quality in (None, 30))
    assert len(small) < len(whole)
    again = result_of(unpack_photos(written(tmp_path / "p.npz", small)))
    assert again.given_time is not None
    assert again.given_time.tolist() == times.tolist()
    assert (again.pixels[..., 3] == photos.pixels[..., 3]).all()
    assert result_of(unpack_photos(written(tmp_path / "q.npz", pack_photos(photos)))).given_time is None
    with pytest.raises(UserError, match="damaged"):
        result_of(unpack_photos(written(tmp_path / "r.npz", changed(small, time=times * 2))))


def test_the_same_photos_give_the_same_bytes(photos):
    assert pack_photos(photos) == pack_photos(photos)


def changed(data, **arrays):
    with np.load(io.BytesIO(data)) as file:
        values = {name: file[name] for name in file.files} | arrays
    buffer = io.BytesIO()
    np.savez(buffer, **{name: value for name, value in values.items() if value is not None})
    return buffer.getvalue()


BAD = [
    {"pictures": None},
    {"pictures": np.zeros(10, np.uint8)},
    {"ends": np.array([5, 4, 3, 2, 1])},
    {"ends": np.zeros(0, np.int64)},
    {"size": np.array([1 << 20, 1 << 20])},
    {"size": np.array([0, 24])},
    {"size": np.array([24])},
    {"camera_to_world": np.zeros((4, 4, 4), np.float32)},
    {"camera_to_world": np.full((5, 4, 4), np.nan, np.float32)},
    {"intrinsics": np.zeros((5, 4), np.float32)},
    {"split": np.array(["train"])},
    {"ends": np.array([10, 20, 30, 40, 50.5])},
]


@pytest.mark.parametrize("number", range(len(BAD)))
def test_damaged_files_are_refused(photos, tmp_path, number):
    with pytest.raises(UserError):
        result_of(unpack_photos(written(tmp_path / "p.npz", changed(pack_photos(photos), **BAD[number]))))


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"no file", b"\x93NUMPY"])
def test_other_files_are_refused(tmp_path, data):
    with pytest.raises(UserError):
        result_of(unpack_photos(written(tmp_path / "p.npz", data)))


def test_cut_files_are_refused(photos, tmp_path):
    data = pack_photos(photos)
    for length in (10, len(data) // 2, len(data) - 30):
        with pytest.raises(UserError):
            result_of(unpack_photos(written(tmp_path / "p.npz", data[:length])))


def test_objects_in_a_file_are_never_made(photos, tmp_path):
    data = changed(pack_photos(photos), split=np.array([print] * 5, dtype=object))
    with pytest.raises(UserError):
        result_of(unpack_photos(written(tmp_path / "p.npz", data)))
