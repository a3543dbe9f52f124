"""A server that writes texts, as an engine like that of a network on this computer. No Qt, no torch."""

import re
from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from typing import Final, Self

import numpy as np

from studio.api.engine import Device, ModelSource, PausingEngine
from studio.api.server_address import ServerContact, contact_of
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.translation import N_
from studio.core.view import State

from ..text.chat_template import Message
from ..text.params import TransformerParams
from ..text.state import OpenTransformer
from ..text.trace import DRAWN_ELSEWHERE, GROWING, UNKNOWN, Told, TraceRow
from .answer import ServedToken
from .call import AnswerBegun, AnswerEnded, PromptEchoed, ServerCall, ServerQuestion
from .connection import PATIENCE, Patience, ServerConnection
from .request import ServerWay, check_params, first_way, is_conversation, messages_in, written_down
from .secret import read_key
from .spelling import END, OPENING, heard_vocabulary
from .writing import ServedText, chosen_row, silent_row, token_row

_WORDS: Final = re.compile(r"\s*[^\s]+|\s+")
"""How a prompt is shown: nobody knows the server's own tokens of it."""


class ServerEngine(PausingEngine):
    """One model of one server. Nothing is sent before a text is asked for, so that a recording plays without it."""

    def __init__(self, contact: ServerContact, model: str, patience: Patience = PATIENCE) -> None:
        self._contact, self._model, self._patience = contact, model, patience
        self.vocabulary = heard_vocabulary()
        self._ways: dict[bool, ServerWay] = {}  # that the server took, by whether the text is a conversation

    @classmethod
    def open(cls, source: ModelSource, device: Device) -> Self:
        """Read the card; raises UserError where it names no server."""
        contact, model = contact_of(source.card), source.card.get("model", "")
        if contact is None or not isinstance(model, str):
            raise UserError(N_("This model card names no server."), N_("Connect to the server again."))
        return cls(contact, model)

    def close(self) -> None:
        """Nothing is held between two texts."""

    def about(self) -> OpenTransformer:
        """What a panel has to know."""
        return OpenTransformer(self.vocabulary, 0, 0, 0, is_server=True)

    def chat(self, messages: Sequence[Message]) -> str:
        """The prompt that asks for an answer to these messages."""
        return written_down(messages)

    def generate_with_pauses(self, params: TransformerParams, start: State | None = None) -> Iterator[Frame | None]:
        """Yield a frame for the prompt or the state, then one for each token, None while the server thinks.

        `params.length` tokens come after the prompt.
        """
        text = self._begun(params, start)
        n_more = text.n_prompt + params.length - len(text.ids)
        return self._written(params, text, _put(start), n_more)

    def go_on(self, params: TransformerParams, start: State | None = None) -> Iterator[Frame | None]:
        """The same, but with `params.length` tokens more than the state has."""
        text = self._begun(params, start)
        return self._written(params, text, _put(start), params.length)

    # The beginning

    def _begun(self, params: TransformerParams, start: State | None) -> ServedText:
        check_params(params)
        if start is None:
            ids = [OPENING, *map(self.vocabulary.number, _pieces(self._asked(params)))]
            return ServedText(self.vocabulary, ids, len(ids), [silent_row()] * len(ids), len(ids) + params.length)
        return self._from_state(start, params.length)

    def _asked(self, params: TransformerParams) -> str:
        """The prompt: a question, unless it is to be read as it is or is a conversation already."""
        prompt = params.prompt
        if params.is_raw or not prompt.strip() or is_conversation(prompt):
            return prompt
        return written_down((Message("user", prompt),))

    def _from_state(self, state: State, n_more: int) -> ServedText:
        """Raises UserError where the state is of another model."""
        self.vocabulary.learn(state)
        ids = np.asarray(state["ids"], np.int32).tolist()
        prompt = np.asarray(state["prompt"], np.int32).tolist()
        if not ids or ids[: len(prompt)] != prompt:
            raise UserError(N_("This frame cannot be continued: it was made by another model."))
        known = [np.asarray(state[name]) for name in GROWING if name in state]
        rows = [TraceRow(*row) for row in zip(*known, strict=True)] if len(known) == len(GROWING) else []
        rows = rows[: len(ids)] + [self._row_of(state, place) for place in range(len(rows), len(ids))]
        if "chosen" in state:
            rows[-1] = chosen_row(ids[-1], rows[-1].facts, rows[-1].next_ids)
        told = Told(int(np.asarray(state.get("told", [0])).ravel()[0]))
        return ServedText(self.vocabulary, ids, len(prompt), rows, len(ids) + n_more, told)

    def _row_of(self, state: State, place: int) -> TraceRow:
        rolls = state.get("rolls", ())
        return silent_row(float(rolls[place]) if place < len(rolls) else UNKNOWN)

    # Writing

    def _written(
        self, params: TransformerParams, text: ServedText, put: Sequence[int], n_more: int
    ) -> Iterator[Frame | None]:
        yield text.first_frame()
        for token in put:
            yield text.added(token, silent_row())
        n_more -= len(put)
        if n_more > 0 and text.ids[-1] != END and any(self.vocabulary.piece(token).strip() for token in text.ids):
            yield from self._asked_for(params, text, n_more)

    def _asked_for(
        self, params: TransformerParams, text: ServedText, n_more: int
    ) -> Generator[Frame | None, None, None]:
        connection = ServerConnection(self._contact.address, read_key(self._contact), self._patience)
        question = self._question(params, text, n_more)
        is_chat = is_conversation(question.prompt)
        call = ServerCall(connection, question, self._ways.get(is_chat, first_way(question.prompt)))
        n_written = 0
        for news in call.news():
            match news:
                case None:
                    yield None
                case AnswerBegun(way):
                    self._ways[is_chat] = way
                    text.told = _told(way, question)
                case AnswerEnded():
                    yield text.added(END, silent_row(DRAWN_ELSEWHERE))
                case PromptEchoed(tokens):
                    yield text.retold(tokens)
                case ServedToken():
                    text.told |= _told_of(news)
                    n_written += 1
                    yield text.added(self.vocabulary.number(news.piece), token_row(news, self.vocabulary))

    def _question(self, params: TransformerParams, text: ServedText, n_more: int) -> ServerQuestion:
        pieces = self.vocabulary.texts(text.ids)
        prompt, written = ("".join(part) for part in (pieces[: text.n_prompt], pieces[text.n_prompt :]))
        return ServerQuestion(self._model, prompt, written, replace(params, length=n_more))


def _pieces(text: str) -> list[bytes]:
    return [found.encode("utf-8", "replace") for found in _WORDS.findall(text)]


def _put(state: State | None) -> list[int]:
    """A person's further tokens behind those of a state."""
    return [] if state is None else np.asarray(state.get("put", []), np.int32).tolist()


def _told(way: ServerWay, question: ServerQuestion) -> Told:
    """What the way of asking says of the text."""
    told = Told(0) if way.n_top else Told.NOTHING
    if way.endpoint == "/chat/completions":
        told |= Told.ANEW if _is_begun(question) else Told(0)
        told |= Told(0) if is_conversation(question.prompt) else Told.AS_QUESTION
    return told


def _is_begun(question: ServerQuestion) -> bool:
    """Whether the model shall go on in the midst of what it says."""
    found = messages_in(question.prompt + question.written) if is_conversation(question.prompt) else []
    return bool(found[-1]["role"] == "assistant" if found else question.written)


def _told_of(token: ServedToken) -> Told:
    """What a token says of the text."""
    told = Told.NOTHING if token.log_probability is None and not token.is_doubtful else Told(0)
    return told | (Told.DOUBTFUL if token.is_doubtful else Told(0))
