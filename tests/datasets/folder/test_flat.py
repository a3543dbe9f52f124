"""Flat pictures: their shared colours are found, soft edges belong to a side, photographs are said to be none."""

from collections.abc import Generator
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from studio.core.error import UserError
from studio.datasets.folder.flat import FlatPictures, is_flat_folder, load_flat
from studio.datasets.folder.palette import Palette, colours_met, oklab
from studio.datasets.folder.pictures import load_folder
from studio.datasets.split import Split

T = TypeVar("T")
COLOURS = ((255, 255, 255), (0, 0, 0), (221, 46, 68), (85, 172, 238), (128, 128, 128))


def drawing(number: int, size_px: int = 128) -> Image.Image:
    """A black ring with a red, blue or grey disc in it, on white, with soft edges."""
    random, large = np.random.default_rng(number), 4 * size_px
    image = Image.new("RGB", (large, large), COLOURS[0])
    x, y = random.integers(large // 3, 2 * large // 3, 2)
    draw, radius, line = ImageDraw.Draw(image), int(random.integers(large // 6, large // 4)), large // 24
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), COLOURS[1])
    radius -= line
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), COLOURS[2 + number % 3])
    return image.resize((size_px, size_px), Image.Resampling.BOX)


def photograph(number: int, size_px: int = 128) -> Image.Image:
    """Light that falls off softly, and grain."""
    random = np.random.default_rng(number)
    rough = Image.fromarray(random.integers(0, 255, (5, 5, 3), np.uint8))
    smooth = np.asarray(rough.resize((size_px, size_px), Image.Resampling.BICUBIC), np.float32)
    return Image.fromarray((smooth + random.normal(0, 3, smooth.shape)).clip(0, 255).astype(np.uint8))


def put(folder: Path, draw: Any, n: int = 24, size_px: int = 128) -> Path:
    folder.mkdir(exist_ok=True)
    for number in range(n):
        draw(number, size_px).save(folder / f"{number:02}.png")
    return folder


def result(steps: Generator[Any, None, T]) -> T:
    while True:
        try:
            next(steps)
        except StopIteration as end:
            found: T = end.value
            return found


def flat(folder: Path) -> FlatPictures:
    def loading() -> Generator[Any, None, FlatPictures]:
        pictures = yield from load_folder(folder, 64, "fit")
        return (yield from load_flat(folder, pictures, "fit"))

    return result(loading())


def squares(n: int = 9, size_px: int = 128) -> list[NDArray[np.uint8]]:
    return [np.asarray(drawing(number, size_px)) for number in range(n)]


def palette(pictures: list[NDArray[np.uint8]]) -> Palette:
    return Palette(np.sum([colours_met(picture) for picture in pictures], 0))


@pytest.mark.parametrize(
    ("rgb", "lab"),
    [
        ((1, 1, 1), (1, 0, 0)),
        ((1, 0, 0), (0.62796, 0.22486, 0.12585)),
        ((0, 1, 0), (0.86644, -0.23389, 0.17950)),
        ((0, 0, 1), (0.45201, -0.03246, -0.31153)),
    ],
)
def test_colours_are_those_of_css(rgb: tuple[int, int, int], lab: tuple[float, float, float]) -> None:
    """CSS Color 4 names these values."""
    np.testing.assert_allclose(oklab(np.array(rgb, float)), lab, atol=2e-4)


def test_the_shared_colours_are_found_to_the_bit() -> None:
    pictures = squares()
    found = palette(pictures)
    assert len(found.colours) == len(COLOURS)
    for picture in pictures:
        parts = found.parts_of(picture)
        for part in np.unique(parts.parts):
            assert tuple(np.rint(255 * parts.colours[part]).astype(int)) in COLOURS
        assert parts.explained > 0.99


def test_soft_edges_belong_to_a_side_and_not_to_a_colour_between() -> None:
    """Grey is one of the colours, and lies between black and white: no pixel of an edge of these may become grey."""
    pictures = squares()
    found = palette(pictures)
    grey = int(np.abs(found.colours - 128 / 255).sum(1).argmin())
    for number in (0, 1, 3, 4):  # with red and blue discs
        parts = found.parts_of(pictures[number])
        assert not (parts.parts == grey).any()
        painted = parts.colours[parts.parts] * 255
        off = np.abs(painted - pictures[number]).max(2)
        assert (off > 140).mean() < 0.001, "an edge lies where it was"


@pytest.mark.parametrize("width_px", [1, 2, 3])
def test_thin_lines_stay(width_px: int) -> None:
    picture = np.full((64, 64, 3), 255, np.uint8)
    picture[10:50, 30 : 30 + width_px] = 0
    found = palette([picture]).parts_of(picture)
    np.testing.assert_array_equal(found.parts == found.parts[20, 30], (picture == 0).all(2))


def test_a_folder_becomes_maps_and_ranges_hold_all_its_colours(tmp_path: Path) -> None:
    pictures = flat(put(tmp_path / "flat", drawing))
    assert pictures.maps.size_px == 128
    assert len(pictures.maps) == len(pictures.pictures) == 24
    lowest, widest = pictures.ranges()
    assert (lowest >= 0).all()
    assert (lowest + widest[:, None] <= 1 + 1e-6).all()
    assert (pictures.maps.colours >= lowest - 1e-6).all()
    assert (pictures.maps.colours <= lowest + widest[:, None] + 1e-6).all()
    for index, name in enumerate(pictures.names):
        true = np.asarray(Image.open(tmp_path / "flat" / name), np.float32)
        painted = 255 * pictures.maps.colours[index][pictures.maps.parts(index)]
        assert np.abs(painted - true).mean() < 3, "each map is that of its own picture"
    learnt = pictures.maps_of(Split.TRAIN)
    np.testing.assert_array_equal(
        learnt.parts(0), pictures.maps.parts(int(np.flatnonzero(pictures.splits == "train")[0]))
    )


@pytest.mark.parametrize(("size_px", "map_px"), [(40, 128), (200, 128), (256, 256), (600, 512)])
def test_maps_are_as_large_as_the_pictures_are(tmp_path: Path, size_px: int, map_px: int) -> None:
    assert flat(put(tmp_path / "flat", drawing, 16, size_px)).maps.size_px == map_px


@pytest.mark.long("computes for long")
def test_photographs_are_said_to_be_unfit(tmp_path: Path) -> None:
    folder = put(tmp_path / "photos", photograph)
    with pytest.raises(UserError, match="not flat") as caught:
        flat(folder)
    assert "“Your pictures”" in caught.value.what_to_do
    assert not is_flat_folder(folder)


def test_a_glance_knows_flat_folders(tmp_path: Path) -> None:
    assert is_flat_folder(put(tmp_path / "flat", drawing))
    assert not is_flat_folder(put(tmp_path / "few", drawing, 5))
    (tmp_path / "flat" / "00.png").write_bytes(b"no picture")
    assert is_flat_folder(tmp_path / "flat"), "one that is broken says nothing of the others"
