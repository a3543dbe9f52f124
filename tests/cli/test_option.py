"""How the text of options is read; what is wrong leaves with status 2."""

import argparse
from pathlib import Path

import pytest

from studio.cli import option
from studio.cli.parser import VERBS, parse


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [("a=1", "a", "1"), ("a=", "a", ""), ("a=b=c", "a", "b=c"), (" a = 1 ", "a", " 1 ")],
)
def test_a_setting_is_cut_at_its_first_equal_sign(text, name, value):
    assert option.setting(text) == (name, value)


@pytest.mark.parametrize("text", ["a", "", "=1", " =1"])
def test_no_setting(text):
    with pytest.raises(argparse.ArgumentTypeError):
        option.setting(text)


def test_of_two_settings_of_one_name_the_last_counts():
    options = parse(["sample", "vae/digits", "--set", "seed=1", "--set", "seed=2", "-o", "a.png"])
    assert option.settings_of(options) == {"seed": "2"}


@pytest.mark.parametrize("text", ["1280x720", "1280X720", "1280×720"])
def test_a_size(text):
    assert option.size(text) == (1280, 720)


@pytest.mark.parametrize("text", ["", "1280", "1280x", "x720", "-1x720", "199x720", "1280x8001", "1.5x3"])
def test_no_size(text):
    with pytest.raises(argparse.ArgumentTypeError):
        option.size(text)


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "many", "9" * 10, ""])
def test_no_count(text):
    with pytest.raises(argparse.ArgumentTypeError):
        option.count(text)


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help(verb, capsys):
    with pytest.raises(SystemExit) as left:
        parse([verb, "--help"])
    assert left.value.code == 0
    assert f"main.py {verb}" in capsys.readouterr().out


WRONG = [
    ["sample"],
    ["sample", "vae/digits"],
    ["sample", "vae/digits", "-o"],
    ["sample", "vae/digits", "--seed", "seven", "-o", "a.png"],
    ["sample", "vae/digits", "--set", "seed", "-o", "a.png"],
    ["sample", "vae/digits", "--size", "9", "-o", "a.png"],
    ["sample", "vae/digits", "--size", "1e3", "-o", "a.png"],
    ["sample", "vae/digits", "--fps", "0", "-o", "a.gif"],
    ["sample", "vae/digits", "--fps", "nan", "-o", "a.gif"],
    ["info"],
    ["train", "vae/digits"],
    ["train", "vae/digits", "--steps", "0", "-o", "a"],
    ["train", "vae/digits", "--device", "tpu", "-o", "a"],
    ["shot", "home", "--size", "big", "-o", "a.png"],
    ["list", "everything"],
    ["--unknown"],
    ["one", "two"],
]


@pytest.mark.parametrize("words", WRONG, ids=" ".join)
def test_wrong_usage_leaves_with_status_2_and_says_what_is_right(words, capsys):
    with pytest.raises(SystemExit) as left:
        parse(words)
    assert left.value.code == 2
    assert "usage: main.py" in capsys.readouterr().err


def test_without_a_verb_the_window_is_meant():
    assert parse([]).target is None
    assert parse(["vae/digits"]).target == "vae/digits"
    assert parse(["./list"]).target == "./list"
    assert parse(["my drawing.png"]).target == "my drawing.png"


def test_paths_are_read_as_such():
    assert parse(["sample", "vae/digits", "-o", "a b/ä.png"]).out == Path("a b/ä.png")
