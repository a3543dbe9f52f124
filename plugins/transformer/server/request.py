"""What is asked of a server: a text to go on with, and how its words shall be drawn, in the ways that servers take.

A line with a marker begins what somebody says; behind the last marker of the assistant the model goes on.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from studio.core.error import UserError
from studio.core.translation import N_

from ..text.chat_template import Message
from ..text.model.forms.form import FREE, form_in
from ..text.params import TransformerParams
from .answer import MAX_ECHO_BYTES, N_TOP
from .connection import RefusedError

Endpoint = Literal["/completions", "/chat/completions"]
_FEWER: Final = 5
"""So many alternatives OpenAI's own completions tell."""
_NOT_THERE: Final = (404, 405, 501)
_NOT_SO: Final = (400, 422)
_NEW_LIMIT: Final = "max_completion_tokens"
_CHOSEN_ELSEWHERE: Final = ("bias", "banned", "muted")
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


@dataclass(frozen=True)
class ServerWay:
    """One way to ask.

    Attributes:
        n_top: how many alternatives are asked for; 0 asks for no log-probabilities.
        limit: what the number of tokens is called.
    """

    endpoint: Endpoint
    n_top: int
    limit: str = "max_tokens"
    has_echo: bool = True

    def other(self, refused: RefusedError) -> "Iterator[ServerWay]":
        """Yield what may be tried next after a refusal; nothing where that would change nothing."""
        if refused.status in _NOT_SO and _NEW_LIMIT in refused.words and self.limit != _NEW_LIMIT:
            yield replace(self, limit=_NEW_LIMIT)
        elif refused.status in _NOT_SO and self.n_top and self.has_echo and self.endpoint == "/completions":
            yield replace(self, has_echo=False)
        elif refused.status in _NOT_SO and self.n_top:
            yield replace(self, n_top=_FEWER if self.n_top > _FEWER else 0)
        elif refused.status in _NOT_THERE and self.endpoint == "/completions":
            yield replace(self, endpoint="/chat/completions", n_top=N_TOP)


def first_way(text: str) -> ServerWay:
    """How a text is asked for before anything is known of the server."""
    return ServerWay("/chat/completions" if is_conversation(text) else "/completions", N_TOP)


def check_params(params: TransformerParams) -> None:
    """Raise UserError where settings ask for what only a network on this computer can do."""
    if any(getattr(params, name).strip() for name in _CHOSEN_ELSEWHERE) or form_in(params)[0] != FREE:
        raise UserError(
            N_("A server chooses its words itself: single words, forms and parts of the network cannot be set."),
            N_("Leave these settings empty, or use a model on this computer."),
        )


def wishes(way: ServerWay, model: str, prompt: str, written: str, params: TransformerParams) -> dict[str, Any]:
    """The body of a request for `params.length` tokens behind `prompt` and what was `written` after it.

    What is as usual is left out beyond OpenAI's own names, since some servers refuse names that they do not know.
    """
    asked: dict[str, Any] = {"model": model, way.limit: params.length, "stream": True, "seed": params.seed}
    asked["temperature"] = 0.0 if params.is_greedy else params.temperature
    if params.top_p < 1:
        asked["top_p"] = params.top_p
    if params.frequency:
        asked["frequency_penalty"] = min(params.frequency, 2.0)
    asked |= _further(params)
    if way.endpoint == "/completions":
        asked["prompt"] = prompt + written
        asked |= {"echo": True} if repeats(way, prompt, written) else {}
        return asked | ({"logprobs": way.n_top} if way.n_top else {})
    asked["messages"] = _messages(prompt, written)
    return asked | ({"logprobs": True, "top_logprobs": way.n_top} if way.n_top else {})


def repeats(way: ServerWay, prompt: str, written: str) -> bool:
    """Whether the server is asked to repeat the prompt, so that it says how likely its words were."""
    is_short = len(prompt.encode("utf-8", "replace")) <= MAX_ECHO_BYTES
    return way.endpoint == "/completions" and way.has_echo and way.n_top > 0 and not written and is_short


def _further(params: TransformerParams) -> Mapping[str, Any]:
    """Settings that llama.cpp, vLLM and others take beyond OpenAI's."""
    found: dict[str, Any] = {}
    if params.top_k:
        found["top_k"] = params.top_k
    if params.min_p:
        found["min_p"] = params.min_p
    if params.typical < 1:
        found["typical_p"] = params.typical
    if params.repetition != 1:
        found |= {"repetition_penalty": params.repetition, "repeat_penalty": params.repetition}
    return found


def _messages(prompt: str, written: str) -> list[dict[str, str]]:
    if is_conversation(prompt):
        return messages_in(prompt + written)
    begun = [{"role": "assistant", "content": written}] if written else []
    return [{"role": "user", "content": prompt}, *begun]
