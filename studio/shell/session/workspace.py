"""Writes what is open into one file with all its runs, and takes such a file apart again."""

import json
import logging
import zipfile
import zlib
from collections.abc import Generator, Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import IO, Final, NamedTuple

from studio.core.atomic import atomic_file
from studio.core.container.json_text import check_json_bounds
from studio.core.container.source import open_regular
from studio.core.container.workspace_file import (
    FORMAT,
    MANIFEST,
    MAX_MANIFEST_BYTES,
    MAX_MANIFEST_TOKENS,
    VERSION,
    broken_workspace,
    read_workspace_head,
    run_member,
)
from studio.core.container.zip_file import open_zip
from studio.core.error import UserError
from studio.core.translation import N_
from studio.shell.session.session import Session, tab_from_json

log = logging.getLogger(__name__)

PIECE_BYTES: Final = 1 << 20


class Workspace(NamedTuple):
    """What came out of a file.

    Attributes:
        session: the tabs and which of them was in front.
        is_newer: whether a newer program wrote it: it is never written over.
        n_lost: how many runs are missing or damaged in it.
    """

    session: Session
    is_newer: bool
    n_lost: int


def writing(session: Session, files: Mapping[str, Path], path: Path) -> Generator[float | None, None, None]:
    """Write the tabs with the recordings of their runs, which lie in `files` by id; yields the share that is done.

    Raises UserError where the disk refuses, and ValueError where a panel's state is not plain JSON.
    """
    values = asdict(session)
    told = {"format": FORMAT, "version": VERSION, "tabs": values["tabs"], "front": session.front}
    text = json.dumps(told, sort_keys=True, separators=(",", ":"), allow_nan=False).encode("ascii")
    check_json_bounds(text, MAX_MANIFEST_BYTES, MAX_MANIFEST_TOKENS)
    with atomic_file(path) as draft, zipfile.ZipFile(draft, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(zipfile.ZipInfo(MANIFEST), text, zipfile.ZIP_DEFLATED)
        for n_done, (run_id, file) in enumerate(files.items()):
            with suppress(FileNotFoundError):  # a run that was deleted meanwhile
                yield from _add(archive, run_member(run_id), file)
            yield (n_done + 1) / len(files)


def _add(archive: zipfile.ZipFile, name: str, file: Path) -> Generator[None, None, None]:
    n_bytes = file.stat().st_size
    with (
        file.open("rb") as source,
        archive.open(name, "w", force_zip64=n_bytes > zipfile.ZIP64_LIMIT // 2) as member,
    ):
        yield from _copied(source, member)


def _copied(source: IO[bytes], target: IO[bytes]) -> Generator[None, None, None]:
    while piece := source.read(PIECE_BYTES):
        target.write(piece)
        yield


def reading(path: Path, folder: Path) -> Generator[None, None, Workspace]:
    """Put the recordings of a workspace into `folder`, by the ids of their runs, and return what else it says.

    Raises UserError where it is broken; a damaged recording alone is left out.
    """
    with open_regular(path) as file, open_zip(file) as archive:
        head = read_workspace_head(archive)
        try:
            session = Session(tuple(map(tab_from_json, head.tabs)), head.front)
        except (TypeError, KeyError, ValueError) as error:
            raise broken_workspace() from error
        run_ids = {run.id for tab in session.tabs for run in tab.runs}
        n_lost = 0
        for run_id in sorted(run_ids):
            n_lost += not (yield from _taken_out(archive, run_id, folder))
        return Workspace(session, head.is_newer, n_lost)


def _taken_out(archive: zipfile.ZipFile, run_id: str, folder: Path) -> Generator[None, None, bool]:
    """Put one recording into the folder; where it is damaged none of that run is there. Returns whether it is."""
    path = folder / f"{run_id}.frames"
    path.unlink(missing_ok=True)
    try:
        with archive.open(run_member(run_id)) as member, atomic_file(path) as draft, draft.open("wb") as target:
            yield from _copied(member, target)
    except (KeyError, zipfile.BadZipFile, zlib.error, EOFError) as error:
        log.info("a run of a workspace is left out: %s", error)
        return False
    return True


def newer_sentence() -> UserError:
    """What to say of a workspace that a newer program wrote."""
    return UserError(
        N_("This workspace was saved by a newer version of Manifold Studio."),
        N_("It is open, but will not be written over: saving makes another file."),
    )
