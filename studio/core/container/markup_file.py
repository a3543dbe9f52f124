"""Finds what Manifold Studio wrote into a drawing (SVG) or a page (HTML), without reading it as XML."""

from typing import Any, BinaryIO

from studio.core.container.metadata import MAX_TEXT_BYTES, parse_xml_text

_START_BYTES = 5 * MAX_TEXT_BYTES + 4096


def read_markup_metadata(file: BinaryIO) -> dict[str, Any] | None:
    """Return the checked metadata of a drawing or page that was exported here, None for any other.

    Raises UserError where the metadata is broken, too large, or names anything but a model id.
    """
    file.seek(0)
    return parse_xml_text(file.read(_START_BYTES))
