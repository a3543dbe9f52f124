"""Every verb as a process, on a small family that needs no trained weights."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio.core.picture import read_picture, read_png_metadata
from tests.cli.command import ROOT, Outcome, environment, install_waves, run, run_many

MODEL = "good/waves"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The settings and data of a person who has a family of their own."""
    home = tmp_path_factory.mktemp("Person mit Umlauten äöü")
    install_waves(home)
    return home


@pytest.mark.long("starts processes of its own")
def test_list_prints_lines_for_people_and_json_for_programs(home):
    plain = run(home, "list")
    assert plain.status == 0
    assert any(line.startswith(MODEL) for line in plain.out.splitlines())
    models = json.loads(run(home, "list", "--json").out)
    waves = next(model for model in models if model["id"] == MODEL)
    assert set(waves) == {"id", "family", "title", "task", "licence", "data", "n_params", "size_bytes"}
    assert waves["family"] == "good"


@pytest.mark.long("starts processes of its own")
def test_info_describes_what_it_can_and_exits_0(home):
    weights = home / "data" / "plugins" / "good" / "models" / "waves.npz"
    report = json.loads(run(home, "info", str(weights), "--json").out)
    promised = {"format", "family", "architecture", "n_params", "dtype", "tensors", "opens", "why_not", "warnings"}
    assert promised <= set(report)
    assert report["format"] == "npz"
    folder = run(home, "info", str(home))
    assert folder.status == 1  # said, and it does not open
    assert "Opens:" in folder.out


@pytest.mark.long("starts processes of its own")
def test_info_of_nothing_is_a_sentence(home):
    assert "nothing.bin" in run(home, "info", "nothing.bin").sentence


