"""Reads JSON of unknown origin within bounds of size, depth and number of values."""

import json
import re
from typing import Any

from studio.core.container.git_pointer import refuse_pointer
from studio.core.error import UserError
from studio.core.translation import N_

MAX_BYTES = 4 << 20
MAX_DEPTH = 64
MAX_TOKENS = 300_000
# A string with its escapes, or a mark. Possessive and with an optional end: no input makes it backtrack.
_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[\[\]{},]', re.DOTALL)
_DEPTH_CHANGES = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}


def parse_json(
    data: bytes, max_bytes: int = MAX_BYTES, max_tokens: int = MAX_TOKENS, *, takes_infinity: bool = False
) -> Any:
    """Return the value that `data` (UTF-8) holds.

    Raises UserError where it is not JSON, only a pointer of Git in its place, repeats a key, holds NaN or infinity, or
    exceeds the bounds. With `takes_infinity` those are numbers, as Python's own programs write them.
    """
    refuse_pointer(data)
    check_json_bounds(data, max_bytes, max_tokens)
    constant = float if takes_infinity else _no_constant
    try:
        return json.loads(data.decode("utf-8-sig"), object_pairs_hook=_unique, parse_constant=constant)
    except (ValueError, RecursionError) as error:
        raise UserError(N_("The JSON in this file cannot be read.")) from error


def check_json_bounds(data: bytes, max_bytes: int, max_tokens: int) -> None:
    """Raise UserError where a JSON text is larger, deeper or of more values than its reader takes."""
    if len(data) > max_bytes:
        raise UserError(N_("The JSON in this file is larger than {n} MB.").format(n=max_bytes >> 20))
    depth = 0
    for n_tokens, token in enumerate(_TOKEN.finditer(data)):
        depth += _DEPTH_CHANGES.get(data[token.start()], 0)
        if depth > MAX_DEPTH:
            raise UserError(N_("The JSON in this file is nested too deeply."))
        if n_tokens > max_tokens:
            raise UserError(N_("The JSON in this file contains too many values."))


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) != len(pairs):
        raise ValueError("a key occurs twice")
    return values


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON number")
