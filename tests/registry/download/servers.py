"""Plays a hub and a package index on the loopback, with all that can go wrong there."""

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

REPO = "somebody/little"
SCHEME = "http:" + "//"
SHA = "0123456789abcdef0123456789abcdef01234567"


class Hub(ThreadingHTTPServer):
    """Attributes: files by name; what is said of them; how it misbehaves; what it was asked."""

    daemon_threads = False

    def __init__(self, files: dict[str, bytes]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files = files
        self.said_sizes: dict[str, int] = {}
        self.said_names: list[str] = []
        self.status = 200
        self.breaks_after: int | None = None
        self.redirects_to = ""
        self.sends_more = 0
        self.ranges: list[str | None] = []
        self.authorizations: list[str | None] = []
        self.stall = threading.Event()
        self.stalls = False
        self.stalls_in, self.stalls_after = "", 0  # a file, and how much of it comes before
        self.asked: list[str] = []

    @property
    def address(self) -> str:
        return f"{SCHEME}127.0.0.1:{self.server_address[1]}"

    def info(self) -> dict:
        siblings = []
        for name in [*self.files, *self.said_names]:
            data = self.files.get(name, b"")
            size = self.said_sizes.get(name, len(data))
            one = {"rfilename": name, "size": size, "blobId": _blob_id(data)}
            if name.endswith((".gguf", ".safetensors")):
                digest = hashlib.sha256(data).hexdigest()
                one["lfs"] = {"sha256": digest, "size": size, "pointerSize": 130}
            siblings.append(one)
        return {"id": REPO, "modelId": REPO, "sha": SHA, "siblings": siblings, "cardData": {"license": "mit"}}


class _Handler(BaseHTTPRequestHandler):
    server: Hub

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        hub, path = self.server, self.path.partition("?")[0]
        if hub.status != 200:
            self._send(hub.status, b"{}")
        elif path == f"/api/models/{REPO}":
            self._send(200, json.dumps(hub.info()).encode())
        elif path.startswith("/api/"):
            self._send(404, b"{}", {"X-Error-Code": "RepoNotFound"})
        else:
            name = path.partition(f"/resolve/{SHA}/")[2]
            self._send_file(name)

    def _send_file(self, name: str) -> None:
        hub = self.server
        hub.asked.append(name)
        hub.ranges.append(self.headers["Range"])
        hub.authorizations.append(self.headers["Authorization"])
        if hub.redirects_to:
            self._send(302, b"", {"Location": f"{hub.redirects_to}{self.path}"})
            return
        data = hub.files[name] + bytes(hub.sends_more)
        start = int((self.headers["Range"] or "bytes=0-").partition("=")[2].rstrip("-"))
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(data) - start))
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        self.end_headers()
        if hub.stalls:
            hub.stall.wait()
            self.close_connection = True
            return
        rest = data[start:]
        if name == hub.stalls_in:
            self.wfile.write(rest[: hub.stalls_after])
            hub.stall.wait()
            self.close_connection = True
            return
        if hub.breaks_after is not None:
            rest = rest[: hub.breaks_after]
            self.close_connection = True
        self.wfile.write(rest)

    def _send(self, status: int, data: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


@contextmanager
def running(server: ThreadingHTTPServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield
    finally:
        getattr(server, "stall", threading.Event()).set()
        server.shutdown()
        server.server_close()
        thread.join()


class Index(ThreadingHTTPServer):
    """A package index with wheels by their file names."""

    daemon_threads = False

    def __init__(self, wheels: dict[str, bytes]) -> None:
        super().__init__(("127.0.0.1", 0), _IndexHandler)
        self.wheels = wheels

    @property
    def address(self) -> str:
        return f"{SCHEME}127.0.0.1:{self.server_address[1]}/simple"


class _IndexHandler(BaseHTTPRequestHandler):
    server: Index

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        name = self.path.rpartition("/")[2]
        if name in self.server.wheels:
            data, kind = self.server.wheels[name], "application/zip"
        else:
            links = "".join(f'<a href="/files/{wheel}">{wheel}</a>' for wheel in self.server.wheels)
            data, kind = f"<!DOCTYPE html><html><body>{links}</body></html>".encode(), "text/html"
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def _blob_id(data: bytes) -> str:
    return hashlib.sha1(f"blob {len(data)}\0".encode() + data).hexdigest()
