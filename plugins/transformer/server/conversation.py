"""A conversation as one text, so that the panel shows it, writes on it and branches it like any other.

A line with a marker begins what somebody says; behind the last marker of the assistant the model goes on.
"""

import re
from collections.abc import Sequence
from typing import Final

from ..text.chat_template import Message

_MARKER: Final = re.compile(r"<\|(system|user|assistant)\|>\n?")


def written_down(messages: Sequence[Message]) -> str:
    """The text that asks for an answer to messages."""
    said = "".join(f"<|{one.role}|>\n{one.content}\n" for one in messages)
    return f"{said}<|assistant|>\n"


def is_conversation(text: str) -> bool:
    """Whether a text has a marker."""
    return _MARKER.search(text) is not None


def messages_in(text: str) -> list[dict[str, str]]:
    """What is said in a text, as `/chat/completions` takes it; the last one may be what the model has begun to say."""
    before, *parts = _MARKER.split(text)
    found = [{"role": "user", "content": before.strip()}] if before.strip() else []
    pairs = list(zip(parts[::2], parts[1::2], strict=True))
    for number, (role, said) in enumerate(pairs):
        is_last = number == len(pairs) - 1
        content = said if is_last and role == "assistant" else said.strip("\n")
        if content:
            found.append({"role": role, "content": content})
    return found
