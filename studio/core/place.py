"""Where the files that come along lie, and where the program keeps its own on this computer."""

import os
from functools import cache
from pathlib import Path

import platformdirs

from studio.core.error import UserError
from studio.core.translation import N_

_SITE = Path(__file__).parents[2]
APP_NAME = "manifold-studio"
HOME_VARIABLE = "MANIFOLD_STUDIO_HOME"
DATA_VARIABLE = "MANIFOLD_STUDIO_DATA"
MODELS_VARIABLE = "MANIFOLD_STUDIO_MODELS"


def asset(name: str) -> Path:
    """The file `name` ("fonts/Inter.ttf") below assets/, which a wheel installs as studio_assets.

    Raises FileNotFoundError when there is no such file: an asset is part of the program.
    """
    path = _assets() / name
    if not path.exists():
        raise FileNotFoundError(path)
    return path


@cache
def _assets() -> Path:
    installed = _SITE / "studio_assets"
    return installed if installed.is_dir() else _SITE / "assets"


def _folder(kind: str, system_folder: str) -> Path:
    home = os.environ.get(HOME_VARIABLE)
    return _made(Path(home) / kind if home else Path(system_folder))


def _made(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(
            N_("The folder {folder} cannot be created.").format(folder=folder),
            N_("Set {name} to a folder you are allowed to write to.").format(name=HOME_VARIABLE),
        ) from error
    return folder


def config_dir() -> Path:
    """Settings and window state; under `$MANIFOLD_STUDIO_HOME/config` when that is set."""
    return _folder("config", platformdirs.user_config_dir(APP_NAME, False))


def data_dir() -> Path:
    """Data sets that the user had built, and the user's own families."""
    chosen = os.environ.get(DATA_VARIABLE)
    if chosen:
        return _made(Path(chosen))
    return _folder("data", platformdirs.user_data_dir(APP_NAME, False))


def models_dir() -> Path:
    """Models trained here, one folder for each family."""
    chosen = os.environ.get(MODELS_VARIABLE)
    return _made(Path(chosen) if chosen else data_dir() / "models")


def cache_dir() -> Path:
    """Files that can be made again."""
    return _folder("cache", platformdirs.user_cache_dir(APP_NAME, False))


def log_dir() -> Path:
    """The log files."""
    return _folder("log", platformdirs.user_log_dir(APP_NAME, False))


def plugin_dir() -> Path:
    """The user's own families, one folder each."""
    return _made(data_dir() / "plugins")


def shipped_dir() -> Path:
    """The folder with the families that come with the program, in its source tree or in its wheel."""
    site = Path(__file__).parents[2]
    wheel = site / "studio_plugins"
    return wheel if wheel.is_dir() else site / "plugins"
