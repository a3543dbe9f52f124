"""Icons with outlines: made of packages by hand, read back, split by code point, and what is said of damaged ones."""

import io
import json
import tarfile

import numpy as np
import pytest
from PIL import Image

from studio.core.error import UserError
from studio.datasets import outlines
from studio.datasets.outlines import (
    SIZE_PX,
    build_outlines,
    edges_of,
    load_outlines,
    load_shipped_outlines,
    rasterised,
    read_packages,
    small_arrays,
    split_of,
    write_outlines,
)
from studio.datasets.split import Split

NAMESPACE = ":".join(("http", "//www.w3.org/2000/svg"))  # a name that SVG asks for, no address to go to
SVG = f'<svg xmlns="{NAMESPACE}" viewBox="0 0 32 {{}}">{{}}</svg>'
BOX = SVG.format(32, '<rect x="8" y="4" width="16" height="8" fill="{}"/>')
WIDE = SVG.format(16, '<rect width="4" height="4"/>')
EMOJI = {"😀": "grinning_face", "❤️": "red_heart", "🦊": "fox", "🍋": "lemon"}


def packed(path, files):
    with tarfile.open(path, "w:gz") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return path


def webp(colour, side=256):
    picture = Image.new("RGBA", (side, side), (0, 0, 0, 0))
    picture.paste(Image.new("RGBA", (side // 2, side // 4), colour), (side // 4, side // 8))
    file = io.BytesIO()
    picture.save(file, "WEBP", lossless=True)
    return file.getvalue()


@pytest.fixture
def packages(tmp_path):
    """Four names; the fox has no black drawing, and the lemon's drawing is not square."""
    names = {emoji: {"slug": slug} for emoji, slug in EMOJI.items()}
    drawn = {}
    for slug in ("grinning-face", "red-heart", "fox"):
        drawn[f"package/icons/flat/{slug}.svg"] = BOX.format("#f00").encode()
    for slug in ("grinning-face", "red-heart"):
        drawn[f"package/icons/high-contrast/{slug}.svg"] = BOX.format("#000").encode()
    drawn["package/icons/flat/lemon.svg"] = drawn["package/icons/high-contrast/lemon.svg"] = WIDE.encode()
    shown = {f"package/assets/{code}.webp": webp((255, 0, 0, 255)) for code in ("1f600", "2764-fe0f", "1f98a", "1f34b")}
    return (
        packed(tmp_path / "names.tgz", {"package/data-by-emoji.json": json.dumps(names).encode()}),
        packed(tmp_path / "drawn.tgz", drawn),
        packed(tmp_path / "shown.tgz", shown),
    )


def test_edges_lie_where_colours_meet_and_nowhere_else():
    picture = np.zeros((8, 8, 4), np.uint8)
    picture[2:6, 3:7] = (200, 10, 10, 255)
    expected = np.zeros((8, 8), bool)
    for row in range(8):
        for column in range(8):
            inside = 2 <= row < 6 and 3 <= column < 7
            right = 2 <= row < 6 and 3 <= column + 1 < 7
            below = 2 <= row + 1 < 6 and 3 <= column < 7
            expected[row, column] = (column < 7 and inside != right) or (row < 7 and inside != below)
    np.testing.assert_array_equal(edges_of(picture), expected)
    faint = picture.copy()
    faint[2:6, 3:5, 0] -= 20  # less than a step
    np.testing.assert_array_equal(edges_of(faint), expected)


def test_white_that_is_there_has_an_edge_to_what_is_transparent():
    picture = np.zeros((6, 6, 4), np.uint8)
    picture[:, 3:] = 255
    assert edges_of(picture)[:, 2].all()
    assert edges_of(picture).sum() == 6


def test_a_drawing_is_rasterised_without_smoothing():
    pixels = rasterised(BOX.format("#f00").encode())
    assert pixels.shape == (SIZE_PX, SIZE_PX, 4)
    assert {tuple(colour) for colour in pixels.reshape(-1, 4)} == {(255, 0, 0, 255), (0, 0, 0, 0)}
    assert pixels[16:48, 32:96, 3].all()
    assert (pixels[..., 3] > 0).sum() == 32 * 64


def test_what_every_package_has_on_a_square_becomes_an_item(packages):
    arrays = read_packages(*packages)
    assert arrays["names"].tolist() == ["grinning face", "red heart"]
    assert arrays["codes"].tolist() == ["1f600", "2764"]
    assert arrays["splits"].tolist() == [split_of("1f600").value, split_of("2764").value]
    solid = np.unpackbits(arrays["solids"][0], axis=-1).astype(bool)
    assert solid[16:48, 32:96].all()
    assert solid.sum() == 32 * 64


def test_a_set_is_written_and_its_parts_read_back(packages, tmp_path, monkeypatch):
    arrays = read_packages(*packages)
    arrays["splits"] = np.array(["test", "train"])
    write_outlines(tmp_path / "outlines.npz", arrays)
    test, train = load_outlines(Split.TEST, tmp_path), load_outlines(Split.TRAIN, tmp_path)
    assert test.names == ("grinning face",)
    assert train.names == ("red heart",)
    assert test.is_full
    assert load_outlines(Split.VALIDATION, tmp_path).icons.shape == (0, SIZE_PX, SIZE_PX, 3)
    red = test.icons[0, 32, 64].astype(int)
    assert red[0] > 230
    assert red[1:].max() < 30
    assert test.icons[0, 100, 100].min() > 245
    assert test.edges[0].any()
    monkeypatch.setattr(outlines, "N_SMALL", {"train": 1, "validation": 0, "test": 0})
    assert small_arrays(arrays)["names"].tolist() == ["red heart"]


def test_a_set_is_built_through_npm(packages, tmp_path, monkeypatch):
    by_name = dict(zip(("unicode-emoji-json", "fluentui-emoji", "@lobehub/fluent-emoji-3d"), packages, strict=True))
    asked = []

    def fetch(name, folder):
        asked.append(name)
        return by_name[name.rpartition("@")[0]]

    monkeypatch.setattr(outlines, "fetch_package", fetch)
    steps = list(build_outlines(tmp_path))
    assert len(asked) == 3
    assert [step.fraction for step in steps] == sorted(step.fraction for step in steps)
    assert sum(len(load_outlines(split, tmp_path).names) for split in Split) == 2


def test_the_shipped_set_has_all_parts_and_no_icon_twice():
    parts = {split: load_shipped_outlines(split) for split in Split}
    assert [len(parts[split].names) for split in Split] == [170, 16, 48]
    names = [name for part in parts.values() for name in part.names]
    assert len(set(names)) == len(names)
    for part in parts.values():
        assert not part.is_full
        assert part.edges.mean((1, 2)).min() > 0.005
        assert part.edges.mean((1, 2)).max() < 0.35


def test_outlines_lie_upon_their_icons():
    """Around an outline the picture changes more than elsewhere: both are on the same square."""
    part = load_shipped_outlines(Split.TEST)
    grey = part.icons.astype(np.float32).mean(3)
    slope = np.abs(np.diff(grey, axis=1))[:, :, :-1] + np.abs(np.diff(grey, axis=2))[:, :-1]
    here = part.edges[:, :-1, :-1]
    near = here | np.roll(here, 1, 1) | np.roll(here, 1, 2) | np.roll(here, -1, 1) | np.roll(here, -1, 2)
    shifted = np.roll(near, 9, 2)
    assert slope[near].mean() > 3 * slope[~near].mean()
    assert slope[near].mean() > 2 * slope[shifted].mean()


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x03\x04 cut off"])
def test_a_damaged_set_gives_a_sentence(tmp_path, content):
    (tmp_path / "outlines.npz").write_bytes(content)
    with pytest.raises(UserError, match="damaged"):
        load_outlines(Split.TRAIN, tmp_path)


def test_a_picture_of_another_size_is_refused_before_it_is_decoded(packages, tmp_path, monkeypatch):
    arrays = read_packages(*packages)
    bomb = np.frombuffer(webp((0, 0, 0, 255), side=512), np.uint8)
    arrays |= {"webp": np.concatenate([bomb, bomb]), "sizes": np.array([len(bomb)] * 2)}
    write_outlines(tmp_path / "outlines.npz", arrays)
    monkeypatch.setattr(Image.Image, "convert", lambda *_: pytest.fail("it was decoded"))
    filled = Split(arrays["splits"][0])
    with pytest.raises(UserError, match="damaged"):
        load_outlines(filled, tmp_path)


def test_packages_without_what_they_had_give_a_sentence(packages, tmp_path):
    empty = packed(tmp_path / "empty.tgz", {})
    with pytest.raises(UserError, match="have changed"):
        read_packages(empty, packages[1], packages[2])
    with pytest.raises(UserError, match="have changed"):
        read_packages(packages[0], empty, packages[2])
    large = packed(tmp_path / "large.tgz", {"package/assets/1f600.webp": bytes(outlines.MAX_MEMBER_BYTES + 1)})
    with pytest.raises(UserError, match="have changed"):
        read_packages(packages[0], packages[1], large)