@pytest.mark.long("starts processes of its own")
def test_list_and_info_need_neither_torch_nor_qt(home):
    code = (
        "import sys; from studio.cli.main import main; main(['list']); main(['info', 'main.py']);"
        "sys.exit('loaded: ' + str(sorted({'torch', 'PySide6'} & set(sys.modules))))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment(home), cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.stderr == "loaded: []\n"


@pytest.mark.long("starts processes of its own")
def test_the_same_sample_twice_is_the_same_bytes_and_says_what_made_it(home, tmp_path):
    first, second = tmp_path / "a b ä.png", tmp_path / "second.png"
    reports = [
        json.loads(run(home, "sample", MODEL, "--seed", "7", "--set", "strength=1.5", "--json", "-o", str(path)).out)
        for path in (first, second)
    ]
    assert first.read_bytes() == second.read_bytes()
    assert read_png_metadata(first) == {
        "model": MODEL,
        "seed": 7,
        "params": {"seed": 7, "n_steps": 4, "strength": 1.5},
    }
    assert read_picture(first).rgb.shape == (512, 512, 3)
    report = reports[0]
    assert set(report) == {"files", "seed", "params", "frames", "seconds", "scalars"}
    assert report["files"] == [str(first)]
    assert report["frames"] == 4
    assert report["scalars"] == {"grown": 1.5}


SUFFIXES = ("png", "gif", "webp", "mp4", "npz", "frames")


@pytest.fixture(scope="module")
def samples(tmp_path_factory):
    """The same run in every format, written twice, and what was printed the first time."""
    folder = tmp_path_factory.mktemp("samples")
    home = folder / "home"
    install_waves(home)
    words = ["sample", MODEL, "--set", "n_steps=6", "--seed", "5", "--size", "64", "--fps", "12", "--json", "-o"]
    outs = [folder / f"{name}.{suffix}" for suffix in SUFFIXES for name in ("first", "again")]
    told = run_many(home, [[*words, str(path)] for path in outs])
    assert [one.err for one in told] == [""] * len(outs)
    infos = run_many(home, [["info", str(path), "--json"] for path in outs])
    return {path: (json.loads(a.out), json.loads(b.out)) for path, a, b in zip(outs, told, infos, strict=True)}


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_sample_in_every_format(samples, suffix):
    first, again = (path for path in samples if path.suffix == f".{suffix}")
    assert first.read_bytes() == again.read_bytes()
    told, info = samples[first]
    assert set(told) == {"files", "seed", "params", "frames", "seconds", "scalars"}
    assert (told["files"], told["seed"], told["frames"]) == ([str(first)], 5, 6)
    assert (info["format"], info["opens"], info["architecture"]) == (suffix, True, MODEL)
    assert info["metadata"]["params"]["n_steps"] == 6
    if suffix in ("gif", "webp"):
        with Image.open(first) as picture:
            assert (getattr(picture, "n_frames", 1), picture.height) == (6, 64)


@pytest.mark.long("starts processes of its own")
def test_a_video_from_a_model_that_is_not_here(samples, tmp_path):
    path = next(path for path in samples if path.suffix == ".mp4")
    words = [["info", str(path), "--json"], ["sample", str(path), "-o", str(tmp_path / "x.png")]]
    told, picture = run_many(tmp_path, words)
    why_not = f"This video was made with {MODEL}, which is not on this computer."
    report = json.loads(told.out)
    assert (report["opens"], report["why_not"]) == (False, why_not)
    assert picture.sentence.startswith(why_not)


@pytest.mark.long("starts processes of its own")
def test_a_recording_opens_without_its_model(samples, tmp_path):
    path = next(path for path in samples if path.suffix == ".frames")
    report = json.loads(run(tmp_path, "info", str(path), "--json").out)
    assert (report["opens"], report["why_not"]) == (True, None)
    assert report["warnings"] == [f"This recording was made with {MODEL}, which is not on this computer."]


@pytest.mark.long("starts processes of its own")
def test_a_video_sampled_again(samples, tmp_path):
    path = next(path for path in samples if path.suffix == ".mp4")
    home = path.parent / "home"
    again = tmp_path / "again.mp4"
    assert run(home, "sample", str(path), "--size", "64", "--fps", "12", "-o", str(again)).status == 0
    assert again.read_bytes() == path.read_bytes()


@pytest.mark.long("starts processes of its own")
def test_a_sample_as_arrays_and_a_picture_that_was_made_here_sampled_again(home, tmp_path):
    arrays_path, first, again = (tmp_path / name for name in ("frames.npz", "first.png", "again.png"))
    commands = [
        ("sample", MODEL, "--set", "n_steps=3", "-o", str(arrays_path)),
        ("sample", MODEL, "--seed", "3", "--set", "n_steps=2", "-o", str(first)),
        ("sample", str(first), "-o", str(again)),
    ]
    assert run_many(home, commands) == [Outcome(0, "", "")] * 3
    with np.load(arrays_path, allow_pickle=False) as arrays:
        assert sorted(arrays) == [*(f"frame_{step:05d}.picture.pixels" for step in range(3)), "metadata"]
        assert json.loads(str(arrays["metadata"]))["model"] == MODEL
        assert arrays["frame_00002.picture.pixels"].dtype == np.uint8
    assert first.read_bytes() == again.read_bytes()


FAILURES = [
    (("sample", "good/wave", "-o", "x.png"), "good/waves"),
    (("sample", "nothing/here", "-o", "x.png"), "nothing/here"),
    (("sample", "nothing.safetensors", "-o", "x.png"), "nothing.safetensors"),
    (("sample", MODEL, "-o", "x.mov"), ".png"),
    (("sample", MODEL, "-o", "x.wav"), "sound"),
    (("sample", MODEL, "-o", "x.svg"), "plot"),
    (("sample", MODEL, "-o", "missing/x.png"), "missing"),
    (("sample", MODEL, "-o", "folder.png"), "folder"),
    (("train", "good/nothing", "-o", "x.npz"), "good/learnt"),
    (("train", MODEL, "-o", "missing/x.npz"), "missing"),
    (("data", "nothing"), "nothing"),
    (("good/wave",), "good/waves"),
    (("nothing.png",), "nothing.png"),
    (("shot", MODEL, "-o", "x.jpg"), ".png"),
    (("shot", "nothing/here", "-o", "x.png"), "nothing/here"),
    (("data", "digits", "--to", "file/here"), "file/here"),
]


@pytest.mark.long("starts processes of its own")
def test_what_cannot_be_done_is_one_sentence_and_1(home, tmp_path):
    (tmp_path / "folder.png").mkdir()
    (tmp_path / "file").touch()
    outcomes = run_many(home, [words for words, _ in FAILURES], cwd=tmp_path)
    for (words, part), outcome in zip(FAILURES, outcomes, strict=True):
        assert part in outcome.sentence, words
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder.png"]


@pytest.mark.long("starts processes of its own")
def test_a_parameter_that_a_model_lacks_is_wrong_usage(home, tmp_path):
    verbs = [(verb, MODEL, "--set", "colour=red", "-o", "x.png") for verb in ("sample", "shot")]
    for outcome in run_many(home, verbs, cwd=tmp_path):
        sentence = "good/waves has no parameter called “colour”; it has seed, n_steps, strength.\n"
        assert (outcome.status, outcome.out, outcome.err) == (2, "", sentence)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.long("starts processes of its own")
def test_a_value_that_a_parameter_cannot_have_is_wrong_usage(home, tmp_path):
    settings = [("--set", "n_steps=many"), ("--set", "strength=999"), ("--seed", "-1")]
    verbs = [("sample", MODEL, *one, "-o", "x.png") for one in settings] + [
        ("shot", MODEL, *settings[0], "-o", "x.png")
    ]
    outcomes = run_many(home, verbs, cwd=tmp_path)
    for outcome, name in zip(outcomes, ("n_steps", "strength", "seed", "n_steps"), strict=True):
        assert (outcome.status, outcome.out) == (2, "")
        assert f"{name} must be between " in outcome.err
        assert outcome.err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.long("starts processes of its own")
def test_opening_what_cannot_be_opened_is_a_sentence_before_any_window(home):
    assert "nothing.png" in run(home, "nothing.png").sentence


def test_wrong_usage_is_2(home):
    done = run(home, "sample", MODEL)
    assert done.status == 2
    assert done.out == ""
    assert "-o" in done.err


def test_a_reader_who_has_had_enough_is_no_failure(home):
    command = [sys.executable, str(ROOT / "main.py"), "list", "--json"]
    with subprocess.Popen(
        command, env=environment(home), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 0


@pytest.mark.long("starts processes of its own")
def test_train_writes_the_model_and_says_where(home, tmp_path):
    path = tmp_path / "own.npz"
    done = run(home, "train", MODEL, "-o", str(path))
    assert done.status == 0, done
    assert str(path) in done.out
    assert "100%" in done.err
    assert path.exists()


@pytest.mark.long("starts processes of its own")
def test_ctrl_c_during_a_training_says_how_to_go_on(home, tmp_path):
    recipe = home / "data" / "plugins" / "good" / "recipes.py"
    text = recipe.read_text("utf-8")
    endless = text.replace('yield Frame(0, 1, scalars={"loss": 0.0})', "while True:\n            yield Frame(0, 9)")
    assert endless != text
    recipe.write_text(endless, "utf-8")
    try:
        command = [sys.executable, str(ROOT / "main.py"), "train", MODEL, "-o", str(tmp_path / "own.npz")]
        with subprocess.Popen(
            command, env=environment(home), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process:
            assert process.stderr is not None
            assert "step 1 of 9" in process.stderr.readline()
            process.send_signal(signal.SIGINT)
            rest = process.stderr.read()
    finally:
        recipe.write_text(text, "utf-8")
    assert process.returncode == 1
    assert f"train {MODEL} --resume" in rest
    assert "Traceback" not in rest


@pytest.mark.long("starts processes of its own")
def test_bench_of_one_row_prints_json_only(home):
    done = run(home, "bench", "studio.memory_home", "--json")
    (row,) = json.loads(done.out)
    held = {"value", "reached", "budget", "is_floor", "within"}
    assert set(row) == held | {"name", "unit", "peer", "peer_value", "noise", "note"}
    assert row["name"] == "studio.memory_home"
    assert "cores" in done.err


@pytest.mark.long("starts processes of its own")
@pytest.mark.parametrize("what", [MODEL, "home"])
def test_shot_paints_what_a_person_sees(home, tmp_path, what):
    path = tmp_path / "shot.png"
    done = run(home, "shot", what, "--size", "1280x720", "-o", str(path))
    assert (done.status, done.out) == (0, ""), done
    pixels = read_picture(path).rgb
    assert pixels.shape == (720, 1280, 3)
    assert len(np.unique(pixels.reshape(-1, 3), axis=0)) > 50


@pytest.mark.long("starts processes of its own")
def test_kernels_are_compiled_for_all_models(home):
    """What set-up does at its end; a second time there is nothing to do."""
    done = "The fast loops are compiled.\n"
    assert (run(home, "kernels").status, run(home, "kernels")) == (0, Outcome(0, done, ""))
