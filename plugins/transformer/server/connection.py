"""Requests to one server by the standard library's HTTP: no redirect to elsewhere, no proxy, TLS always verified.

`http.client` does all that is needed; a library of its own would bring redirects, proxies and pools to be switched
off, and hides the socket that `stop` shuts down.
"""

import contextlib
import http.client
import json
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urljoin

from studio.api.server_address import ServerAddress, read_address
from studio.core.error import UserError
from studio.core.translation import N_

from .answer import server_error
from .event_stream import events, read_object, too_large

MAX_BODY_BYTES: Final = 4 << 20
_STREAM: Final = "text/event-stream"
_JSON: Final = "application/json"
_TRY_AGAIN: Final = (408, 409, 429, 500, 502, 503, 504, 529)
_REDIRECTS: Final = (301, 302, 303, 307, 308)


@dataclass(frozen=True)
class Patience:
    """How long to wait for a server, in seconds.

    Attributes:
        connect_s: for the connection. first_s: for the first word, also while the server loads a large model.
        between_s: from word to word. pauses_s: before each new try of what was refused for the moment.
        most_s: at most, where the server itself says when to come back.
    """

    connect_s: float = 10.0
    first_s: float = 300.0
    between_s: float = 60.0
    pauses_s: tuple[float, ...] = (0.5, 1.0, 2.0, 4.0)
    most_s: float = 30.0


PATIENCE: Final = Patience()


class RefusedError(UserError):
    """The server answered, with another status than 200, which trying again does not change.

    Attributes:
        status: of HTTP. words: what the server says of it.
    """

    def __init__(self, status: int, words: str, title: str, what_to_do: str = "") -> None:
        super().__init__(title, what_to_do)
        self.status, self.words = status, words


class StoppedError(Exception):
    """Somebody stopped the request."""


class _TransientError(Exception):
    """What may be better in a moment."""

    def __init__(self, error: UserError, wait_s: float = 0.0) -> None:
        super().__init__(error.title)
        self.error, self.wait_s = error, wait_s


