"""What a server says of each token, taken from both shapes of log-probabilities, believed only where it can be true.

Legacy (`/completions`): lists `tokens`, `token_logprobs`, `top_logprobs`. Chat: a list `content` of objects, which
llama.cpp sends for both.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from studio.core.container.source import printable
from studio.core.error import UserError
from studio.core.translation import N_

from .event_stream import unreadable

N_TOP: Final = 20
"""So many tokens are kept of what may have stood at a place; most servers tell no more."""
MAX_PIECE_BYTES: Final = 1 << 12
MAX_LISTED: Final = 1 << 12
LEAST: Final = -100.0
"""Natural logarithm below which a probability is as good as none; some servers say -9999."""
_ROUNDING: Final = 1e-3
_MOST_TOGETHER: Final = 1.02


@dataclass(frozen=True)
class ServedToken:
    """A token as a server gave it.

    Attributes:
        piece: its bytes, maybe a part of a character.
        log_probability: natural; None where the server does not say.
        top: the likeliest at its place, best first: (bytes, natural logarithm); empty where it does not say.
        is_doubtful: whether the server said something of it that cannot be true, which was left out.
    """

    piece: bytes
    log_probability: float | None = None
    top: tuple[tuple[bytes, float], ...] = ()
    is_doubtful: bool = False


@dataclass(frozen=True)
class AnswerPart:
    """What one event adds. `is_over`: the server has ended the text by itself. `is_cut`: it wrote as much as asked."""

    tokens: tuple[ServedToken, ...]
    is_over: bool = False
    is_cut: bool = False


class AnswerReader:
    """Makes tokens out of the events of one answer; what is a part of a character waits for the rest."""

    def __init__(self) -> None:
        self._waiting: list[ServedToken] = []

    def part(self, event: Mapping[str, Any]) -> AnswerPart:
        """What an event adds; raises UserError where it is an error of the server, or is no answer."""
        if (error := event.get("error")) is not None:
            raise server_error(error)
        choices = event.get("choices")
        if not isinstance(choices, list):
            raise unreadable()
        if not choices:  # a last event with counts alone
            return AnswerPart(())
        choice = choices[0]
        if not isinstance(choice, Mapping):
            raise unreadable()
        tokens = tuple(self._tokens(_text_in(choice), list(_told(choice.get("logprobs")))))
        end = choice.get("finish_reason")
        return AnswerPart(tokens, isinstance(end, str) and end != "length", end == "length")

    def rest(self) -> tuple[ServedToken, ...]:
        """Tokens whose text never came."""
        waiting, self._waiting = self._waiting, []
        return tuple(waiting)

    def _tokens(self, text: bytes, told: list[ServedToken]) -> Iterator[ServedToken]:
        told = [*self._waiting, *told]
        self._waiting = []
        if not text:
            self._waiting = told[:MAX_LISTED]
        elif b"".join(token.piece for token in told) == text:
            yield from told
        elif len(told) == 1:  # such as a token that the server could not spell
            piece = text[:MAX_PIECE_BYTES]
            yield ServedToken(piece, told[0].log_probability, told[0].top, told[0].is_doubtful)
            yield from _plain(text[MAX_PIECE_BYTES:], told[0].is_doubtful)
        else:
            yield from _plain(text, bool(told))


def _plain(text: bytes, is_doubtful: bool) -> Iterator[ServedToken]:
    for first in range(0, len(text), MAX_PIECE_BYTES):
        yield ServedToken(text[first : first + MAX_PIECE_BYTES], is_doubtful=is_doubtful)


def _text_in(choice: Mapping[str, Any]) -> bytes:
    """The text of a choice: of a completion, of a chat's event, or of a whole answer."""
    text = choice.get("text")
    for name in ("delta", "message"):
        if text is None and isinstance(inner := choice.get(name), Mapping):
            text = inner.get("content")
    if text is not None and not isinstance(text, str):
        raise unreadable()
    return (text or "").encode("utf-8", "replace")


def server_error(error: Any) -> UserError:
    """What a server says of its own failure, as plain text on one line."""
    message = error.get("message") if isinstance(error, Mapping) else error
    words = printable(message) if isinstance(message, str) and message.strip() else ""
    if not words:
        return UserError(N_("The server could not write the text."), N_("Try again, or look at the server’s own log."))
    return UserError(N_("The server says: “{words}”").format(words=words))


def _told(logprobs: Any) -> Iterator[ServedToken]:
    """The tokens of either shape, as far as they are sound."""
    if not isinstance(logprobs, Mapping):
        return
    content, tokens = logprobs.get("content"), logprobs.get("tokens")
    if isinstance(content, list):
        for item in content[:MAX_LISTED]:
            if isinstance(item, Mapping):
                yield _token(item, item.get("logprob"), _listed(item.get("top_logprobs")))
    elif isinstance(tokens, list):
        values, tops = _list(logprobs.get("token_logprobs")), _list(logprobs.get("top_logprobs"))
        is_whole = len(values) == len(tokens)
        for place, token in enumerate(tokens[:MAX_LISTED]):
            top = tops[place] if is_whole and len(tops) == len(tokens) else None
            yield _token({"token": token}, values[place] if is_whole else math.nan, _listed(top))


def _token(item: Mapping[str, Any], value: Any, top: Sequence[tuple[bytes, float]]) -> ServedToken:
    piece, known = _spelt(item), _logarithm(value)
    best = _sound(top)
    is_doubtful = (known is None and value is not None) or (best is None)
    return ServedToken((piece or b"")[:MAX_PIECE_BYTES], known, best or (), is_doubtful)


def _listed(top: Any) -> list[tuple[bytes, float]]:
    """The likeliest as the server lists them; a value that cannot be is NaN."""
    pairs: list[tuple[Any, Any]] = []
    if isinstance(top, Mapping):
        pairs = [({"token": token}, value) for token, value in list(top.items())[:MAX_LISTED]]
    elif isinstance(top, list):
        pairs = [(item, item.get("logprob")) for item in top[:MAX_LISTED] if isinstance(item, Mapping)]
    found: dict[bytes, float] = {}
    for item, value in pairs:
        piece, known = _spelt(item), _logarithm(value)
        if piece is not None and len(piece) <= MAX_PIECE_BYTES:
            found.setdefault(piece, math.nan if known is None else known)
    return list(found.items())


def _sound(top: Sequence[tuple[bytes, float]]) -> tuple[tuple[bytes, float], ...] | None:
    """The likeliest in order; None where they cannot all be true."""
    if any(math.isnan(value) for _, value in top):
        return None
    if sum(math.exp(value) for _, value in top) > _MOST_TOGETHER:
        return None
    return tuple(sorted(top, key=lambda one: -one[1])[:N_TOP])


def _spelt(item: Mapping[str, Any]) -> bytes | None:
    """The bytes of a token: those that the server lists, else its text; None where it has neither."""
    listed, text = item.get("bytes"), item.get("token")
    numbers = listed if isinstance(listed, list) and len(listed) <= MAX_PIECE_BYTES else []
    if numbers and all(type(one) is int and 0 <= one < 256 for one in numbers):
        return bytes(numbers)
    if not isinstance(text, str):
        return None
    if text.startswith("bytes:\\x"):
        try:
            return bytes.fromhex(text.removeprefix("bytes:").replace("\\x", ""))
        except ValueError:
            return None
    return text.encode("utf-8", "replace")


def _logarithm(value: Any) -> float | None:
    """A logarithm of a probability; None where it cannot be one."""
    if not isinstance(value, int | float) or isinstance(value, bool) or not value <= _ROUNDING:
        return None
    return max(min(float(value), 0.0), LEAST)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


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
