"""Following a training, stopping it, and the words that go on with it."""

import shlex
import signal
from collections.abc import Generator, Iterator

import pytest

from studio.cli.main import main
from studio.cli.parser import parse
from studio.cli.train import follow, resume_command, stop_requests
from studio.core.frame import Frame


class Training:
    """A training of 20 steps that notes what was done to it."""

    def __init__(self) -> None:
        self.n_done = 0
        self.is_saved = False

    def steps(self) -> Generator[Frame, None, None]:
        try:
            for step in range(20):
                self.n_done += 1
                yield Frame(step, 20, scalars={"loss": 1.0 / (step + 1)})
        finally:
            self.is_saved = True


def test_it_is_followed_to_its_end(capsys):
    training = Training()
    assert follow(training.steps(), lambda: False)
    assert training.n_done == 20
    assert "step 20 of 20  loss 0.05" in capsys.readouterr().err


def test_a_stop_ends_it_between_two_steps_and_lets_it_save(capsys):
    training, stops = Training(), []

    def steps() -> Iterator[Frame]:
        for frame in (inner := training.steps()):
            try:
                if frame.step == 4:
                    stops.append(frame.step)
                yield frame
            except GeneratorExit:
                inner.close()
                raise

    assert not follow(steps(), lambda: bool(stops))
    assert training.n_done == 5
    assert training.is_saved
    assert "step 5 of 20" in capsys.readouterr().err


def test_ctrl_c_is_a_request_and_the_second_one_an_order():
    before = signal.getsignal(signal.SIGINT)
    asked = []
    with stop_requests(lambda: asked.append(True)):
        assert not asked
        signal.raise_signal(signal.SIGINT)
        assert asked
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before


def test_one_ctrl_c_reaches_several_processes_more_than_once(monkeypatch):
    for name, value in {"RANK": "1", "WORLD_SIZE": "2", "LOCAL_RANK": "1", "LOCAL_WORLD_SIZE": "2"}.items():
        monkeypatch.setenv(name, value)
    asked = []
    with stop_requests(lambda: asked.append(True)):
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGTERM)
    assert len(asked) == 3
    line = resume_command(parse(["train", "vae/digits", "-o", "d.safetensors"]))
    assert line == "torchrun --nproc-per-node 2 main.py train vae/digits --resume -o d.safetensors"


def test_the_newest_held_out_figure_stays_in_the_line(capsys):
    def steps() -> Iterator[Frame]:
        yield Frame(0, 9, "Learnt before", scalars={"loss": 99.0})
        yield Frame(1, 9, scalars={"loss": 2.0})
        yield Frame(1, 9, "Measured on held-out data", scalars={"held-out error": 0.5})
        yield Frame(2, 9, scalars={"loss": 1.0})

    assert follow(steps(), lambda: False)
    shown = capsys.readouterr().err
    assert "step 3 of 9  loss 1, held-out error 0.5" in shown
    assert "99" not in shown


def test_only_the_first_of_several_processes_speaks(monkeypatch, capsys):
    for name, value in {"RANK": "1", "WORLD_SIZE": "2", "LOCAL_RANK": "1", "LOCAL_WORLD_SIZE": "2"}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as end:
        main(["train", "vae/none", "-o", "/nowhere/x.safetensors"])
    assert end.value.code == 1
    assert capsys.readouterr() == ("", "")


def test_the_words_that_go_on_can_be_typed_as_they_are():
    words = ["train", "vae/digits", "--steps", "300", "--set", "data=my pictures", "--device", "cpu"]
    line = resume_command(parse([*words, "-o", "a b/digits.safetensors"]))
    typed = shlex.split(line)
    assert typed[0] == "main.py"
    options = parse(typed[1:])
    assert options.resume
    assert options.steps == 300
    assert options.settings == [("data", "my pictures")]
    assert options.device == "cpu"
    assert options.out.name == "digits.safetensors"
