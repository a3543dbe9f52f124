"""Takes the prompt off the beginning of an answer, where a server repeats it with what it says of each token."""

from collections.abc import Sequence
from typing import Final

from .answer import ServedToken

MAX_ECHO_BYTES: Final = 1 << 12
"""A longer prompt is not asked for again: a server tells all of its tokens in one event."""


class PromptEcho:
    """Holds tokens back for as long as they may be the prompt.

    They are taken for it once the next token comes and is told to be how likely, which the first one of a text cannot
    be: a model that repeats a person's words tells that of the first one, too.
    """

    def __init__(self, prompt: str) -> None:
        self._prompt = prompt.encode("utf-8", "replace")
        self._held: list[ServedToken] = []
        self._is_over = not prompt

    def taken(self, tokens: Sequence[ServedToken]) -> tuple[tuple[ServedToken, ...], tuple[ServedToken, ...]]:
        """The tokens of the prompt, once they are known, and those of the answer."""
        if self._is_over:
            return (), tuple(tokens)
        for place, token in enumerate(tokens):
            if self._held_bytes() == self._prompt:
                echoed = self.rest()
                is_echo = echoed[0].log_probability is None and token.log_probability is not None
                after = tuple(tokens[place:])
                return (echoed, after) if is_echo else ((), echoed + after)
            self._held.append(token)
            if not self._prompt.startswith(self._held_bytes()):
                return (), self.rest() + tuple(tokens[place + 1 :])
        return (), ()

    def rest(self) -> tuple[ServedToken, ...]:
        """What was held back; nothing is from then on."""
        self._is_over = True
        held, self._held = tuple(self._held), []
        return held

    def _held_bytes(self) -> bytes:
        return b"".join(token.piece for token in self._held)
