"""Every format is read back by other programs, says what made it, and never stays half-written."""

import gc
import json
import os
import re
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from fractions import Fraction
from pathlib import Path
from typing import Any

import imageio.v3
import numpy as np
import psutil
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as PilImage
from PIL import ImageSequence

from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.provenance import read_metadata
from studio.core.recording.clip import Clip, clip_of_frames
from studio.core.recording.file import load_recording
from studio.core.recording.recording import RunInfo
from studio.core.view import Audio, Image, Notes, Tokens
from studio.render.export.format import FORMATS, MAX_ANIMATED_SIDE_PX, SOUNDS, format_for, formats_of
from studio.render.export.gif import delays_of
from studio.render.export.option import ExportOptions
from studio.render.export.plot import SVG_NAMESPACE
from studio.render.export.png import spread
from studio.render.export.sound import write_sound
from tests.render.export.clips import (
    BY_ID,
    INFO,
    MADE_FROM,
    bars,
    every_clip,
    letters,
    picture,
    pictures,
    plots,
    steps_of,
    tone,
    write,
)

IDS = [one.id for one in FORMATS]
OF_TEXT = ("page", "text", "json")  # written at once, when all is read
ROOT = Path(__file__).parents[3]


reads_video = pytest.mark.filterwarnings(  # imageio leaves the pipes of its own ffmpeg to the garbage collector
    "ignore:unclosed file:ResourceWarning", "ignore:Exception ignored in:pytest.PytestUnraisableExceptionWarning"
)


def read_video(path: Path) -> tuple[dict[str, Any], np.ndarray]:
    about = imageio.v3.immeta(path, plugin="FFMPEG")
    shown = imageio.v3.imread(path, plugin="FFMPEG")
    gc.collect()
    return about, shown


def read_all(path: Path) -> np.ndarray:
    return np.stack(list(imageio.v3.imiter(path)))


def n_frames_of(image: PilImage.Image) -> int:
    return getattr(image, "n_frames", 1)


def psnr_db(a: np.ndarray, b: np.ndarray) -> float:
    return float(10 * np.log10(255**2 / max(1e-9, np.mean((a.astype(float) - b) ** 2))))


def test_a_picture_is_exact(tmp_path: Path) -> None:
    write("png", pictures(3), tmp_path / "a.png", first=2)
    with PilImage.open(tmp_path / "a.png") as image:
        image.load()
        assert (np.asarray(image) == picture(2)).all()
    assert (imageio.v3.imread(tmp_path / "a.png") == picture(2)).all()


def test_an_animated_gif(tmp_path: Path) -> None:
    write("gif", pictures(9), tmp_path / "a.gif")
    with PilImage.open(tmp_path / "a.gif") as image:
        assert (n_frames_of(image), image.info["loop"], image.info["duration"]) == (9, 0, 100)
        for index, frame in enumerate(ImageSequence.Iterator(image)):
            assert psnr_db(np.asarray(frame.convert("RGB")), picture(index)) > 25
    assert read_all(tmp_path / "a.gif").shape[:3] == (9, 48, 64)


@pytest.mark.parametrize("n_colours", [2, 16, 200])
def test_few_colours_survive_a_gif_exactly(tmp_path: Path, n_colours: int) -> None:
    table = np.random.default_rng(n_colours).integers(0, 256, (n_colours, 3), np.uint8)
    pixels = table[np.arange(48 * 64).reshape(48, 64) % n_colours]
    write("gif", clip_of_frames([Frame(0, 1, views={"p": Image(pixels)})], INFO), tmp_path / "a.gif")
    with PilImage.open(tmp_path / "a.gif") as image:
        assert (np.asarray(image.convert("RGB")) == pixels).all()


def test_grey_survives_a_gif_exactly(tmp_path: Path) -> None:
    pixels = np.arange(48 * 64, dtype=np.uint8).reshape(48, 64)
    write("gif", clip_of_frames([Frame(0, 1, views={"p": Image(pixels)})], INFO), tmp_path / "a.gif")
    with PilImage.open(tmp_path / "a.gif") as image:
        assert (np.asarray(image.convert("L")) == pixels).all()


