"""Exit status and sentences, whatever a verb does."""

import argparse
import logging
import os

import pytest

from studio.cli import listing, window
from studio.cli import main as entry
from studio.cli.parser import VERBS
from studio.core.error import UserError
from studio.core.place import log_dir


def run_with(monkeypatch, failure: BaseException | None) -> int:
    def run(options: argparse.Namespace) -> None:
        if failure is not None:
            raise failure

    monkeypatch.setattr(listing, "run", run)
    return entry.main(["list"])


def test_done_is_0(monkeypatch, capsys):
    assert run_with(monkeypatch, None) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(("set_by_a_person", "policy"), [(None, "PASSIVE"), ("ACTIVE", "ACTIVE")])
def test_threads_wait_asleep_unless_a_person_says_otherwise(monkeypatch, set_by_a_person, policy):
    if set_by_a_person is None:
        monkeypatch.delenv("OMP_WAIT_POLICY", raising=False)
    else:
        monkeypatch.setenv("OMP_WAIT_POLICY", set_by_a_person)
    run_with(monkeypatch, None)
    assert os.environ["OMP_WAIT_POLICY"] == policy


WAYS_IN = {
    "": [],
    "list": [],
    "info": ["vae/digits"],
    "check": ["plugins/vae"],
    "get": ["vae/digits"],
    "sample": ["vae/digits", "-o", "a.png"],
    "train": ["vae/digits", "-o", "a.safetensors"],
    "data": ["digits", "--to", "a"],
    "shot": ["home", "-o", "a.png"],
    "bench": [],
    "kernels": [],
}


def test_every_verb_is_a_way_in():
    assert set(WAYS_IN) == {"", *VERBS}


@pytest.mark.parametrize("verb", WAYS_IN)
def test_whichever_way_in_threads_wait_asleep_before_anything_is_done(monkeypatch, verb):
    policies = []
    monkeypatch.delenv("OMP_WAIT_POLICY", raising=False)
    module = VERBS.get(verb, window)
    monkeypatch.setattr(module, "run", lambda options: policies.append(os.environ.get("OMP_WAIT_POLICY")))
    assert entry.main([*([verb] if verb else []), *WAYS_IN[verb]]) == 0
    assert policies == ["PASSIVE"]


@pytest.mark.parametrize(
    ("failure", "sentence"),
    [
        (UserError("The file is empty.", "Choose another one."), "The file is empty. Choose another one.\n"),
        (KeyboardInterrupt(), "Stopped.\n"),
        (MemoryError(), "There is not enough memory for this.\n"),
    ],
)
def test_a_failure_is_one_sentence_and_1(monkeypatch, capsys, failure, sentence):
    assert run_with(monkeypatch, failure) == 1
    assert capsys.readouterr() == ("", sentence)
    assert not (log_dir() / entry.LOG_NAME).exists()


def test_a_mistake_of_ours_is_a_sentence_and_its_details_are_in_the_log(monkeypatch, capsys, caplog):
    assert run_with(monkeypatch, ZeroDivisionError("division by zero")) == 1
    captured = capsys.readouterr()
    log = log_dir() / entry.LOG_NAME
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert str(log) in captured.err
    assert "Traceback" not in captured.err
    assert "ZeroDivisionError: division by zero" in log.read_text()


def test_warnings_go_to_the_log_and_the_handler_goes_when_done(monkeypatch, capsys, caplog):
    handlers = list(logging.getLogger().handlers)
    monkeypatch.setattr(listing, "run", lambda options: logging.getLogger("studio.x").warning("odd"))
    assert entry.main(["list"]) == 0
    assert logging.getLogger().handlers == handlers
    assert "odd" in (log_dir() / entry.LOG_NAME).read_text()
    assert capsys.readouterr().err == ""


def test_a_home_that_cannot_be_made_is_a_sentence(monkeypatch, capsys, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("MANIFOLD_STUDIO_HOME", str(tmp_path / "file"))
    assert entry.main(["list"]) == 1
    assert "MANIFOLD_STUDIO_HOME" in capsys.readouterr().err
