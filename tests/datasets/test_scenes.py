"""Rendering our own scene: what is missing is said in a sentence, and a run reads the script's output."""

import sys
import zipfile
from pathlib import Path

import pytest

from studio.core.error import UserError
from studio.datasets import scenes


def script(tmp_path, n):
    path = tmp_path / "render.py"
    path.write_text(f"print('starting')\nfor i in range({n}): print(f'train/r_{{i:03d}} 1.0 s', flush=True)\n")
    return path


def test_the_script_is_part_of_the_source_tree():
    assert scenes.SCRIPT.is_file()


def test_without_the_source_tree_there_is_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(scenes, "SCRIPT", tmp_path / "missing.py")
    with pytest.raises(UserError, match="source tree"):
        next(scenes.build_glossy(tmp_path))


def test_without_apt_get_there_is_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(scenes, "BLENDER_PYTHON", sys.version_info[:2])
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UserError, match="apt-get"):
        next(scenes.build_glossy(tmp_path))


def test_each_picture_is_progress(tmp_path, monkeypatch):
    monkeypatch.setattr(scenes, "SCRIPT", script(tmp_path, scenes.N_GLOSSY))
    steps = list(scenes._render(Path(sys.executable), tmp_path, tmp_path / "glossy", scenes.N_GLOSSY))
    assert len(steps) == scenes.N_GLOSSY
    assert [step.fraction for step in steps] == sorted(step.fraction for step in steps)


def test_a_run_that_ends_early_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(scenes, "SCRIPT", script(tmp_path, 3))
    with pytest.raises(UserError, match="Blender stopped"):
        list(scenes._render(Path(sys.executable), tmp_path, tmp_path / "glossy", scenes.N_GLOSSY))


def test_models_that_would_fill_the_disk_are_refused(tmp_path, monkeypatch):
    archive = tmp_path / "models.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("large.obj", bytes(2000))
    monkeypatch.setattr(scenes, "MAX_MODELS_BYTES", 1000)
    with pytest.raises(UserError, match="has changed"):
        scenes._unpacked(archive, tmp_path / "models")