class ServerConnection:
    """One request at a time to a server; `stop`, from any thread, ends it at once."""

    def __init__(self, address: ServerAddress, key: str = "", patience: Patience = PATIENCE) -> None:
        self.address, self.patience = address, patience
        self._key = key
        self._is_stopped = threading.Event()
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None

    def __repr__(self) -> str:
        return f"ServerConnection({self.address})"

    def stop(self) -> None:
        """Close the connection; whoever waits for it gets a StoppedError."""
        self._is_stopped.set()
        with self._lock:
            if self._socket is not None:
                with contextlib.suppress(OSError):
                    self._socket.shutdown(socket.SHUT_RDWR)

    def read(self, path: str) -> dict[str, Any]:
        """The object at a path; raises UserError where there is none, StoppedError where it was stopped."""
        with self._answer("GET", path, None) as answer:
            return read_object(_bounded(answer))

    def stream(self, path: str, wishes: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        """Yield the events that answer a request; raises UserError, RefusedError or StoppedError.

        A server that does not stream gives its whole answer as one event.
        """
        with self._answer("POST", path, json.dumps(wishes).encode()) as answer:
            try:
                kind = answer.headers.get_content_type()
                if kind == _JSON:
                    yield read_object(_bounded(answer))
                    return
                with self._lock:
                    if self._socket is not None:
                        self._socket.settimeout(self.patience.first_s)
                yield from events(answer.readline)
                self._check_stopped()
            except TimeoutError as error:
                raise silent() from error
            except (OSError, http.client.HTTPException, ValueError) as error:
                self._check_stopped()
                raise broken_off() from error

    @contextlib.contextmanager
    def _answer(self, method: str, path: str, body: bytes | None) -> Iterator[http.client.HTTPResponse]:
        """The server's answer with status 200, after as many tries as it takes."""
        for pause_s in (*self.patience.pauses_s, None):
            try:
                connection, answer = self._tried(method, path, body)
                break
            except _TransientError as error:
                if pause_s is None:
                    raise error.error from error
                if self._is_stopped.wait(min(max(pause_s, error.wait_s), self.patience.most_s)):
                    raise StoppedError from error
        try:
            yield answer
        finally:
            with self._lock:
                self._socket = None
            answer.close()
            connection.close()

    def _tried(
        self, method: str, path: str, body: bytes | None
    ) -> tuple[http.client.HTTPConnection, http.client.HTTPResponse]:
        place = self.address.path + path
        for _ in range(2):
            connection = self._connected()
            try:
                answer = self._asked(connection, method, place, body)
                if answer.status == 200:
                    return connection, answer
                if answer.status not in _REDIRECTS:
                    raise self._refusal(answer)
                place = self._elsewhere(answer)
            except BaseException:
                connection.close()
                raise
            connection.close()
        raise UserError(N_("The server sends every request elsewhere."), N_("Check the address."))

    def _connected(self) -> http.client.HTTPConnection:
        """A connection; raises UserError where the certificate is no good, _TransientError where nobody answers."""
        host, port, timeout = self.address.host.strip("[]"), self.address.port, self.patience.connect_s
        self._check_stopped()
        connection = (
            http.client.HTTPSConnection(host, port, timeout=timeout, context=ssl.create_default_context())
            if self.address.scheme == "https"
            else http.client.HTTPConnection(host, port, timeout=timeout)
        )
        try:
            connection.connect()
        except ssl.SSLCertVerificationError as error:
            raise UserError(
                N_("“{host}” cannot prove that it is the one it says it is (certificate).").format(
                    host=self.address.name
                ),
                N_("Check the address. Nothing was sent."),
            ) from error
        except ssl.SSLError as error:
            raise UserError(
                N_("“{host}” does not encrypt the connection.").format(host=self.address.name),
                N_("Where that is all right, begin the address with “http:”."),
            ) from error
        except OSError as error:
            self._check_stopped()
            raise _TransientError(self._nobody(error)) from error
        connection.sock.settimeout(self.patience.first_s)
        with self._lock:
            self._socket = connection.sock
        self._check_stopped()
        return connection

    def _asked(
        self, connection: http.client.HTTPConnection, method: str, place: str, body: bytes | None
    ) -> http.client.HTTPResponse:
        headers = {"Accept": f"{_STREAM}, {_JSON}", "User-Agent": "manifold-studio", "Connection": "close"}
        if body is not None:
            headers["Content-Type"] = _JSON
        if self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        try:
            connection.request(method, place, body, headers)
            return connection.getresponse()
        except (http.client.RemoteDisconnected, ConnectionError) as error:
            self._check_stopped()
            raise _TransientError(broken_off()) from error
        except http.client.HTTPException as error:
            self._check_stopped()
            raise UserError(
                N_("“{host}” does not speak HTTP.").format(host=self.address.name), N_("Check the address.")
            ) from error
        except OSError as error:
            self._check_stopped()
            raise silent() from error

    def _refusal(self, answer: http.client.HTTPResponse) -> Exception:
        """What is said of another status than 200."""
        words = self._words(answer)
        if answer.status in _TRY_AGAIN:
            title = (
                N_("The server has too many requests just now, or your account is used up.")
                if answer.status == 429
                else N_("The server failed (status {n}).").format(n=answer.status)
            )
            return _TransientError(UserError(title, words or N_("Try again later.")), _wait_s(answer))
        if answer.status in (401, 403):
            title = N_("The server does not accept the key.") if self._key else N_("The server asks for a key.")
            return RefusedError(answer.status, words, title, words or N_("Connect again with the right key."))
        if answer.status in (404, 405) and not words:
            title = N_("“{host}” has no such interface (status {n}).").format(host=self.address.name, n=answer.status)
            return RefusedError(answer.status, words, title, N_("Check the address; most end with “/v1”."))
        title = N_("The server refused (status {n}).").format(n=answer.status)
        return RefusedError(answer.status, words, title, words)

    def _words(self, answer: http.client.HTTPResponse) -> str:
        """What the server says of its refusal, without the key; nothing where that is no message."""
        try:
            told = read_object(answer.read(MAX_BODY_BYTES))
        except (UserError, OSError, http.client.HTTPException, ValueError):
            return ""
        error = told.get("error", told.get("detail", told.get("message")))
        if error is None:
            return ""
        words = str(server_error(error))
        return words.replace(self._key, "…") if self._key else words

    def _elsewhere(self, answer: http.client.HTTPResponse) -> str:
        """The path that a redirect names on the same server; raises UserError for any other server."""
        here = f"{self.address.scheme}://{self.address.name}{self.address.path}/"
        try:
            there = read_address(urljoin(here, answer.headers.get("Location", "")))
        except (UserError, ValueError):
            there = None
        if there is not None and there.origin == self.address.origin and answer.status in (307, 308):
            return urljoin(here, answer.headers.get("Location", "")).partition(self.address.name)[2]
        raise UserError(
            N_("“{host}” sends requests on to another place, which was not followed.").format(host=self.address.name),
            N_("Type the address of that server: {there}").format(there=there or "?")
            if there is not None
            else N_("Check the address."),
        )

    def _nobody(self, error: OSError) -> UserError:
        if isinstance(error, socket.gaierror):
            return UserError(
                N_("There is no server called “{host}”.").format(host=self.address.name),
                N_("Check the address and the connection to the network."),
            )
        return UserError(
            N_("No server answers at “{host}”.").format(host=self.address.name),
            N_("Start the server, or check its address and port."),
        )

    def _check_stopped(self) -> None:
        if self._is_stopped.is_set():
            raise StoppedError


def broken_off() -> UserError:
    """What to say where a connection ends too early."""
    return UserError(
        N_("The server broke off in the middle."), N_("What it wrote so far stays. Write on to ask it again.")
    )


def silent() -> UserError:
    """What to say where nothing comes for too long."""
    return UserError(
        N_("The server has said nothing for too long."), N_("Try again, or look whether the server still works.")
    )


def _bounded(answer: http.client.HTTPResponse) -> bytes:
    data = answer.read(MAX_BODY_BYTES + 1)
    if len(data) > MAX_BODY_BYTES:
        raise too_large()
    return data


def _wait_s(answer: http.client.HTTPResponse) -> float:
    """How long the server wants one to wait; 0 where it does not say."""
    text = answer.headers.get("Retry-After", "")
    return float(text) if text.isascii() and text.isdigit() and len(text) < 5 else 0.0