def test_an_animated_webp(tmp_path: Path) -> None:
    write("webp", pictures(7), tmp_path / "a.webp", fps=30.0)
    with PilImage.open(tmp_path / "a.webp") as image:
        assert (n_frames_of(image), image.info["loop"]) == (7, 0)
        durations = []
        for index, frame in enumerate(ImageSequence.Iterator(image)):
            frame.load()
            durations.append(image.info["duration"])
            assert psnr_db(np.asarray(frame.convert("RGB")), picture(index)) > 30
    assert sum(durations) == round(7000 / 30)
    assert read_all(tmp_path / "a.webp").shape[:3] == (7, 48, 64)


@pytest.mark.parametrize("format_id", ["gif", "webp"])
def test_once_is_once(tmp_path: Path, format_id: str) -> None:
    path = tmp_path / f"a.{format_id}"
    write(format_id, pictures(3), path, is_looped=False)
    with PilImage.open(path) as image:
        assert image.info.get("loop", 1) == 1
        assert n_frames_of(image) == 3


@reads_video
def test_a_video(tmp_path: Path) -> None:
    write("mp4", pictures(12), tmp_path / "a.mp4", fps=25.0)
    about, shown = read_video(tmp_path / "a.mp4")
    assert (about["codec"], about["pix_fmt"].split("(")[0], about["fps"], about["size"]) == (
        "h264",
        "yuv420p",
        25.0,
        (64, 48),
    )
    assert shown.shape == (12, 48, 64, 3)
    assert min(psnr_db(frame, picture(i)) for i, frame in enumerate(shown)) > 28


@reads_video
@pytest.mark.parametrize(("height", "width"), [(47, 33), (1, 1), (3, 200)])
@pytest.mark.parametrize("format_id", ["png", "mp4", "gif", "webp", "strip"])
def test_odd_sizes(tmp_path: Path, format_id: str, height: int, width: int) -> None:
    path = tmp_path / f"a{BY_ID[format_id].suffix}"
    write(format_id, pictures(3, height, width), path, side_px=47)
    shown = read_video(path)[1] if format_id == "mp4" else imageio.v3.imread(path)
    sides = shown.shape[-3:-1]
    height_px, width_px = 47, round(width * 47 / height)
    if format_id == "mp4":
        height_px, width_px = height_px + height_px % 2, width_px + width_px % 2
    if format_id != "strip":
        assert sides == (height_px, width_px)


@pytest.mark.parametrize("format_id", [i for i in IDS if BY_ID[i].suffix in (".gif", ".webp", ".mp4", ".npz")])
def test_one_frame(tmp_path: Path, format_id: str) -> None:
    path = tmp_path / f"a{BY_ID[format_id].suffix}"
    progress = write(format_id, pictures(1), path)
    assert progress[-1].step == progress[-1].n_steps - 1
    if format_id in ("gif", "webp"):
        with PilImage.open(path) as image:
            image.load()
            assert n_frames_of(image) == 1


def test_a_sound(tmp_path: Path) -> None:
    write("wav", pictures(3, sound=tone()), tmp_path / "a.wav")
    samples, rate_hz = soundfile.read(tmp_path / "a.wav", dtype="float64")
    assert rate_hz == 8000
    assert soundfile.info(tmp_path / "a.wav").subtype == "PCM_16"
    assert np.abs(samples * 32768 / 32767 - tone().samples).max() <= 0.51 / 32767


def test_a_sound_out_of_range_is_cut_and_long_ones_come_in_pieces(tmp_path: Path) -> None:
    loud = Audio(np.tile(np.array([2, -3, np.nan, 0.5], np.float32), 400_000), 48_000)
    path = tmp_path / "a.wav"
    assert len(list(write_sound(path, loud))) == 4
    samples, _ = soundfile.read(path, dtype="int16")
    assert samples[:4].tolist() == [32767, -32767, 0, 16384]
    assert len(samples) == 1_600_000


@pytest.mark.parametrize(("format_id", "n_bytes"), [("flac", 1), ("ogg", 0.5), ("mp3", 0.5)])
def test_a_sound_in_a_smaller_file_is_the_same_sound_and_says_what_made_it(tmp_path, format_id, n_bytes) -> None:
    clip = pictures(3, sound=tone(32_000))
    for kind in ("wav", format_id):
        write(kind, clip, tmp_path / f"a.{kind}")
    paths = [tmp_path / f"a.{kind}" for kind in ("wav", format_id)]
    (wav, _), (samples, rate_hz) = (soundfile.read(path) for path in paths)
    assert rate_hz == 8000
    assert np.abs(np.fft.rfft(samples[:8000])).argmax() == np.abs(np.fft.rfft(wav[:8000])).argmax()
    assert paths[1].stat().st_size < n_bytes * paths[0].stat().st_size
    assert read_metadata(paths[0]) == read_metadata(paths[1]) == MADE_FROM
    if format_id == "flac":
        assert (samples == wav).all()


