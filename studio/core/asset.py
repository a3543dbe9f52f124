"""Where the shared pictures, fonts and theme tokens lie, in the source tree and in an installed wheel."""

from pathlib import Path

_SITE = Path(__file__).parents[2]


def asset(name: str) -> Path:
    """The file `name` ("fonts/Inter.ttf") below assets/, which a wheel installs as studio_assets.

    Raises FileNotFoundError when there is no such file: an asset is part of the program.
    """
    installed = _SITE / "studio_assets"
    path = (installed if installed.is_dir() else _SITE / "assets") / name
    if not path.exists():
        raise FileNotFoundError(path)
    return path
