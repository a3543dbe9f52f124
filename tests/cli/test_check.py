"""A stranger's family is checked in a process of its own, and told in sentences what it lacks."""

import json
import shutil

import pytest

from tests.cli.command import ROOT, run

EXAMPLE = ROOT / "docs" / "example" / "reaction"


@pytest.fixture
def family(tmp_path):
    """A copy of the example, to be spoilt."""
    return shutil.copytree(EXAMPLE, tmp_path / "reaction", ignore=shutil.ignore_patterns("__pycache__"))


def spoil(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


@pytest.mark.long("starts processes of its own")
def test_the_example_keeps_every_promise(studio_home):
    done = run(studio_home, "check", str(EXAMPLE))
    assert (done.status, done.err) == (0, "")
    where = f"Put your own families in {studio_home / 'data' / 'plugins'}."
    assert done.out.splitlines() == ["2 models: everything is in order.", where]


@pytest.mark.long("starts processes of its own")
def test_what_is_missing_is_said_in_sentences(family, studio_home):
    (family / "models" / "thumbnail.webp").unlink()
    (family / "guide.md").unlink()
    spoil(family / "family.py", "needs_weights=False", "needs_weights=True")
    spoil(family / "params.py", "seed: int", "number: int")
    done = run(studio_home, "check", str(family))
    assert done.status == 1
    for part in ("thumbnail is missing", "guide is missing", "maze.json: The weights", "no model reaction/spots"):
        assert part in done.out
    assert "gray_scott: Its parameters have no seed" in done.out
    assert done.err == "6 things are missing.\n"


@pytest.mark.long("starts processes of its own")
def test_figures_and_seed_are_asked_of_a_model_with_weights(family, studio_home):
    spoil(family / "family.py", "needs_weights=False", "needs_weights=True")
    spoil(family / "engine.py", "class ReactionEngine", "unknown\n\n\nclass ReactionEngine")
    for card in (family / "models").glob("*.json"):
        card.with_suffix(".npz").touch()
    done = run(studio_home, "check", str(family))
    for part in ("has no figures", "how many numbers", "the seed of its training"):
        assert f"reaction/maze: Its card {part}" in done.out or part in done.out
    assert "reaction/engine.py, line 23: NameError" in done.out


@pytest.mark.long("starts processes of its own")
def test_an_engine_and_a_panel_that_break_their_promises(family, studio_home):
    spoil(family / "engine.py", "_drops(params.seed)", "_drops(3)")
    spoil(family / "guide.md", "| Feed |", "| Food |")
    spoil(family / "guide.md", "fresh food", "fresh water")
    done = run(studio_home, "check", str(family))
    assert "reaction/spots: Another seed gives the same picture." in done.out
    assert "reaction/spots: The guide does not mention “Feed”." in done.out


@pytest.mark.long("starts processes of its own")
def test_a_folder_without_a_family_is_one_sentence(tmp_path, studio_home):
    assert "family.py" in run(studio_home, "check", str(tmp_path)).sentence


def test_list_names_file_and_line_of_what_failed(family, studio_home):
    (family / "family.py").write_text("\ndef (")
    plugins = studio_home / "data" / "plugins"
    shutil.copytree(family, plugins / "reaction")
    done = run(studio_home, "list", "--json")
    assert done.status == 0
    assert "vae/digits" in [model["id"] for model in json.loads(done.out)]
    assert "reaction: It could not be loaded: reaction/family.py, line 2: SyntaxError" in done.err