def test_what_made_a_sound_may_be_a_long_text(tmp_path: Path) -> None:
    for kind in ("WAV", "FLAC", "OGG", "MP3"):
        path = tmp_path / f"a.{kind.lower()}"
        long = MADE_FROM | {"params": {"prompt": "x" * 500_000}}
        list(write_sound(path, tone(), long, kind))
        assert read_metadata(path) == long
        assert len(soundfile.read(path)[0]) >= len(tone().samples)


def test_a_rate_that_a_format_cannot_hold_is_said(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="96,000 samples a second"):
        list(write_sound(tmp_path / "a.mp3", Audio(tone().samples, 96_000), kind="MP3"))


@reads_video
def test_a_video_with_sound(tmp_path: Path) -> None:
    write("mp4", pictures(5, sound=tone(4000)), tmp_path / "a.mp4")
    about, _ = read_video(tmp_path / "a.mp4")
    assert about["audio_codec"] == "aac"
    assert about["duration"] == pytest.approx(0.5, abs=0.15)
    assert read_metadata(tmp_path / "a.mp4") == MADE_FROM


def test_no_sound_no_wav(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no sound"):
        write("wav", pictures(2), tmp_path / "a.wav")
    with pytest.raises(UserError, match="no plot"):
        write("svg", pictures(2), tmp_path / "a.svg")
    with pytest.raises(UserError, match="picture"):
        write("gif", plots(), tmp_path / "a.gif")
    assert list(tmp_path.iterdir()) == []


def test_numbers(tmp_path: Path) -> None:
    clip = pictures(3, sound=tone(), words=Tokens(("a", "größe"), (0.5, 1.0)), score=Notes(((0.0, 1.0, 60, 0),)))
    write("npz", clip, tmp_path / "a.npz", first=1)
    with np.load(tmp_path / "a.npz", allow_pickle=False) as arrays:
        assert (arrays["frame_00002.picture.pixels"] == picture(2)).all()
        assert (arrays["frame_00001.sound.samples"] == tone().samples).all()
        assert arrays["frame_00001.words.pieces"].tolist() == ["a", "größe"]
        assert arrays["frame_00001.score.notes"].tolist() == [[0, 1, 60, 0]]
        assert "frame_00000.picture.pixels" not in arrays
        assert json.loads(str(arrays["metadata"])) == MADE_FROM


def test_a_recording_of_a_range(tmp_path: Path) -> None:
    write("frames", pictures(5, sound=tone()), tmp_path / "a.frames", first=1, last=3, fps=12.0)
    recording = load_recording(tmp_path / "a.frames")
    assert (len(recording), recording.info.fps, recording.info.seed) == (3, 12.0, 7)
    view = recording[1].views["picture"]
    assert isinstance(view, Image)
    assert (view.pixels == picture(2)).all()
    recording.close()


def test_curves_by_name(tmp_path: Path) -> None:
    write("npz", plots(), tmp_path / "a.npz")
    with np.load(tmp_path / "a.npz") as arrays:
        assert arrays["frame_00000.losses.curves.loss_a_"].tolist() == [0, 1, 4, 9, 16]


@pytest.mark.long("computes for long")
def test_too_many_arrays_for_one_archive(tmp_path: Path) -> None:
    tiny = Frame(0, 1, views={"p": Image(np.zeros((1, 1), np.uint8))})
    clip = Clip(25_000, lambda start, stop: iter([tiny] * (stop - start)), 30.0, INFO)
    with pytest.raises(UserError, match="too many arrays"):
        write("npz", clip, tmp_path / "a.npz")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("clip", [plots(), bars()], ids=["curves", "bars"])
@pytest.mark.parametrize("background", ["paper", "black", "transparent"])
def test_a_drawing_is_sound_xml(tmp_path: Path, clip: Clip, background: str) -> None:
    write("svg", clip, tmp_path / "a.svg", background=background)
    root = ET.parse(tmp_path / "a.svg").getroot()
    made_from = root.find(".//{urn:manifold-studio}made_from")
    assert made_from is not None
    assert json.loads(made_from.text or "")["model"] == "vae/digits"
    texts = [one.text for one in root.iter(f"{{{SVG_NAMESPACE}}}text")]
    assert "loss <a>" in texts or "b&" in texts


def test_curves_lie_where_they_belong(tmp_path: Path) -> None:
    write("svg", plots(), tmp_path / "a.svg")
    text = (tmp_path / "a.svg").read_text()
    path = re.search(r'<path d="([^"]*)" fill="none" stroke="#0f9d8f"', text)
    assert path is not None
    points = [tuple(map(float, point.split())) for point in re.findall(r"[ML]([\d. ]+)", path[1])]
    left, bottom, right, top = 60, 360, 624, 16
    expected = [(left + (right - left) * i / 4, bottom - (bottom - top) * i**2 / 16) for i in range(5)]
    assert np.allclose(points, expected, atol=0.01)
    holed = re.search(r'<path d="([^"]*)" fill="none" stroke="#b7791f"', text)
    assert holed is not None
    assert holed[1].count("M") == 2


def test_a_contact_sheet_holds_the_frames_in_order(tmp_path: Path) -> None:
    write("sheet", pictures(30), tmp_path / "a.png", n_pictures=6)
    shown = imageio.v3.imread(tmp_path / "a.png")
    gap, columns = 2, 3
    assert shown.shape == (2 * 50 + 2, 3 * 66 + 2, 3)
    for place, index in enumerate(spread(0, 30, 6)):
        top, left = gap + place // columns * 50, gap + place % columns * 66
        assert (shown[top : top + 48, left : left + 64] == picture(index)).all()
    write("strip", pictures(30), tmp_path / "b.png", n_pictures=6)
    assert imageio.v3.imread(tmp_path / "b.png").shape == (52, 6 * 66 + 2, 3)


@given(start=st.integers(0, 50), n=st.integers(1, 200), wanted=st.integers(1, 100))
def test_spread(start: int, n: int, wanted: int) -> None:
    chosen = spread(start, start + n, min(n, wanted))
    assert len(set(chosen)) == min(n, wanted)
    assert chosen == sorted(chosen)
    assert chosen[0] == start
    assert min(n, wanted) == 1 or chosen[-1] == start + n - 1


@given(n=st.integers(1, 300), fps=st.fractions(1, 100, max_denominator=50), ticks=st.sampled_from([100, 1000]))
def test_delays_add_up(n: int, fps: Fraction, ticks: int) -> None:
    delays = delays_of(n, float(fps), ticks)
    assert len(delays) == n
    assert abs(sum(delays) - n * ticks / float(fps)) <= 0.5 + 1e-6
    assert max(delays) - min(delays) <= 1


def test_captions_and_backgrounds(tmp_path: Path) -> None:
    for background, corner in (("paper", [255, 255, 255]), ("black", [0, 0, 0]), ("transparent", [16, 17, 20, 0])):
        path = tmp_path / f"{background}.png"
        write("png", letters(2), path, side_px=128, background=background, has_caption=True)
        shown = imageio.v3.imread(path)
        assert shown.shape == (128 + 20, 128, len(corner))
        assert shown[0, 0].tolist() == corner
        assert shown[-1, -1].tolist() == corner
        band = shown[128:].astype(int)
        assert np.abs(band - band[0, 0]).max() > 150  # there is text in it


def test_larger_frames_are_cut_and_smaller_ones_centred(tmp_path: Path) -> None:
    wide = [
        Frame(i, 3, views={"p": Image(np.full((48, width, 3), 200, np.uint8))}) for i, width in enumerate((40, 60, 20))
    ]
    write("webp", clip_of_frames(wide, INFO), tmp_path / "a.webp")
    shown = read_all(tmp_path / "a.webp")
    assert shown.shape[:3] == (3, 48, 40)
    assert np.abs(shown[1].astype(int) - 200).max() < 8
    assert shown[2, 24, 2].min() > 240
    assert np.abs(shown[2, 24, 20].astype(int) - 200).max() < 8


@pytest.mark.parametrize("format_id", IDS)
def test_metadata_comes_back(tmp_path: Path, format_id: str) -> None:
    clip = every_clip(format_id)
    path = tmp_path / f"a{BY_ID[format_id].suffix}"
    write(format_id, clip, path)
    assert read_metadata(path) == clip.made_from()


@pytest.mark.parametrize("char", ["a", "é", "字", "😀", "\\", '"', "&", "=", "\n", "\0"])
@pytest.mark.parametrize("format_id", IDS)
def test_a_prompt_of_100_000_characters_comes_back(tmp_path: Path, format_id: str, char: str) -> None:
    clip = every_clip(format_id)
    info = RunInfo("vae/digits", {"prompt": char * 100_000}, 1)
    path = tmp_path / f"a{BY_ID[format_id].suffix}"
    write(format_id, Clip(1, clip.frames, clip.fps, info), path, side_px=16)
    assert read_metadata(path) == {"model": "vae/digits", "seed": 1, "params": {"prompt": char * 100_000}}


@pytest.mark.parametrize("format_id", [i for i in IDS if i != "frames"])  # a recording has room for more
def test_more_than_a_reader_takes_is_not_written(tmp_path: Path, format_id: str) -> None:
    info = RunInfo("vae/digits", {"prompt": "a" * (2 << 20)}, 1)
    path = tmp_path / f"a{BY_ID[format_id].suffix}"
    with pytest.raises(UserError, match="too long"):
        write(format_id, Clip(1, every_clip(format_id).frames, 30.0, info), path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("format_id", IDS)
def test_equal_clips_give_equal_bytes(tmp_path: Path, format_id: str) -> None:
    names = [tmp_path / f"{n}{BY_ID[format_id].suffix}" for n in "ab"]
    for path in names:
        write(format_id, every_clip(format_id), path)
    assert names[0].read_bytes() == names[1].read_bytes()


@pytest.mark.parametrize("n_steps", [0, 1, 3])
@pytest.mark.parametrize("format_id", [i for i in IDS if i not in (*SOUNDS, "midi", "svg", *OF_TEXT)])
def test_cancelling_leaves_nothing(tmp_path: Path, format_id: str, n_steps: int) -> None:
    path = tmp_path / f"a{BY_ID[format_id].suffix}"
    path.write_bytes(b"old")
    steps = steps_of(format_id, pictures(40, 400, 400), path, side_px=400)
    for _ in range(n_steps):
        next(steps)
    steps.close()
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("format_id", [i for i in IDS if i not in (*SOUNDS, "midi", "svg", "png", *OF_TEXT)])
def test_a_frame_that_fails_leaves_nothing(tmp_path: Path, format_id: str) -> None:
    def frames(start: int, stop: int):
        for index in range(start, stop):
            if index == 4:
                raise UserError("The model is gone.")
            yield Frame(index, 5, views={"p": Image(picture(index))})

    with pytest.raises(UserError, match="gone"):
        write(format_id, Clip(5, frames, 30.0, INFO), tmp_path / "a.x")
    assert list(tmp_path.iterdir()) == []


KILLED = """
import sys
from pathlib import Path
from tests.render.export.clips import pictures, steps_of
for number, _ in enumerate(steps_of(sys.argv[1], pictures(3000), Path(sys.argv[2]))):
    if number == 5:
        print("writing", flush=True)
"""


@pytest.mark.long("starts processes of its own")
@pytest.mark.skipif(os.name != "posix", reason="needs signals")
@pytest.mark.parametrize("format_id", ["gif", "webp", "mp4", "npz"])
def test_a_killed_export_leaves_the_old_file(tmp_path: Path, format_id: str) -> None:
    path = tmp_path / "a.x"
    path.write_bytes(b"old")
    child = subprocess.Popen([sys.executable, "-c", KILLED, format_id, str(path)], cwd=ROOT, stdout=subprocess.PIPE)
    assert child.stdout is not None
    assert child.stdout.readline() == b"writing\n"
    encoders = psutil.Process(child.pid).children()
    child.send_signal(signal.SIGKILL)
    child.wait()
    assert psutil.wait_procs(encoders, timeout=30)[1] == []
    child.stdout.close()
    assert path.read_bytes() == b"old"
    for draft in tmp_path.glob(".*.manifold.tmp"):  # the next export finds it abandoned
        os.utime(draft, (1, 1))
    write("png", pictures(1), tmp_path / "b.png")
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a.x", "b.png"]


FULL = """
import resource, signal, sys
from pathlib import Path
from studio.core.error import UserError
from tests.render.export.clips import pictures, write
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (9000, 9000))
try:
    write(sys.argv[1], pictures(60), Path(sys.argv[2]), side_px=400)
except UserError as error:
    print(error)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="needs limits")
@pytest.mark.parametrize("format_id", ["png", "gif", "webp", "npz"])
def test_a_full_disk_is_said_so(tmp_path: Path, format_id: str) -> None:
    """A limit on the size of files fails like a full disk, but in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", FULL, format_id, str(tmp_path / "a.x")],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert "“a.x”" in done.stdout, done
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name != "posix", reason="needs a script")
@pytest.mark.parametrize(
    ("said", "sentence"),
    [("av_write: No space left on device", "disk is full"), ("Unknown encoder", "could not be made. Unknown encoder")],
)
@pytest.mark.parametrize("reads", ["", "cat > /dev/null;"])
def test_an_encoder_that_gives_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str, sentence: str, reads: str
) -> None:
    script = tmp_path / "ffmpeg"
    script.write_text(f"#!/bin/sh\n{reads} echo {said} >&2; exit 1\n")
    script.chmod(0o755)
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(script))
    with pytest.raises(UserError, match=sentence):
        write("mp4", pictures(40), tmp_path / "a.mp4", side_px=256)
    assert list(tmp_path.iterdir()) == [script]


