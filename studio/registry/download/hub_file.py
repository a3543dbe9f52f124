"""Fetches one file of a hub: goes on where it stopped, takes no byte more than was promised, and checks what came."""

import hashlib
import os
import time
from collections.abc import Generator
from pathlib import Path
from typing import Any, Final

from studio.core.container.source import printable
from studio.core.error import UserError
from studio.core.translation import N_
from studio.registry.download.offer import OfferedFile
from studio.registry.download.room import saving

PART_BYTES: Final = 1 << 18
STALL_S: Final = 30.0
"""How long a server may say nothing."""
N_TRIES: Final = 4
"""How often it is asked again where the line breaks; each try that brings something begins the count anew."""
PAUSE_S: Final = 1.0
"""Between two tries that brought nothing."""
_PARTIAL, _WHOLE, _NO_SUCH_RANGE = 206, 200, 416
_KEPT: Final = N_("What was downloaded is kept: start it again to go on.")


class _BrokenLineError(Exception):
    """The line broke off; what came so far is there."""


def fetch_file(client: Any, url: str, headers: dict[str, str], file: OfferedFile, folder: Path) -> Generator[int]:
    """Put a file of a hub into `folder`; yields how many of its bytes are there.

    Args:
        client: that of `huggingface_hub`.

    Raises:
        UserError: the server does not answer, refuses, or sends something else than was promised.
    """
    target = folder / file.name
    if target.is_file() and target.stat().st_size == file.size_bytes:
        yield file.size_bytes
        return
    part = target.with_name(target.name + ".part")
    with saving():
        target.parent.mkdir(parents=True, exist_ok=True)
        part.touch()
    tries_left = N_TRIES
    while (before := part.stat().st_size) != file.size_bytes:
        try:
            yield from _fetch_rest(client, url, headers, file, part)
        except _BrokenLineError as error:
            has_grown = part.stat().st_size > before
            tries_left = N_TRIES if has_grown else tries_left - 1
            if tries_left == 0:
                raise UserError(
                    N_("The connection broke off at “{name}”.").format(name=printable(file.name)), _KEPT
                ) from error
            if not has_grown:
                time.sleep(PAUSE_S)
    yield from (file.size_bytes for _ in _checked(part, file))
    part.replace(target)


def _fetch_rest(client: Any, url: str, headers: dict[str, str], file: OfferedFile, part: Path) -> Generator[int]:
    """Append what is missing."""
    from huggingface_hub.errors import HfHubHTTPError

    failures: Any = HfHubHTTPError.__bases__  # those of the library's own client, which has had two names
    start = part.stat().st_size
    if start > file.size_bytes:
        start = 0
    wanted = {**headers, "Range": f"bytes={start}-", "Accept-Encoding": "identity"}
    try:
        with client.stream("GET", url, headers=wanted, timeout=STALL_S) as response:
            yield from _appended(response, start, file, part)
    except failures as error:
        raise _BrokenLineError from error
    if part.stat().st_size < file.size_bytes:
        raise _BrokenLineError


def _appended(response: Any, start: int, file: OfferedFile, part: Path) -> Generator[int]:
    start = _start_of(response, start, file, part)
    with saving(), part.open("r+b") as out:
        out.truncate(start)
        out.seek(start)
        for data in response.iter_bytes(PART_BYTES):
            start += len(data)
            if start > file.size_bytes:
                out.truncate(0)
                raise _other_file(file)
            out.write(data)
            yield start
        out.flush()
        os.fsync(out.fileno())


def _start_of(response: Any, start: int, file: OfferedFile, part: Path) -> int:
    """Where what the server sends belongs; raises UserError where it refuses."""
    status = response.status_code
    if status == _WHOLE:
        return 0
    if status == _PARTIAL and response.headers.get("Content-Range", "").startswith(f"bytes {start}-"):
        return start
    if status in (_PARTIAL, _NO_SUCH_RANGE):
        part.write_bytes(b"")
        raise _BrokenLineError
    if status in (401, 403):
        raise UserError(
            N_("The hub does not give out “{name}”: its makers want you to agree to their terms first.").format(
                name=printable(file.name)
            ),
            N_("Do that on the page of the model there, then sign in on this computer with “hf auth login”."),
        )
    if status in (408, 425, 429) or status >= 500:
        raise _BrokenLineError
    raise UserError(
        N_("The hub refuses “{name}” (error {status}).").format(name=printable(file.name), status=status), _KEPT
    )


def _checked(part: Path, file: OfferedFile) -> Generator[None]:
    """Compare with the checksum that the hub said before."""
    found = hashlib.sha1(usedforsecurity=False) if len(file.digest) == 40 else hashlib.sha256()
    if len(file.digest) == 40:  # as Git names a content
        found.update(f"blob {file.size_bytes}\0".encode())
    with part.open("rb") as read:
        while data := read.read(1 << 20):
            found.update(data)
            yield
    if file.digest and found.hexdigest() != file.digest:
        part.unlink()
        raise _other_file(file)


def _other_file(file: OfferedFile) -> UserError:
    return UserError(
        N_("The server sent something else than “{name}”, so it was not kept.").format(name=printable(file.name)),
        N_("Try again later."),
    )
