"""Folders of families to be found."""

import shutil
from pathlib import Path

import pytest

FAMILIES = Path(__file__).parents[1] / "fixtures" / "families"


def copy_family(folder: Path, family_id: str = "good") -> Path:
    """Copy the working fixture family to `folder`/`family_id` and give it that id."""
    target = folder / family_id
    shutil.copytree(FAMILIES / "good", target, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("family.py", "recipes.py", "models/waves.json"):
        path = target / name
        text = path.read_text().replace('"good', f'"{family_id}')
        path.write_text(text)
    return target


@pytest.fixture
def folder(tmp_path):
    """A folder for families whose path is not an easy one."""
    folder = tmp_path / "my families äöü"
    folder.mkdir()
    return folder
