"""Finds what Manifold Studio wrote into an SVG drawing, without reading the drawing as XML."""

from typing import Any, BinaryIO

from studio.core.container.metadata import MAX_TEXT_BYTES, parse_xml_text

_START_BYTES = 5 * MAX_TEXT_BYTES + 4096


def read_svg_metadata(file: BinaryIO) -> dict[str, Any] | None:
    """Return the checked metadata of an SVG that was exported here, None for any other.

    Raises UserError where the metadata is broken, too large, or names anything but a model id.
    """
    file.seek(0)
    return parse_xml_text(file.read(_START_BYTES))
