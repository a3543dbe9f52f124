"""Following a training, stopping it, and the words that go on with it."""

import shlex
import signal
import threading
from collections.abc import Generator, Iterator

import pytest

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
    assert follow(training.steps(), threading.Event())
    assert training.n_done == 20
    assert "step 20 of 20  loss 0.05" in capsys.readouterr().err


def test_a_stop_ends_it_between_two_steps_and_lets_it_save(capsys):
    training, stop = Training(), threading.Event()

    def steps() -> Iterator[Frame]:
        for frame in (inner := training.steps()):
            try:
                if frame.step == 4:
                    stop.set()
                yield frame
            except GeneratorExit:
                inner.close()
                raise

    assert not follow(steps(), stop)
    assert training.n_done == 5
    assert training.is_saved
    assert "step 5 of 20" in capsys.readouterr().err


def test_ctrl_c_is_a_request_and_the_second_one_an_order():
    before = signal.getsignal(signal.SIGINT)
    with stop_requests() as stop:
        assert not stop.is_set()
        signal.raise_signal(signal.SIGINT)
        assert stop.is_set()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before


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
