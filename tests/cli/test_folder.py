"""The folders that the person chose."""

import pytest

from studio.cli.folder import use_folders
from studio.core import option
from studio.core.place import DATA_VARIABLE, MODELS_VARIABLE
from studio.core.setting import Settings


def chosen(**folders):
    settings = Settings()
    settings.set(option.DATA_FOLDER, str(folders.get("data", "")))
    settings.set(option.MODELS_FOLDER, str(folders.get("models", "")))
    return settings


def test_nothing_chosen_changes_nothing():
    environment: dict[str, str] = {}
    use_folders(chosen(), environment)
    assert environment == {}


def test_chosen_folders_are_made_and_used(tmp_path):
    environment: dict[str, str] = {}
    use_folders(chosen(data=tmp_path / "my data", models=tmp_path / "ä" / "models"), environment)
    assert environment == {
        DATA_VARIABLE: str(tmp_path / "my data"),
        MODELS_VARIABLE: str(tmp_path / "ä" / "models"),
    }
    assert (tmp_path / "ä" / "models").is_dir()


def test_the_environment_goes_first(tmp_path):
    environment = {DATA_VARIABLE: "elsewhere"}
    use_folders(chosen(data=tmp_path / "mine"), environment)
    assert environment == {DATA_VARIABLE: "elsewhere"}
    assert not (tmp_path / "mine").exists()


@pytest.mark.parametrize("name", ["a file/below it", "zero\0byte"])
def test_an_impossible_folder_is_a_warning(tmp_path, name, caplog):
    (tmp_path / "a file").touch()
    environment: dict[str, str] = {}
    use_folders(chosen(data=tmp_path / name), environment)
    assert environment == {}
    assert "is not used" in caplog.text
