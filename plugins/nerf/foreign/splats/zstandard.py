"""Zstandard within bounds, by what Python 3.14 brings along or the small extra does for older ones."""

import sys
from typing import Any

from studio.core.error import UserError
from studio.core.translation import N_

from .scene import damaged


def unpacked(data: bytes, n_bytes: int) -> bytes:
    """Unpack data that are known to become exactly so many bytes; raises UserError where they do not."""
    library = _library()
    try:
        found: bytes = library.ZstdDecompressor().decompress(data, n_bytes + 1)
    except (library.ZstdError, EOFError) as error:
        raise damaged() from error
    if len(found) != n_bytes:
        raise damaged()
    return found


def _library() -> Any:
    try:
        if sys.version_info >= (3, 14):
            from compression import zstd
        else:
            from backports import zstd
    except ImportError as error:
        raise UserError(
            N_("SPZ files of version 4 are packed by Zstandard, which this Python cannot unpack."),
            N_("Install Manifold Studio with the extra “splats”, or save the scene as SPZ version 3."),
        ) from error
    return zstd
