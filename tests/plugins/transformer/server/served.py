"""A real server on this computer: our own model behind OpenAI's interface with true log-probabilities, or a liar."""

import json
import math
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from plugins.transformer.text.params import TransformerParams
from plugins.transformer.text.trace import TextTrace
from studio.core.frame import whole_frames


@dataclass
class Asked:
    """A request as the server got it."""

    method: str
    path: str
    headers: dict[str, str]
    body: dict[str, Any]


@dataclass
class Served:
    """A server that runs. `asked` is every request so far."""

    port: int
    asked: list[Asked] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"


Answerer = Callable[[BaseHTTPRequestHandler, Asked], None]


@contextmanager
def serving(answer: Answerer) -> Iterator[Served]:
    """Let `answer` answer every request, until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            one = Asked(self.command, self.path, dict(self.headers), json.loads(body or b"{}"))
            served.asked.append(one)
            self.close_connection = True
            with suppress(OSError):  # the other side has gone
                answer(self, one)

        def __getattr__(self, name: str) -> Any:
            if name in ("do_GET", "do_POST"):
                return self._any
            raise AttributeError(name)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = False
    served = Served(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def send(
    handler: BaseHTTPRequestHandler, status: int, body: bytes, kind: str = "application/json", **headers: str
) -> None:
    """A whole answer."""
    handler.send_response(status)
    handler.send_header("Content-Type", kind)
    handler.send_header("Content-Length", str(len(body)))
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)


def begin_events(handler: BaseHTTPRequestHandler) -> None:
    """The head of a stream of events, in chunks."""
    handler.send_response(200)
    handler.send_header("Content-Type", "text/event-stream")
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()


def chunk(handler: BaseHTTPRequestHandler, data: bytes) -> None:
    """A piece of the stream; nothing ends it."""
    handler.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
    handler.wfile.flush()


def event(handler: BaseHTTPRequestHandler, value: Any) -> None:
    """One event."""
    chunk(handler, b"data: " + json.dumps(value).encode() + b"\n\n")


def end_events(handler: BaseHTTPRequestHandler) -> None:
    """The end of the stream as the protocol wants it."""
    chunk(handler, b"data: [DONE]\n\n")
    chunk(handler, b"")


class OwnModel:
    """Serves an engine of ours by both endpoints, in either shape of log-probabilities, and lists it.

    Attributes:
        has_completions, has_chat, has_logprobs: what this server is able to do. most: alternatives that it tells.
        is_modern: whether completions, too, have the shape of chats, as with llama.cpp.
    """

    def __init__(self, engine: Any, **able: Any) -> None:
        self._engine, self._lock = engine, threading.Lock()
        self.has_completions = self.has_chat = self.has_logprobs = True
        self.is_modern, self.most, self.key, self.echo = False, 20, "", ""
        vars(self).update(able)

    def __call__(self, handler: BaseHTTPRequestHandler, asked: Asked) -> None:
        if self.key and asked.headers.get("Authorization") != f"Bearer {self.key}":
            words = f"Incorrect API key provided: {asked.headers.get('Authorization', '')[7:]}."
            send(handler, 401, json.dumps({"error": {"message": words}}).encode())
        elif asked.path == "/v1/models":
            send(handler, 200, b'{"object": "list", "data": [{"id": "shakespeare", "object": "model"}]}')
        elif asked.path == "/v1/completions" and self.has_completions:
            self._completion(handler, asked.body)
        elif asked.path == "/v1/chat/completions" and self.has_chat:
            self._chat(handler, asked.body)
        else:
            send(handler, 404, b'{"detail": "Not Found"}')

    def tokens(self, prompt: str, body: dict[str, Any]) -> Iterator[tuple[str, bytes, float, list[tuple[str, float]]]]:
        """Text, bytes, log-probability and alternatives of each token that the model writes."""
        temperature = body.get("temperature", 1.0)
        params = TransformerParams(
            prompt=prompt,
            is_raw=True,
            length=body.get("max_tokens", 16),
            seed=body.get("seed", 0),
            is_greedy=temperature == 0,
            temperature=max(temperature, 0.1),
            top_p=body.get("top_p", 1.0),
        )
        vocabulary = self._engine.vocabulary
        with self._lock:
            last = list(whole_frames(self._engine.generate(params)))[-1].state
        assert last is not None
        trace = TextTrace(last)
        spelt = vocabulary.texts(trace.ids.tolist())
        for place in range(len(trace.prompt), len(trace)):
            found = trace.instead_of(place)
            assert found is not None
            top = [
                (vocabulary.name(int(one)), float(value))
                for one, value in zip(found.ids, found.log_probabilities, strict=True)
            ]
            piece = vocabulary.piece(int(trace.ids[place]))
            yield spelt[place], piece, -float(trace.surprise[place]) * math.log(2), top

    def _completion(self, handler: BaseHTTPRequestHandler, body: dict[str, Any]) -> None:
        n_top = body.get("logprobs") or 0
        if n_top and (not self.has_logprobs or n_top > self.most):
            send(handler, 400, b'{"error": {"message": "logprobs is not so"}}')
            return
        if body.get("echo") and self.echo == "refused":
            send(handler, 400, b'{"error": {"message": "echo is not so"}}')
            return
        begin_events(handler)
        if body.get("echo") and self.echo == "told":
            event(handler, {"choices": [{"index": 0, **self._echo(body["prompt"], n_top), "finish_reason": None}]})
        for text, piece, value, top in self.tokens(body["prompt"], body):
            told = None
            if n_top and self.is_modern:
                told = _modern(piece, value, top[:n_top])
            elif n_top:
                told = {"tokens": [text], "token_logprobs": [value], "top_logprobs": [dict(top[:n_top])]}
            event(handler, {"choices": [{"index": 0, "text": text, "logprobs": told, "finish_reason": None}]})
        event(handler, {"choices": [{"index": 0, "text": "", "finish_reason": "length"}]})
        end_events(handler)

    def _echo(self, prompt: str, n_top: int) -> dict[str, Any]:
        """The prompt in the model's tokens, nothing said of the first one, as vLLM and OpenAI do."""
        with self._lock:
            last = list(whole_frames(self._engine.generate(TransformerParams(prompt=prompt, is_raw=True, length=0))))
        trace = TextTrace(last[-1].state or {})
        pieces = self._engine.vocabulary.texts(trace.ids.tolist())
        values = [None, *(-float(one) * math.log(2) for one in trace.surprise[1:])]
        tops: list[dict[str, float] | None] = [None]
        for place in range(1, len(trace)):
            found = trace.instead_of(place)
            assert found is not None
            names = [self._engine.vocabulary.name(int(one)) for one in found.ids[:n_top]]
            tops.append(dict(zip(names, found.log_probabilities.astype(float).tolist(), strict=False)))
        told = {"tokens": pieces, "token_logprobs": values, "top_logprobs": tops}
        return {"text": "".join(pieces), "logprobs": told}

    def _chat(self, handler: BaseHTTPRequestHandler, body: dict[str, Any]) -> None:
        n_top = body.get("top_logprobs", 0)
        if n_top and (not self.has_logprobs or n_top > self.most):
            send(handler, 400, b'{"error": {"message": "top_logprobs is not so"}}')
            return
        prompt = "\n".join(one["content"] for one in body["messages"])
        begin_events(handler)
        event(handler, {"choices": [{"index": 0, "delta": {"role": "assistant"}, "finish_reason": None}]})
        for text, piece, value, top in self.tokens(prompt, body):
            told = _modern(piece, value, top[:n_top]) if n_top else None
            event(handler, {"choices": [{"index": 0, "delta": {"content": text}, "logprobs": told}]})
        event(handler, {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
        event(handler, {"choices": [], "usage": {"total_tokens": 3}})
        end_events(handler)


def _modern(piece: bytes, value: float, top: list[tuple[str, float]]) -> dict[str, Any]:
    listed = [{"token": name, "logprob": one, "bytes": list(name.encode())} for name, one in top]
    token = piece.decode("utf-8", "replace")
    return {"content": [{"token": token, "logprob": value, "bytes": list(piece), "top_logprobs": listed}]}
