"""Where compiled kernels lie on the disk, by all that they were made from; imports no numba, so the window may ask."""

import atexit
import hashlib
import importlib.metadata
import importlib.util
import logging
import os
import platform
import re
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import Final

from studio.core.place import cache_dir

log = logging.getLogger(__name__)

FOLDER_VARIABLE: Final = "NUMBA_CACHE_DIR"
_FOLDER: Final = "kernels"
_RELATIVE: Final = re.compile(rb"^[ \t]*from (\.+)([\w.]*) import (\([^)]*\)|.*)", re.MULTILINE)
_HASH_LENGTH: Final = 16
_STAMP_SUFFIX: Final = ".ready"
_ORIGIN: Final = "source"  # names the file whose kernels lie in a folder


def kernel_dir() -> Path:
    """The folder of all compiled kernels: `$NUMBA_CACHE_DIR` where that is set, else within the user's cache.

    Where it cannot be written, kernels are compiled for this program and its children alone, into a folder that goes.
    """
    chosen = os.environ.get(FOLDER_VARIABLE)
    folder = Path(chosen) if chosen else cache_dir() / _FOLDER
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if os.access(folder, os.W_OK):
            return folder
    except OSError as error:
        log.warning("compiled kernels are not kept: %s", error)
    os.environ[FOLDER_VARIABLE] = tempfile.mkdtemp(prefix="kernels-")
    atexit.register(shutil.rmtree, os.environ[FOLDER_VARIABLE], ignore_errors=True)
    return Path(os.environ[FOLDER_VARIABLE])


def compiled_dir(source: Path) -> Path:
    """Where the kernels of a source file are kept.

    numba by itself looks at that one file only, and would go on with machine code that holds an old version of a
    function of another file.
    """
    folder = kernel_dir() / _key(source)
    origin = folder / _ORIGIN
    if not origin.exists():
        folder.mkdir(parents=True, exist_ok=True)
        origin.write_text(os.fspath(source), encoding="utf-8")
    return folder


def are_kernels_ready(module: str) -> bool:
    """Whether all kernels that `module` reaches were compiled for this machine; `module` is not imported."""
    return _stamp(module).exists()


def mark_kernels_ready(module: str) -> None:
    """Remember that all kernels that `module` reaches lie in the cache, and remove what other sources left there.

    That is what older versions of the same files left, and all of files that are gone.
    """
    source = _source(module)
    keys = {_key(path) for path in _reached(source)}
    for key in keys:
        for old in kernel_dir().glob(key[:-_HASH_LENGTH] + "?" * _HASH_LENGTH):
            if old.name not in keys:
                shutil.rmtree(old, ignore_errors=True)
    stamp = _stamp(module)
    for old in kernel_dir().glob(_name(source) + "?" * _HASH_LENGTH + _STAMP_SUFFIX):
        old.unlink(missing_ok=True)
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.touch()
    for folder in kernel_dir().iterdir():
        if folder.is_dir() and not _has_source(folder):
            shutil.rmtree(folder, ignore_errors=True)


def _has_source(folder: Path) -> bool:
    try:
        return Path((folder / _ORIGIN).read_text(encoding="utf-8")).is_file()
    except OSError:  # of a time when folders did not name their files
        return False


def _source(module: str) -> Path:
    spec = importlib.util.find_spec(module)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(module)
    return Path(spec.origin)


def _stamp(module: str) -> Path:
    return kernel_dir() / (_key(_source(module)) + _STAMP_SUFFIX)


def _name(source: Path) -> str:
    """Tells modules of the same name in two families, or in two copies of the program, apart."""
    place = hashlib.sha256(os.fsencode(source.parent)).hexdigest()[:8]
    return f"{source.parent.name}.{source.stem}-{place}-"


@cache
def _key(source: Path) -> str:
    digest = hashlib.sha256(_machine().encode())
    for path in (Path(__file__).with_name("kernel.py"), *_reached(source)):
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return _name(source) + digest.hexdigest()[:_HASH_LENGTH]


def _reached(source: Path) -> list[Path]:
    """`source` and the files of its family that it imports, itself or through others, in a fixed order."""
    found: set[Path] = set()
    waiting = [source]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting += _imported(path)
    return sorted(found)


def _imported(path: Path) -> list[Path]:
    """The files that a line `from .name import …` or `from ..folder import name, …` names."""
    files = []
    for dots, module, things in _RELATIVE.findall(path.read_bytes()):
        place = path.parents[len(dots) - 1].joinpath(*module.decode().split("."))
        names = [thing.split()[0].decode() for thing in things.strip(b"()").split(b",") if thing.split()]
        files += [place.with_name(f"{place.name}.py"), *(place / f"{name}.py" for name in names)]
    return [file for file in files if file.is_file()]


@cache
def _machine() -> str:
    """What decides the machine code beside the sources: numba, Python, the processor and what it can do."""
    lines = _processor_lines() or [platform.processor(), platform.machine()]
    return "\n".join([importlib.metadata.version("numba"), platform.python_version(), *lines])


def _processor_lines() -> list[str]:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return []
    return sorted({line for line in lines if line.startswith(("model name", "flags", "Features", "CPU part"))})
