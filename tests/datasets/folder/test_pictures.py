"""A training set out of a folder: every format, upright, on white, each once, and no file that can stop it."""

import io
import shutil

import numpy as np
import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from studio.core.error import UserError
from studio.core.place import data_dir
from studio.datasets.folder import pictures as module
from studio.datasets.folder.pictures import load_folder, skipped_sentence
from studio.datasets.split import Split
from tests.core.container.hostile import CANARY_NAME, write_hostile_files


def finish(loading):
    """What a loading returns, and its sentences."""
    sentences = []
    while True:
        try:
            sentences.append(next(loading).sentence)
        except StopIteration as end:
            return end.value, sentences


def load(folder, size_px=16, frame="crop"):
    return finish(load_folder(folder, size_px, frame))[0]


def write(path, pixels, **more):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.asarray(pixels, np.uint8)).save(path, **more)


def colour(number, size=(20, 20)):
    return np.full((*size, 3), [number * 7 % 256, number * 13 % 256, number * 29 % 256], np.uint8)


@pytest.fixture
def folder(tmp_path):
    """Twenty plain squares in two folders."""
    for number in range(20):
        write(tmp_path / "own" / ("a" if number % 2 else "b") / f"{number} ü.png", colour(number))
    return tmp_path / "own"


def test_all_pictures_are_found_however_deep_and_split_for_good(folder):
    pictures = load(folder)
    assert pictures.pictures.shape == (20, 16, 16, 3)
    assert pictures.pictures.dtype == np.uint8
    wanted = {tuple(colour(number)[0, 0]) for number in range(20)}
    assert {tuple(picture[5, 5]) for picture in pictures.pictures} == wanted
    parts = [pictures.part(part) for part in Split]
    assert [len(part) for part in parts] == [16, 2, 2]
    assert sum(map(len, parts)) == 20


def test_names_and_places_make_no_difference(folder, tmp_path):
    first = load(folder)
    other = tmp_path / "other"
    other.mkdir()
    for number, path in enumerate(sorted(folder.rglob("*.png"), reverse=True)):
        shutil.copy(path, other / f"{number}.png")
    second = load(other)
    assert np.array_equal(first.pictures, second.pictures)
    assert np.array_equal(first.splits, second.splits)


def test_photos_are_upright_and_transparency_lies_on_white(folder):
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: the stored top row is the right column
    stored = np.zeros((20, 20, 3), np.uint8)
    stored[:10] = 255
    write(folder / "turned.jpg", stored, exif=exif, quality=100)
    clear = np.zeros((20, 20, 4), np.uint8)
    clear[:, :10] = (200, 0, 0, 255)
    write(folder / "clear.png", clear)
    pictures = load(folder).pictures.astype(int)
    upright = [picture for picture in pictures if picture[8, 14].min() > 240 and picture[8, 2].max() < 15]
    assert len(upright) == 1
    half_red = np.concatenate([np.tile([200, 0, 0], (16, 7, 1)), np.full((16, 9, 3), 255)], 1)
    assert sum(np.abs(picture - half_red)[:, [2, 13]].max() == 0 for picture in pictures) == 1


