"""Reads server-sent events line by line, within bounds, however a server cuts or breaks them."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from studio.core.error import UserError
from studio.core.translation import N_

MAX_LINE_BYTES: Final = 1 << 20
MAX_BYTES: Final = 64 << 20
DONE: Final = b"[DONE]"
_FIELD: Final = b"data"


def unreadable() -> UserError:
    """What to say where a server answers something else than the protocol."""
    return UserError(
        N_("The server’s answer cannot be read."),
        N_("Check the address: it must be that of a server with OpenAI’s interface."),
    )


def too_large() -> UserError:
    """What to say where a server sends more than a text can be."""
    return UserError(N_("The server sent far more than a text."), N_("Check the address, or use another server."))


def read_object(data: bytes) -> dict[str, Any]:
    """A JSON object; raises UserError for anything else. Broken UTF-8 becomes U+FFFD."""
    try:
        value = json.loads(data.decode("utf-8", "replace"))
    except (ValueError, RecursionError) as error:
        raise unreadable() from error
    if not isinstance(value, dict):
        raise unreadable()
    return value


def events(read_line: Callable[[int], bytes]) -> Iterator[Mapping[str, Any]]:
    """Yield the JSON of each event until "[DONE]" or the end of the stream; returns whether it was "[DONE]".

    Args:
        read_line: returns at most so many bytes, up to and with the end of a line; nothing at the end.

    Raises:
        UserError: a line or the whole is too long, or what stands in an event is no JSON object.
    """
    parts: list[bytes] = []
    n_bytes = 0
    while line := read_line(MAX_LINE_BYTES + 1):
        n_bytes += len(line)
        if len(line) > MAX_LINE_BYTES or n_bytes > MAX_BYTES:
            raise too_large()
        line = line.rstrip(b"\r\n")
        name, _, value = line.partition(b":")
        if line and name == _FIELD:
            parts.append(value.removeprefix(b" "))
        elif line and not parts and line.lstrip()[:1] in b"<{" and not value.startswith(b" "):
            raise unreadable()  # a page, or a bare object, in place of events
        if parts and (not line or parts[-1] == DONE):
            data = b"\n".join(parts)
            parts.clear()
            if data.strip() == DONE:
                return
            yield read_object(data)
    if parts and b"\n".join(parts).strip() != DONE:
        yield read_object(b"\n".join(parts))
