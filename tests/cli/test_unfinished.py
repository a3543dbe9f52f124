"""Whatever ends a training, what lies at its place is a whole model or nothing."""

import contextlib
import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from studio.cli.train import finish, folder_of, unfinished
from tests.cli.command import ROOT, environment, install_waves, run

RECIPE = "good/learnt"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("home")
    install_waves(home)
    return home


def ended(home: Path, out: Path, how: signal.Signals) -> int:
    """Start a training that pauses between its weights and its card, and end it there."""
    code = (
        "import json, sys; from pathlib import Path; from studio.cli.main import main\n"
        "Path.write_text = lambda *a, **k: (print('weights', flush=True), sys.stdin.read())\n"
        "sys.exit(main(sys.argv[1:]))"
    )
    words = ["train", RECIPE, "--steps", "3", "-o", str(out)]
    with subprocess.Popen(
        [sys.executable, "-c", code, *words],
        env=environment(home),
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        assert process.stdout.readline() == "weights\n"
        while process.poll() is None:  # the first one is only a request, which nobody hears here
            process.send_signal(how)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(0.2)
    return process.returncode


@pytest.mark.long("starts processes of its own")
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_an_ended_training_leaves_nothing_that_refuses_to_open(home, tmp_path, how):
    out = tmp_path / "mine.npz"
    assert ended(home, out, how) != 0
    assert [path.name for path in tmp_path.iterdir()] == [folder_of(out).name]
    done = run(home, "train", RECIPE, "--steps", "3", "--resume", "-o", str(out))
    assert done.status == 0, done
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine.checkpoint", "mine.json", "mine.npz"]
    assert json.loads(run(home, "info", str(out), "--json").out)["opens"]


@pytest.mark.long("starts processes of its own")
def test_a_model_that_is_there_stays_whole_until_the_new_one_is(home, tmp_path):
    out = tmp_path / "mine.npz"
    assert run(home, "train", RECIPE, "--steps", "2", "-o", str(out)).status == 0
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert ended(home, out, signal.SIGKILL) != 0
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()} == before
    assert run(home, "train", RECIPE, "--steps", "3", "--resume", "-o", str(out)).status == 0
    assert json.loads(out.with_suffix(".json").read_text())["trained"]["n_steps"] == 3


def test_the_state_of_a_finished_training_is_gone_on_from(tmp_path):
    out = tmp_path / "a.b.safetensors"
    for name in ("a.b.checkpoint", "a.b.peer.checkpoint", "a.other.checkpoint"):
        (tmp_path / name).write_text(name)
    with unfinished(out, True, True) as inside:
        assert sorted(path.name for path in inside.parent.iterdir()) == ["a.b.checkpoint", "a.b.peer.checkpoint"]
        inside.write_text("weights")
        finish(out)
    assert out.read_text() == "weights"
    assert not folder_of(out).exists()
