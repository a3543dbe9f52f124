"""Finds the chat template of a Hugging Face folder, in a file of its own or in the tokenizer's settings; no torch."""

from pathlib import Path
from typing import Any, Final

from studio.core.container.source import is_file, open_regular
from studio.core.container.weight_files import label, read_object
from studio.core.error import UserError
from studio.core.text import N_

from .chat_template import MAX_TEMPLATE, ChatTemplate
from .tokenizer_folder import read_settings, text_of

FILE: Final = "chat_template.jinja"
_TABLE: Final = "chat_template.json"
_ROLES: Final = ("bos_token", "eos_token", "unk_token", "pad_token")


def read_chat_template(folder: Path) -> ChatTemplate | None:
    """The template that the folder brings along, None where it has none; raises UserError where it is too large."""
    settings = read_settings(folder)
    source = _source(folder, settings)
    if source is None:
        return None
    names = {role: text for role in _ROLES if (text := text_of(settings.get(role))) is not None}
    return ChatTemplate(source, names)


def _source(folder: Path, settings: dict[str, Any]) -> str | None:
    if is_file(folder / FILE):
        with open_regular(folder / FILE) as file:
            data = file.read(MAX_TEMPLATE + 1)
        if len(data) > MAX_TEMPLATE:
            raise UserError(N_("“{name}” is too large for a template.").format(name=label(folder / FILE)))
        return data.decode("utf-8", "replace")
    value = settings.get("chat_template")
    if value is None and is_file(folder / _TABLE):
        value = read_object(folder / _TABLE).get("chat_template")
    return _first(value)


def _first(value: Any) -> str | None:
    """The template itself, or of several the one that is called "default"."""
    if isinstance(value, list):
        named = [one for one in value if isinstance(one, dict) and isinstance(one.get("template"), str)]
        value = next((one["template"] for one in named if one.get("name") == "default"), None)
    return value if isinstance(value, str) and value else None
