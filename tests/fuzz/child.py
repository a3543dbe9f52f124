"""The process that reads broken files: a line with a task in, a line with what came of it out.

A task is a reader, the path that it reads, and perhaps a file that is broken first and whole again afterwards. A task
without a reader bounds the memory: by then everything is loaded that a reader loads on first use.
"""

import json
import logging
import os
import resource
import sys
import traceback
import warnings
from pathlib import Path
from typing import Any

from studio.core.error import UserError
from tests.fuzz.mutation import Mutation, mutated
from tests.fuzz.readers import FAULTS, READERS

MEMORY_BYTES = 1 << 30
_failures: list[str] = []


class _Mistakes(logging.Handler):
    """Keeps what the program logs of mistakes that it catches so that others still work, such as an importer's."""

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info:
            _failures.append(logging.Formatter().formatException(record.exc_info))


def main() -> None:
    """Do tasks until there are none."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    warnings.simplefilter("ignore")
    logging.getLogger().addHandler(_Mistakes())
    for line in sys.stdin:
        reader, path, broken, mutation = json.loads(line)
        outcome = _done(reader, Path(path), broken, mutation) if reader else _bound_memory()
        print(json.dumps(outcome), file=answers, flush=True)


def _done(reader: str, path: Path, broken: str, mutation: Any) -> dict[str, str]:
    if not broken:
        return _outcome(reader, path)
    file = Path(broken)
    whole = file.read_bytes()
    file.write_bytes(mutated(whole, Mutation.of_json(mutation)))
    try:
        return _outcome(reader, path)
    finally:
        file.write_bytes(whole)


def _outcome(reader: str, path: Path) -> dict[str, str]:
    """What came of it: "read", "refused" with its sentence, or "failed" with how."""
    _failures.clear()
    try:
        (READERS | FAULTS)[reader](path)
    except UserError as error:
        told = {"kind": "refused" if error.title.strip() else "failed", "text": str(error)}
    except BaseException:  # also what is no Exception: a library that panics throws such
        told = {"kind": "failed", "text": traceback.format_exc()}
    else:
        told = {"kind": "read", "text": ""}
    return {"kind": "failed", "text": _failures[0]} if _failures else told


def _bound_memory() -> dict[str, str]:
    used = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmData"))
    limit = int(used.split()[1]) * 1024 + MEMORY_BYTES
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    return {"kind": "read", "text": ""}


if __name__ == "__main__":
    main()
