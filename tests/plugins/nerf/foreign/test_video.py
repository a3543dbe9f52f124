"""A video is cut into its sharpest frames; what is none ends in a sentence."""

import subprocess
from contextlib import closing

import numpy as np
import pytest
from imageio_ffmpeg import get_ffmpeg_exe, write_frames

from plugins.nerf.foreign.video import cut, is_video, sharpness
from studio.core.error import UserError
from studio.core.picture import picture_size, read_picture

WIDTH, HEIGHT, FPS = 96, 64, 10


def picture(number, is_sharp):
    """Squares, or what is left of them by a shaking hand; their red tells the number of the frame."""
    rows, columns = np.indices((HEIGHT, WIDTH))
    squares = ((rows // 8 + columns // 8) % 2).astype(np.float32)
    if not is_sharp:
        squares = np.mean([np.roll(squares, shift, 1) for shift in range(8)], axis=0)
    rgb = np.stack([np.full_like(squares, number * 10 + 9), squares * 200, squares * 200], axis=-1)
    return rgb.astype(np.uint8)


def video(path, sharp, n=20):
    with closing(write_frames(path, (WIDTH, HEIGHT), fps=FPS, quality=9, macro_block_size=2)) as writer:
        writer.send(None)
        for number in range(n):
            writer.send(np.ascontiguousarray(picture(number, number in sharp)))
    return path


def numbers(folder):
    """Which frames the photos of a folder are."""
    found = (read_picture(path).rgb for path in sorted(folder.glob("*.jpg")))
    return [int(rgb[..., 0].mean() - 4) // 10 for rgb in found]


def test_the_sharpest_of_each_while_is_kept(tmp_path):
    path = video(tmp_path / "a.mp4", {2, 8, 11, 17})
    done = list(cut(path, tmp_path, 4))
    assert done == sorted(done)
    assert done[-1] == 1
    assert numbers(tmp_path) == [2, 8, 11, 17]
    assert picture_size(tmp_path / "0000.jpg") == (WIDTH, HEIGHT)


def test_a_short_video_gives_all_its_frames(tmp_path):
    list(cut(video(tmp_path / "a.mov", set(), n=5), tmp_path))
    assert numbers(tmp_path) == [0, 1, 2, 3, 4]


def test_a_video_that_a_phone_stored_on_its_side_is_cut_upright(tmp_path):
    path, turned = video(tmp_path / "a.mp4", {0}, n=3), tmp_path / "turned.mp4"
    ffmpeg = [get_ffmpeg_exe(), "-v", "error", "-display_rotation", "90", "-i", path, "-c", "copy", turned]
    subprocess.run(ffmpeg, check=True)
    list(cut(turned, tmp_path))
    assert picture_size(tmp_path / "0000.jpg") == (HEIGHT, WIDTH)


def test_a_shaken_picture_is_less_sharp():
    sharp, shaken = (sharpness(picture(0, is_sharp)[..., 1].astype(np.float32)) for is_sharp in (True, False))
    assert sharp > 4 * shaken


def test_what_is_a_video(tmp_path):
    assert is_video(tmp_path / "IMG_1.MOV")
    assert not is_video(tmp_path / "a.webm")


@pytest.mark.parametrize("where", [0, 4, 20, 40, 0.3, 0.6])
def test_a_cut_or_foreign_file_is_refused(tmp_path, where):
    data = video(tmp_path / "a.mp4", {0}).read_bytes()
    (tmp_path / "a.mp4").write_bytes(data[: where if isinstance(where, int) else int(len(data) * where)])
    with pytest.raises(UserError, match="video"):
        list(cut(tmp_path / "a.mp4", tmp_path))


@pytest.mark.parametrize(
    "content",
    [
        b"no video at all" * 100,
        b"#EXTM3U\n#EXTINF:1,\nhttp%b//127.0.0.1:9/a.ts\n" % b":",
        b"ffconcat version 1.0\nfile /etc/passwd\n",
        b"\0\0\0\x18ftypisom" + bytes(2000),
        b"\0\0\0\x18ftypqt  " + b"\xff" * 2000,
        b"\x89PNG\r\n\x1a\n" + bytes(100),
    ],
)
def test_what_only_calls_itself_a_video_is_refused(tmp_path, content):
    (tmp_path / "a.mp4").write_bytes(content)
    with pytest.raises(UserError, match="video"):
        list(cut(tmp_path / "a.mp4", tmp_path))
    assert not list(tmp_path.glob("*.jpg"))
