"""The pack of icons: built from a package made by hand, read back, and what is said of damaged ones."""

import io
import tarfile

import numpy as np
import pytest
from PIL import Image

from studio.core.error import UserError
from studio.datasets.emoji import icons as emoji
from studio.datasets.emoji.icons import (
    ACCESSORIES,
    ACCESSORY_CODES,
    ICON_PX,
    OBJECT_CODES,
    OBJECTS,
    build_emoji,
    load_icons,
    read_icons,
)


def icon_file(colour, mode="RGBA"):
    picture = Image.new("RGBA", (ICON_PX, ICON_PX), (9, 9, 9, 0))
    picture.paste(Image.new("RGBA", (30, 30), colour), (10, 20))
    file = io.BytesIO()
    picture.convert(mode).save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def archive(tmp_path):
    """A package with a square of its own colour for each icon."""
    path = tmp_path / "made.tgz"
    with tarfile.open(path, "w:gz") as tar:
        for number, code in enumerate([*OBJECT_CODES.values(), *ACCESSORY_CODES.values()]):
            content = icon_file((number, 255 - number, 7, 255))
            member = tarfile.TarInfo(f"package/img/google/64/{code}.png")
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return path


@pytest.fixture
def fake_npm(archive, tmp_path, monkeypatch):
    npm = tmp_path / "bin" / "npm"
    npm.parent.mkdir()
    npm.write_text(f'#!/bin/sh\ncp "{archive}" ./emoji-16.tgz\n')
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", f"{npm.parent}:/usr/bin:/bin")


def test_the_pack_that_is_shipped_has_every_icon_once():
    icons = load_icons()
    assert icons.objects.shape == (len(OBJECTS), 64, 64, 4) == (48, 64, 64, 4)
    assert len(ACCESSORIES) == len(icons.accessories) == 6
    whole = np.concatenate([icons.objects, icons.accessories]).reshape(54, -1)
    assert len(np.unique(whole, axis=0)) == 54
    for icon in icons.objects:
        assert 0.2 < (icon[..., 3] > 128).mean() < 0.95
    assert (whole.reshape(-1, 4)[whole.reshape(-1, 4)[:, 3] == 0] == 0).all()


def test_a_pack_is_built_through_npm_and_read_back(tmp_path, fake_npm, archive):
    steps = list(build_emoji(tmp_path))
    assert [step.fraction for step in steps] == sorted(step.fraction for step in steps)
    icons = load_icons(tmp_path)
    np.testing.assert_array_equal(np.concatenate([icons.objects, icons.accessories]), read_icons(archive))
    assert tuple(icons.objects[3, 30, 20]) == (3, 252, 7, 255)
    assert not icons.objects[3, 0, 0].any()
    assert not (tmp_path / "emoji.part.npz").exists()


def test_pictures_with_a_palette_are_icons_too(monkeypatch):
    assert emoji._read_icon(icon_file((200, 0, 0, 255), "P")).shape == (64, 64, 4)


def test_a_package_without_one_of_them_gives_a_sentence(tmp_path):
    path = tmp_path / "empty.tgz"
    with tarfile.open(path, "w:gz"):
        pass
    with pytest.raises(UserError, match="has changed"):
        read_icons(path)


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x03\x04 cut off"])
def test_a_damaged_pack_gives_a_sentence(tmp_path, content):
    (tmp_path / "emoji.npz").write_bytes(content)
    with pytest.raises(UserError, match="damaged"):
        load_icons(tmp_path)
