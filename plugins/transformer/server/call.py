"""One answer of a server, read on a thread of its own, so that neither Worker nor window ever waits for it."""

import threading
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any, Final

from studio.core.pausing import BESIDE, WAIT_S

from ..text.params import TransformerParams
from .answer import AnswerReader, PromptEcho, ServedToken
from .connection import RefusedError, ServerConnection, StoppedError, broken_off, silent
from .request import ServerWay, repeats, wishes

_CLOSED: Final = None


@dataclass(frozen=True)
class ServerQuestion:
    """What is asked: a model to go on behind a prompt and what was written after it."""

    model: str
    prompt: str
    written: str
    params: TransformerParams


@dataclass(frozen=True)
class AnswerBegun:
    """The server has taken the request. Attributes: way: in which it did."""

    way: ServerWay


@dataclass(frozen=True)
class AnswerEnded:
    """The server has ended the text by itself."""


@dataclass(frozen=True)
class PromptEchoed:
    """The server has repeated the prompt in its own tokens."""

    tokens: tuple[ServedToken, ...]


News = ServedToken | AnswerBegun | AnswerEnded | PromptEchoed


class ServerCall:
    """Asks, and tells what comes; closing the generator closes the connection."""

    def __init__(self, connection: ServerConnection, question: ServerQuestion, way: ServerWay) -> None:
        self._connection, self._question, self._way = connection, question, way
        self._news: SimpleQueue[News | BaseException | None] = SimpleQueue()

    def news(self) -> Generator[News | None, None, None]:
        """Yield what comes, None while nothing does; raises UserError where the server fails or stalls."""
        threading.Thread(target=self._work, name=BESIDE, daemon=True).start()
        patience, since_s = self._connection.patience, time.monotonic()
        limit_s = sum(patience.pauses_s) + patience.first_s
        try:
            while True:
                try:
                    one = self._news.get(timeout=WAIT_S)
                except Empty:
                    if time.monotonic() - since_s > limit_s:
                        raise silent() from None
                    yield None
                    continue
                if one is _CLOSED:
                    return
                if isinstance(one, BaseException):
                    raise one
                if isinstance(one, ServedToken):
                    limit_s = patience.between_s
                since_s = time.monotonic()
                yield one
        finally:
            self._connection.stop()

    def _work(self) -> None:
        try:
            for one in self._told():
                self._news.put(one)
            self._news.put(_CLOSED)
        except StoppedError:
            self._news.put(_CLOSED)
        except BaseException as error:  # whoever reads the news hears of it
            self._news.put(error)

    def _told(self) -> Iterator[News]:
        """The answer, in the first of the ways that the server takes."""
        way = self._way
        while True:
            try:
                yield from self._asked(way)
                return
            except RefusedError as error:
                other = next(way.other(error), None)
                if other is None:
                    raise
                way = other

    def _asked(self, way: ServerWay) -> Iterator[News]:
        question = self._question
        body = wishes(way, question.model, question.prompt, question.written, question.params)
        stream, reader = self._connection.stream(way.endpoint, body), AnswerReader()
        echo = PromptEcho(question.prompt if repeats(way, question.prompt, question.written) else "")
        n_tokens, is_ended, has_begun = 0, False, False
        try:
            for event in stream:
                if not has_begun:
                    has_begun = True
                    yield AnswerBegun(way)
                part = reader.part(event)
                echoed, tokens = echo.taken(part.tokens)
                if part.is_over or part.is_cut:
                    tokens += echo.rest()
                if echoed:
                    yield PromptEchoed(echoed)
                yield from tokens[: question.params.length - n_tokens]
                n_tokens += len(tokens)
                is_ended |= part.is_over or part.is_cut
                if n_tokens >= question.params.length:
                    return
                if part.is_over:
                    yield from reader.rest()[: question.params.length - n_tokens]
                    yield AnswerEnded()
                    return
        finally:
            _close(stream)
        yield from (*echo.rest(), *reader.rest())[: question.params.length - n_tokens]
        if not is_ended:
            raise broken_off()


def _close(stream: Any) -> None:
    stream.close()