@given(
    height=st.integers(8, 60),
    width=st.integers(8, 60),
    size_px=st.sampled_from([8, 16]),
    frame=st.sampled_from(["crop", "fit"]),
)
@settings(max_examples=40, deadline=None)
def test_any_size_becomes_a_square_that_keeps_its_mean(tmp_path_factory, height, width, size_px, frame):
    path = tmp_path_factory.mktemp("one") / "picture.png"
    random = np.random.default_rng(height * 100 + width)
    pixels = np.repeat(random.integers(0, 255, (1, 1, 3)), height, 0).repeat(width, 1)
    write(path, pixels)
    square = module._square(path, size_px, frame, False)[0].astype(int)
    assert square.shape == (size_px, size_px, 3)
    differs = np.abs(square - pixels[0, 0]).max(2)
    middle = slice(size_px // 2 - 1, size_px // 2 + 1)
    assert differs[middle, middle].min() <= 1  # of the four in the middle: a flat picture may be one pixel high
    if frame == "crop":
        assert differs.max() <= 1


def test_areas_are_averaged(tmp_path):
    board = np.indices((64, 64)).sum(0) % 2 * 255
    write(tmp_path / "board.png", np.stack([board] * 3, 2))
    assert np.abs(module._square(tmp_path / "board.png", 16, "crop", False)[0].astype(int) - 127.5).max() <= 1


def test_the_same_picture_counts_once_in_whatever_format(folder):
    write(folder / "again.bmp", colour(3))
    write(folder / "again.webp", colour(3), lossless=True)
    pictures = load(folder)
    assert len(pictures.pictures) == 20
    assert pictures.n_doubles == 2


def test_what_cannot_be_used_is_named_with_its_reason(folder):
    (folder / "notes.txt").write_text("not a picture")
    whole = io.BytesIO()
    Image.fromarray(colour(50, (300, 300))).save(whole, "PNG")
    (folder / "half.png").write_bytes(whole.getvalue()[:200])
    write(folder / "tiny.png", colour(40, (4, 40)))
    (folder / "lost.png").symlink_to(folder / "nowhere")
    pictures = load(folder)
    assert len(pictures.pictures) == 20
    reasons = {one.name: one.reason for one in pictures.skipped}
    assert reasons.keys() == {"notes.txt", "half.png", "tiny.png", "lost.png"}
    assert "4 pixels" in reasons["tiny.png"]
    assert pictures.n_skipped == 4
    sentence = skipped_sentence(pictures, 2)
    assert sentence.startswith("Files left out: 4. ")
    assert sentence.count(": ") == 3


def test_small_pictures_are_enlarged_where_that_is_asked_for_and_kept_apart(folder):
    write(folder / "tiny.png", colour(40, (4, 4)))
    write(folder / "narrow.png", colour(41, (4, 40)))
    left_out = load(folder)
    assert left_out.n_enlarged == 0
    found, _ = finish(load_folder(folder, 16, "fit", enlarges=True))
    assert found.n_enlarged == 1  # the narrow one is made smaller
    assert set(found.names) == {*left_out.names, "tiny.png", "narrow.png"}
    assert np.array_equal(found.pictures[found.names.index("tiny.png")], colour(40, (16, 16)))
    again, _ = finish(load_folder(folder, 16, "fit", enlarges=True))
    assert again.n_enlarged == 1
    assert set(load(folder, 16, "fit").names) == set(left_out.names)


@pytest.mark.long("computes for long")
def test_hostile_files_stop_nothing_and_are_not_executed(folder):
    hostile = folder / "hostile"
    hostile.mkdir()
    write_hostile_files(hostile)
    pictures = load(folder)
    assert len(pictures.pictures) >= 20
    assert pictures.n_skipped >= 40
    assert not (hostile / CANARY_NAME).exists()


def test_a_folder_with_few_pictures_gives_a_sentence(tmp_path):
    for number in range(15):
        write(tmp_path / f"{number}.png", colour(number))
    (tmp_path / "bad.png").write_bytes(b"\x89PNG")
    with pytest.raises(UserError, match=r"15 pictures.*bad\.png"):
        load(tmp_path)


@pytest.mark.parametrize("name", ["none", "file"])
def test_what_is_no_folder_gives_a_sentence(tmp_path, name):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="no folder"):
        load(tmp_path / name)


def test_too_many_files_give_a_sentence(folder, monkeypatch):
    monkeypatch.setattr(module, "MAX_FILES", 10)
    with pytest.raises(UserError, match="more than 10 files"):
        load(folder)


def test_too_little_memory_gives_a_sentence(folder, monkeypatch):
    monkeypatch.setattr(psutil, "virtual_memory", lambda: type("Memory", (), {"available": 1000}))
    with pytest.raises(UserError, match="memory"):
        load(folder)


def test_the_second_time_nothing_is_read_until_a_file_changes(folder, monkeypatch):
    first = load(folder)
    monkeypatch.setattr(module, "read_picture", None)
    second = load(folder)
    assert np.array_equal(first.pictures, second.pictures)
    assert (first.splits == second.splits).all()
    monkeypatch.undo()
    write(folder / "new.png", colour(90))
    assert len(load(folder).pictures) == 21


def test_a_damaged_kept_set_is_read_anew(folder):
    load(folder)
    (kept,) = (data_dir() / "datasets" / "folders").glob("*.npz")
    kept.write_bytes(kept.read_bytes()[:1000])
    assert len(load(folder).pictures) == 20


def test_few_sets_are_kept(folder):
    for size_px in (8, 10, 12, 14, 16):
        load(folder, size_px)
    assert len(list((data_dir() / "datasets" / "folders").iterdir())) == 3


def test_it_says_how_far_it_is_and_can_be_left(folder, monkeypatch):
    monkeypatch.setattr(module, "YIELD_S", -1.0)
    _, sentences = finish(load_folder(folder, 16))
    assert sentences[-1] == "Reading the pictures: 20 of 20"
    assert "Looking through the folder: 1 files" in sentences
    shutil.rmtree(data_dir() / "datasets")
    loading = load_folder(folder, 16)
    for _ in range(25):
        next(loading)
    loading.close()
    assert not (data_dir() / "datasets").exists()
