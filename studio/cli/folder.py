"""Makes the folders that the person chose in the settings the ones that the program uses."""

import logging
import os
from collections.abc import MutableMapping
from pathlib import Path
from typing import Final

from studio.core.option import DATA_FOLDER, MODELS_FOLDER
from studio.core.place import DATA_VARIABLE, MODELS_VARIABLE
from studio.core.setting import Settings

log = logging.getLogger(__name__)

_VARIABLES: Final = {DATA_VARIABLE: DATA_FOLDER, MODELS_VARIABLE: MODELS_FOLDER}


def use_folders(settings: Settings, environment: MutableMapping[str, str] = os.environ) -> None:
    """Let data_dir() and models_dir(), here and in child processes, mean the chosen folders.

    What the environment says already goes first. A folder that cannot be made is not used, with a warning.
    """
    for variable, option in _VARIABLES.items():
        chosen = settings.get(option)
        if not chosen or environment.get(variable):
            continue
        folder = Path(chosen).expanduser()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            environment[variable] = str(folder.absolute())
        except (OSError, ValueError, RuntimeError) as error:  # no disk, a zero byte in the name, no home folder
            log.warning("the folder %s is not used: %s", chosen, error)
