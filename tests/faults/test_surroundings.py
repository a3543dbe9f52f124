"""A screen out of reach, folders that cannot be written, missing files, other languages, clocks and few open files."""

import itertools
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from studio.compute import kernel_cache
from studio.core.atomic import atomic_write, sweep_drafts
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.recording.file import load_recording, save_recording
from studio.core.recording.recording import Recording, RunInfo
from studio.core.view import Image
from studio.registry.training_store import TrainingStore, is_interrupted
from studio.shell.session.display import held_display
from tests.cli.command import ROOT, environment, install_waves, run
from tests.conftest import start_xvfb

MODEL = "good/waves"
linux_only = pytest.mark.skipif(sys.platform != "linux", reason="screens and limits of Linux")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("home")
    install_waves(home)
    return home


@pytest.mark.long("starts processes of its own")
@linux_only
def test_a_screen_out_of_reach_is_a_sentence(home):
    told = run(home, more={"QT_QPA_PLATFORM": "xcb", "DISPLAY": ":7777", "WAYLAND_DISPLAY": ""})
    assert told.sentence.startswith("The screen “:7777” cannot be reached")


@linux_only
@pytest.mark.parametrize(
    ("named", "words"),
    [
        ({}, "no screen"),
        ({"DISPLAY": ""}, "no screen"),
        ({"DISPLAY": "nowhere.invalid:0"}, "cannot be reached"),
        ({"DISPLAY": "\n"}, "cannot be reached"),
        ({"WAYLAND_DISPLAY": "none"}, "“none” cannot be reached"),
    ],
)
def test_screens_that_are_none(tmp_path, named, words):
    with pytest.raises(UserError, match=words), held_display({"XDG_RUNTIME_DIR": str(tmp_path), **named}):
        pass


@linux_only
def test_screens_that_can_be_reached(tmp_path, x_display):
    for there_is_one in (x_display, {"QT_QPA_PLATFORM": "offscreen"}):
        with held_display(there_is_one):
            pass
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "wayland-0"))
        with held_display({"XDG_RUNTIME_DIR": str(tmp_path), "WAYLAND_DISPLAY": "wayland-0"}):
            pass


@linux_only
def test_the_screen_is_held_so_that_its_server_does_not_begin_anew_before_qt_has_it():
    server, display = start_xvfb("-terminate")  # where others begin anew, this one ends
    with held_display({"DISPLAY": display}):
        with held_display({"DISPLAY": display}):
            pass
        assert server.poll() is None
    assert server.wait(timeout=20) == 0


def test_kernels_that_cannot_be_kept_are_compiled_for_this_time(tmp_path, monkeypatch, caplog):
    (tmp_path / "file").touch()
    monkeypatch.setenv(kernel_cache.FOLDER_VARIABLE, str(tmp_path / "file" / "kernels"))
    folder = kernel_cache.kernel_dir()
    assert folder.is_dir()
    assert os.access(folder, os.W_OK)
    assert kernel_cache.kernel_dir() == folder  # children find it in their environment
    assert "are not kept" in caplog.text
    folder.rmdir()


@pytest.mark.long("starts processes of its own")
def test_a_missing_picture_and_missing_weights_hide_nothing_else(tmp_path):
    install_waves(tmp_path)
    good = tmp_path / "data" / "plugins" / "good"
    shutil.copytree(good / "models", tmp_path / "data" / "models" / "good")
    card = tmp_path / "data" / "models" / "good" / "waves.json"
    card.write_text(json.dumps(json.loads(card.read_text()) | {"id": "good/mine"}))
    card.rename(card.with_name("mine.json"))
    (card.with_name("waves.npz")).unlink()
    (good / "thumbnail.webp").unlink(missing_ok=True)
    listed = run(tmp_path, "list")
    assert listed.status == 0
    assert MODEL in listed.out
    assert "good/mine" not in listed.out
    assert "mine.json" in listed.err + (tmp_path / "log" / "command-line.log").read_text()
    assert run(tmp_path, "shot", "home", "-o", str(tmp_path / "home.png")).status == 0


@pytest.fixture(scope="module")
def languages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two languages, compiled where the system knows them: one has a decimal comma, one a dotless i."""
    folder = tmp_path_factory.mktemp("locale")
    for name in ("de_DE", "tr_TR"):
        command = ["localedef", "-i", name, "-f", "UTF-8", str(folder / f"{name}.UTF-8")]
        if shutil.which("localedef") is None or subprocess.run(command, capture_output=True, check=False).returncode:
            pytest.skip("this system cannot make languages")
    return folder


@pytest.mark.long("starts processes of its own")
@linux_only
def test_another_language_changes_no_result(home, tmp_path, languages):
    plain, other = tmp_path / "plain.png", tmp_path / "other.png"
    words = ["sample", MODEL, "--set", "strength=1.5", "--json", "-o"]
    assert run(home, *words, str(plain), more={"LC_ALL": "C.UTF-8"}).status == 0
    more = {"LC_ALL": "tr_TR.UTF-8", "LOCPATH": str(languages)}  # other decimal points, and an i without a dot
    assert run(home, *words, str(other), more=more).status == 0
    assert plain.read_bytes() == other.read_bytes()
    assert run(home, "shot", MODEL, "-o", str(tmp_path / "shot.png"), more=more).status == 0


def test_a_clock_that_goes_backwards_loses_nothing(tmp_path, monkeypatch):
    now = itertools.count(time.time(), -3600.0)
    monkeypatch.setattr(time, "time", lambda: next(now))
    store = TrainingStore(tmp_path)
    training = store.planned("good/waves", "Mine", {}).claimed().changed(step=3)
    assert store.read(training.record.id).record.step == 3
    assert not is_interrupted(training)
    recording = Recording(RunInfo("vae/digits", {}, 7))
    for step in range(3):
        recording.append(Frame(step, 3, views={"picture": Image(np.full((4, 4), step, np.uint8))}))
    save_recording(recording, tmp_path / "a.frames")
    recording.close()
    again = load_recording(tmp_path / "a.frames")
    assert [again[step].step for step in range(3)] == [0, 1, 2]
    again.close()
    atomic_write(tmp_path / "a", b"whole")
    sweep_drafts(tmp_path)
    assert (tmp_path / "a").read_bytes() == b"whole"


def test_times_are_measured_by_a_clock_that_only_goes_forward():
    """`time.time()` may jump; it is asked for the age of drafts alone."""
    asked = [
        path.relative_to(ROOT).as_posix()
        for folder in ("studio", "plugins")
        for path in (ROOT / folder).rglob("*.py")
        if "time.time()" in path.read_text("utf-8")
    ]
    assert asked == ["studio/core/atomic.py"]


@pytest.mark.long("starts processes of its own")
@linux_only
def test_256_open_files_are_enough(home, tmp_path):
    code = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256));"
        "from studio.cli.main import main; sys.exit(main(sys.argv[1:]))"
    )
    for words in (["sample", MODEL, "-o", "a.gif"], ["shot", MODEL, "-o", "b.png"]):
        done = subprocess.run(
            [sys.executable, "-c", code, *words],
            env=environment(home) | {"PYTHONPATH": str(ROOT)},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stderr.count("Traceback")) == (0, 0), done
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.gif", "b.png"]
