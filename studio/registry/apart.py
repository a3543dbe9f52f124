"""Looks into a file in a process of its own, with bounds on its time and memory: whatever a file does there, it ends.

The other process does what `target.understand` does, says how far it is, and answers with plain data.
"""

import json
import logging
import os
import subprocess
import sys
import traceback
from collections.abc import Collection, Generator, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from studio.api.engine import ModelSource
from studio.api.server_address import ServerContact
from studio.core.child import child_command, child_environment, end_with_parent, lines_of
from studio.core.container.weights.tensor import TensorInfo
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.inspection import FileReport
from studio.core.translation import N_
from studio.registry.catalog import Catalog
from studio.registry.place import Place
from studio.registry.target import Opening, Understood, understand

log = logging.getLogger(__name__)

BYTES_PER_S: Final = 20_000_000
"""A large file may take so much longer; hashing and reading are ten times as quick."""
_BROKEN: Final = N_("This file cannot be read.")
_TOO_MUCH: Final = N_(
    "This file asks for more time or memory than a file of its size should need, so it was left alone."
)


@dataclass(frozen=True)
class Bounds:
    """What the process may take.

    Attributes:
        memory_bytes: besides twice the size of what it looks into.
        cpu_s: of a processor's time, besides that for reading.
    """

    memory_bytes: int = 2 << 30
    cpu_s: int = 300


def understand_apart(
    path: Path, catalog: Catalog, bounds: Bounds = Bounds()
) -> Generator[Frame | None, None, Understood]:
    """Do what `understand` does in a process of its own; closing this generator ends it.

    Yields progress, and None while there is none. Raises UserError where the file is missing, no good, or too much.
    """
    waiting = [found.place.manifest for found in catalog.families if found.is_waiting]
    given = (path, catalog.plugin_folder, catalog.models_folder, bounds.memory_bytes, bounds.cpu_s, *waiting)
    with subprocess.Popen(
        child_command(f"{__name__}:main", *map(str, given)),
        env=child_environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as child:
        try:
            assert child.stdout is not None
            for line in lines_of(child.stdout):
                said = {} if line is None else json.loads(line)
                if "progress" in said:
                    yield Frame(*said["progress"])
                elif "understood" in said:
                    return _understood(path, said["understood"])
                elif "refused" in said:
                    raise UserError(*said["refused"])
                elif "failed" in said:
                    log.warning("a reader failed at %s: %s", path, said["failed"])
                    raise UserError(_BROKEN)
                else:
                    yield None
        finally:
            child.kill()
    raise UserError(_TOO_MUCH)


class AllBut:
    """What the window has not allowed does not run here either."""

    def __init__(self, manifests: Collection[str]) -> None:
        self._manifests = manifests

    def is_given(self, place: Place) -> bool:
        """Whether it is none of these."""
        return place.manifest not in self._manifests

    def give(self, place: Place) -> None:
        """Nobody is asked here."""

    def may_reach(self, contact: ServerContact) -> bool:
        """No server is spoken to here."""
        return False

    def let_reach(self, contact: ServerContact) -> None:
        """Nobody is asked here."""


def main() -> None:
    """What the other process does with the path, the folders and the bounds that it is given."""
    end_with_parent()
    path, plugins, models = map(Path, sys.argv[1:4])
    catalog = Catalog(plugins, models, AllBut(sys.argv[6:]))
    catalog.importers()
    _bound_process(path, Bounds(*map(int, sys.argv[4:6])))
    answer = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a library prints is no answer
    for line in _said(path, catalog):
        print(json.dumps(line), file=answer, flush=True)
    os._exit(0)  # threads of libraries are not waited for


def _said(path: Path, catalog: Catalog) -> Iterator[dict[str, Any]]:
    """The lines of the answer, as plain data."""
    steps = understand(path, catalog)
    try:
        while True:
            frame = next(steps)
            yield {"progress": [frame.step, frame.n_steps]}
    except StopIteration as end:
        yield {"understood": _plain(end.value)}
    except UserError as error:
        yield {"refused": [error.title, error.what_to_do]}
    except MemoryError:
        yield {"refused": [_TOO_MUCH]}
    except BaseException:  # a mistake in a reader, which the file has found
        yield {"failed": traceback.format_exc()}


def _bound_process(path: Path, bounds: Bounds) -> None:
    try:
        import resource
    except ImportError:  # Windows: a person can end it there
        return
    files = [*path.glob("*"), *path.glob("*/*")] if path.is_dir() else [path]
    size = sum(one.stat().st_size for one in files if one.is_file())
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = int(used.ru_utime + used.ru_stime) + bounds.cpu_s + size // BYTES_PER_S
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    memory = _private_bytes() + bounds.memory_bytes + 2 * size
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))


def _private_bytes() -> int:
    """What this process has by now, as the system counts it; 0 where it does not tell."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) << 10 for line in lines if line.startswith("VmData:")), 0)


def _plain(understood: Understood) -> dict[str, Any]:
    report, opening = understood.report, understood.opening
    return {
        "report": {**vars(report), "tensors": [vars(one) for one in report.tensors], "metadata": dict(report.metadata)},
        "opening": None if opening is None else _plain_opening(opening),
        "recipe_id": understood.recipe_id,
    }


def _plain_opening(opening: Opening) -> dict[str, Any]:
    source, recording = opening.source, opening.recording
    return {
        "source": {"id": source.id, "path": str(source.path), "card": dict(source.card)},
        "title": opening.title,
        "params": dict(opening.params),
        "state": dict(opening.state),
        "recording": None if recording is None else str(recording),
    }


def _understood(path: Path, plain: Mapping[str, Any]) -> Understood:
    tensors = tuple(TensorInfo(**{**one, "shape": tuple(one["shape"])}) for one in plain["report"]["tensors"])
    report = FileReport(**{**plain["report"], "tensors": tensors, "warnings": tuple(plain["report"]["warnings"])})
    opening = None if plain["opening"] is None else _opening(**plain["opening"])
    return Understood(path, report, opening, plain["recipe_id"])


def _opening(source: Mapping[str, Any], recording: str | None, **rest: Any) -> Opening:
    found = ModelSource(source["id"], Path(source["path"]), source["card"])
    return Opening(found, recording=None if recording is None else Path(recording), **rest)