def test_a_missing_encoder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(tmp_path / "not there"))
    with pytest.raises(UserError, match="ffmpeg"):
        write("mp4", pictures(2), tmp_path / "a.mp4")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    for format_id in IDS:
        with pytest.raises(UserError, match="folder does not exist"):
            write(format_id, every_clip(format_id), tmp_path / "missing" / "a.x")


@pytest.mark.parametrize("name", ["-y.x", "größe 字 %d.x", "a b'c\"d.x", "concat:a.x"])
@pytest.mark.parametrize("format_id", ["mp4", "gif"])
def test_odd_names(tmp_path: Path, format_id: str, name: str) -> None:
    write(format_id, pictures(2), tmp_path / name)
    assert [one.name for one in tmp_path.iterdir()] == [name]
    assert read_metadata(tmp_path / name) == MADE_FROM


@pytest.mark.parametrize("format_id", ["gif", "webp", "mp4", "sheet"])
def test_no_step_takes_long_at_the_largest_size(tmp_path: Path, format_id: str) -> None:
    """At about 100 ms a step other work has its turn; the thread's own time, many times as long on a busy machine."""
    times = [time.thread_time()]
    times += [
        time.thread_time()
        for _ in steps_of(format_id, pictures(6, 256, 256), tmp_path / "a.x", side_px=MAX_ANIMATED_SIDE_PX)
    ]
    assert np.percentile(np.diff(times)[1:], 90) < 0.6


