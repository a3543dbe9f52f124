"""Pictures of our own scenes, rendered by Blender from CC0 models: NeRF-synthetic folders."""

import os
import shutil
import subprocess
import sys
import tempfile
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from studio.core.error import UserError
from studio.core.translation import N_
from studio.datasets.progress import Progress

SCRIPT: Final = Path(__file__).parents[2] / "packaging" / "render_scenes" / "render.py"
BLENDER: Final = "bpy==4.5.*"
BLENDER_PYTHON: Final = (3, 11)
PACKAGE: Final = "sweethome3d-furniture"
MODELS: Final = "BlendSwap-CC-0.sh3f"
N_GLOSSY, N_ANIMATED, N_RELIT = 130, 180, 232
MAX_MODELS_BYTES: Final = 1 << 30


def build_glossy(to: Path) -> Iterator[Progress]:
    """Render the scene "glossy" into the folder `to`/glossy, in about three hours on two cores; see `_build`."""
    return _build("glossy", N_GLOSSY, to)


def build_animated(to: Path) -> Iterator[Progress]:
    """Render the scene "animated" into the folder `to`/animated, in about two hours on two cores; see `_build`."""
    return _build("animated", N_ANIMATED, to)


def build_relit(to: Path) -> Iterator[Progress]:
    """Render the scene "relit" into the folder `to`/relit, in about two hours on two cores; see `_build`."""
    return _build("relit", N_RELIT, to)


def _build(name: str, n_pictures: int, to: Path) -> Iterator[Progress]:
    """Render a scene into the folder `to`/name; yields the progress, and goes on where it was stopped.

    Blender (some 800 MB) is installed for the time being into a folder of its own.

    Raises:
        UserError: what it needs is not on this computer or cannot be fetched.
    """
    _check_tools()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        yield Progress(0.0, N_("Downloading the models"))
        models = _fetch_models(folder)
        yield Progress(0.01, N_("Installing Blender as a module, about 800 MB"))
        python = _install_blender(folder / "blender")
        yield from _render(python, models, to / name, n_pictures)
    yield Progress(1.0, N_("{n} pictures are ready").format(n=n_pictures))


def _check_tools() -> None:
    if not SCRIPT.is_file():
        raise UserError(
            N_("The scene is rendered by a script that is only in the source tree."), N_("Get the program’s source.")
        )
    if sys.version_info[:2] != BLENDER_PYTHON:
        raise UserError(N_("Blender 4.5 as a module needs Python 3.11."), N_("Run the program with that version."))
    if shutil.which("apt-get") is None or shutil.which("dpkg") is None:
        raise UserError(
            N_("The models come as a Debian package, and apt-get is not on this computer."),
            N_("Build the scene on Debian or Ubuntu; without it, the small set is used."),
        )


def _fetch_models(folder: Path) -> Path:
    """The unpacked models, in a folder within this one."""
    fetched = subprocess.run(["apt-get", "download", "-qq", PACKAGE], cwd=folder, capture_output=True, check=False)
    archives = list(folder.glob(f"{PACKAGE}_*.deb"))
    if fetched.returncode or not archives:
        raise UserError(
            N_("The package “{name}” could not be downloaded.").format(name=PACKAGE),
            N_("Is this computer online? If so, run apt-get update."),
        )
    subprocess.run(["dpkg", "-x", archives[0].name, "package"], cwd=folder, capture_output=True, check=True)
    found = next((folder / "package").rglob(MODELS), None)
    if found is None:
        raise UserError(N_("The package “{name}” has changed and can no longer be used.").format(name=PACKAGE))
    return _unpacked(found, folder / "models")


def _unpacked(archive: Path, folder: Path) -> Path:
    with zipfile.ZipFile(archive) as file:
        if sum(member.file_size for member in file.infolist()) > MAX_MODELS_BYTES:
            raise UserError(N_("The package “{name}” has changed and can no longer be used.").format(name=PACKAGE))
        file.extractall(folder)
    return folder


def _install_blender(folder: Path) -> Path:
    """Make an environment with Blender; returns its Python."""
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    installed = subprocess.run([python, "-m", "pip", "install", "-q", BLENDER], capture_output=True, check=False)
    if installed.returncode:
        raise UserError(N_("Blender could not be installed."), N_("Is this computer online, and is there room for it?"))
    return python


def _render(python: Path, models: Path, folder: Path, n_pictures: int) -> Iterator[Progress]:
    """Run the script; each picture is a line of its output."""
    folder.mkdir(parents=True, exist_ok=True)
    n_threads = str(os.cpu_count() or 1)
    command = [str(python), str(SCRIPT), folder.name, str(folder), "--models", str(models), "--threads", n_threads]
    n_done = 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if "/r_" in line and line.rstrip().endswith(" s"):
                n_done += 1
                sentence = N_("Rendering picture {n} of {all}").format(n=n_done, all=n_pictures)
                yield Progress(0.02 + 0.97 * n_done / n_pictures, sentence)
    if process.returncode or n_done != n_pictures:
        raise UserError(
            N_("Blender stopped before all the pictures were done."), N_("Run it again: it continues where it stopped.")
        )
