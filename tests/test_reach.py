"""Which tests a change reaches, by this very tree."""

import re
import subprocess

import pytest

from tests.reach import FILES, Tree, changed_since


@pytest.fixture(scope="module")
def tree():
    return Tree()


@pytest.mark.long("computes for long")
def test_a_part_of_a_panel_reaches_its_tests_and_its_familys_part_of_the_contract(tree):
    reach = tree.reached_by(["plugins/gan/enlarge/panel/panel.py"])
    assert reach.families == {"gan"}
    assert "tests/contract/test_panel.py" in reach.files
    assert any(file.startswith("tests/plugins/gan/enlarge/") for file in reach.files)
    assert not any(file.startswith(("tests/plugins/vae/", "tests/core/")) for file in reach.files)


def test_a_leaf_of_the_core_reaches_the_families_that_use_it(tree):
    reach = tree.reached_by(["studio/core/text/smiles.py"])
    assert reach.families == {"vae"}
    assert "tests/core/text/test_smiles.py" in reach.files
    assert not any(file.startswith("tests/plugins/gan/") for file in reach.files)


def test_what_all_families_stand_on_reaches_the_whole_contract(tree):
    reach = tree.reached_by(["studio/api/panel.py", "plugins/vae/guide.md"])
    assert reach.families is None
    assert {file for file in tree.tests if file.startswith("tests/contract/test_panel")} <= reach.files


def test_what_a_string_names_is_reached(tree):
    """The catalogue loads the judges by name; tests replace parts of modules that they do not import."""
    assert "tests/registry/test_catalog.py" in tree.reached_by(["studio/metrics/recipe.py"]).files


def test_what_a_folders_fixtures_use_reaches_its_tests(tree):
    assert "tests/contract/test_engine.py" in tree.reached_by(["plugins/nerf/shared/resolution.py"]).files


def test_what_nobody_declared_concerns_all(tree):
    for path in ("assets/datasets/new.npz", "pyproject.toml", "tests/conftest.py", "packaging/constraints.txt"):
        assert tree.reached_by([path]).files == tree.tests


@pytest.mark.parametrize(("path", "some"), [("docs/vae.md", "tests/contract/test_tour.py"), ("tests/costs.py", "")])
def test_what_is_declared_concerns_a_few(tree, path, some):
    files = tree.reached_by([path]).files
    assert len(files) < len(tree.tests) / 4
    assert some in {"", *files}


def test_each_declaration_names_what_is_there(tree):
    for _, concerned in FILES[:-1]:
        assert any(re.fullmatch(concerned, file) for file in tree.tests), concerned


def test_what_was_changed_is_seen_committed_or_not(tmp_path):
    def git(*arguments):
        who = ["-c", "user.name=a", "-c", "user.email=a@b"]
        subprocess.run(["git", *who, *arguments], cwd=tmp_path, check=True, capture_output=True)

    git("init", "-b", "main")
    for name in ("kept", "moved", "edited"):
        (tmp_path / name).write_text(name)
    git("add", ".")
    git("commit", "-m", "first")
    git("checkout", "-b", "side")
    git("mv", "moved", "there")
    git("commit", "-m", "second")
    (tmp_path / "edited").write_text("anew")
    (tmp_path / "new").write_text("new")
    assert changed_since("main", tmp_path) == {"moved", "there", "edited", "new"}
