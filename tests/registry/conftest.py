"""Folders of families to be found."""

import shutil
from pathlib import Path

import pytest

from studio.core.setting import FILE_NAME, Settings
from studio.registry.consent import Consent
from studio.registry.place import folder_places

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


def allow_families(home: Path) -> None:
    """Say yes to every family in the plugin folder of the person at `home`, as the card on Home does."""
    settings = Settings(home / "config" / FILE_NAME)
    consent, plugins = Consent(settings), home / "data" / "plugins"
    for place in folder_places(plugins, str(plugins)):
        consent.give(place)
    settings.save()


@pytest.fixture
def folder(tmp_path):
    """A folder for families whose path is not an easy one."""
    folder = tmp_path / "my families äöü"
    folder.mkdir()
    return folder