def test_ranges_are_checked(tmp_path: Path) -> None:
    for bad in ({"first": 3}, {"first": -1}, {"last": 3}, {"first": 2, "last": 1}):
        with pytest.raises(UserError, match="no frames"):
            write("gif", pictures(3), tmp_path / "a.gif", **bad)
    write("gif", pictures(5), tmp_path / "a.gif", first=1, last=2)
    with PilImage.open(tmp_path / "a.gif") as image:
        assert n_frames_of(image) == 2


def test_formats_are_offered_where_they_make_sense() -> None:
    def offered(clip: Clip) -> list[str]:
        return [one.id for one in formats_of(clip, clip.frame(0))]

    assert offered(pictures(1)) == ["png"]
    assert offered(pictures(2)) == ["png", "sheet", "strip", "mp4", "gif", "webp", "film_page", "npz", "frames"]
    assert offered(plots()) == ["svg"]
    assert "wav" in offered(pictures(1, sound=tone()))
    assert format_for(Path("a.PNG")).id == "png"
    with pytest.raises(UserError, match=r"\.mp4"):
        format_for(Path("a.mov"))


def test_options_refuse_nonsense() -> None:
    for bad in ({"side_px": 0}, {"fps": 0.0}, {"fps": 1e9}, {"n_pictures": 0}):
        with pytest.raises(ValueError, match="impossible"):
            ExportOptions(**bad)
