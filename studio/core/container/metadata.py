"""What an exported file says about what made it: how that is written as text, and checked when it comes back."""

import html
import json
import re
from collections.abc import Mapping
from typing import Any

from studio.core.container.json_text import parse_json
from studio.core.error import UserError
from studio.core.translation import N_

KEYWORD = "manifold_studio"
# Room for a prompt of 100,000 characters, each of which JSON writes as up to twelve bytes.
MAX_TEXT_BYTES = 2 << 20
_LABEL_ROOM_BYTES = 64
_MODEL_ID = re.compile(r"[a-z0-9_-]+/[a-z0-9_-][a-z0-9_.-]*")
_MAX_SEED = (1 << 63) - 1
_LABEL = KEYWORD.encode() + b" "
_XML_START = b'<made_from xmlns="urn:manifold-studio">'
_XML_END = b"</made_from>"


def is_model_id(text: object) -> bool:
    """Whether `text` has the form of a model id ("vae/digits"), which never is a path to a file."""
    return isinstance(text, str) and _MODEL_ID.fullmatch(text) is not None and ".." not in text


def check_metadata(values: Mapping[str, Any]) -> None:
    """Raise UserError unless `values` name a model by its id, and a seed, where present, as a number.

    Parameters are checked by the family that knows them.
    """
    if not is_model_id(values.get("model")):
        raise UserError(N_("The file gives its model in a way that is not allowed."))
    seed = values.get("seed", 0)
    if not isinstance(seed, int) or isinstance(seed, bool) or not 0 <= seed <= _MAX_SEED:
        raise UserError(N_("The file gives a seed that is not a number."))
    if not all(isinstance(values.get(key, {}), dict) for key in ("params", "state")):
        raise UserError(N_("The file gives parameters that cannot be read."))


def metadata_text(values: Mapping[str, Any]) -> str:
    """Return the JSON to be put into a file, ASCII; the same values give the same text.

    Raises UserError where they name something other than a model id, or are longer than any reader takes (2 MB).
    """
    check_metadata(values)
    text = json.dumps(dict(values), sort_keys=True, separators=(",", ":"), allow_nan=False)
    if len(text) > MAX_TEXT_BYTES - _LABEL_ROOM_BYTES:
        raise UserError(
            N_("The settings are too long to be stored inside a file."), N_("Shorten the longest text among them.")
        )
    return text


def parse_metadata(text: bytes) -> dict[str, Any]:
    """Return the checked values of a JSON text; raises UserError where it is no good."""
    values = parse_json(text, MAX_TEXT_BYTES)
    if not isinstance(values, dict):
        raise broken_metadata()
    check_metadata(values)
    return values


def labelled_text(values: Mapping[str, Any]) -> str:
    """Return the text for a comment field, which anybody may fill: it starts with our name."""
    return f"{KEYWORD} {metadata_text(values)}"


def parse_labelled(comment: bytes) -> dict[str, Any] | None:
    """Return what a comment of ours says, None for the comment of somebody else."""
    comment = comment.rstrip(b"\0")
    return parse_metadata(comment.removeprefix(_LABEL)) if comment.startswith(_LABEL) else None


def xml_text(values: Mapping[str, Any]) -> str:
    """Return the values as one XML element in a name space of our own."""
    return f"{_XML_START.decode()}{html.escape(metadata_text(values), quote=False)}{_XML_END.decode()}"


def parse_xml_text(document: bytes) -> dict[str, Any] | None:
    """Return what our element in an XML document says, None where there is none.

    Nothing else of the document is read: entities of its own mean nothing here.
    """
    _, mark, rest = document.partition(_XML_START)
    if not mark:
        return None
    text, mark, _ = rest.partition(_XML_END)
    if not mark:
        raise too_much_metadata() if len(rest) > MAX_TEXT_BYTES else broken_metadata()
    for entity, char in ((b"&lt;", b"<"), (b"&gt;", b">"), (b"&amp;", b"&")):
        text = text.replace(entity, char)
    return parse_metadata(text)


def broken_metadata() -> UserError:
    """What to say where a file of ours is damaged."""
    return UserError(N_("The file is damaged."), N_("Export it again."))


def too_much_metadata() -> UserError:
    """What to say about a text that no export of ours holds."""
    return UserError(N_("The text inside this file is impossibly long."))
