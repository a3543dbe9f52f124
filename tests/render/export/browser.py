"""Real browsers without a window, driven through their own protocols: what a page does, and what it asks for.

Chromium speaks JSON over two pipes (the DevTools protocol), Firefox over a socket (Marionette).
"""

import itertools
import json
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

Point = tuple[float, float]
PATIENCE_S = 60


class Browser(Protocol):
    """A page in a browser. Its errors, and what it asked of any network, are counted from the start of the browser."""

    def open(self, path: Path) -> None:
        """Load a file and wait until it has loaded."""

    def run(self, script: str) -> Any:
        """The value of a JavaScript expression, a promise awaited."""

    def drag(self, *points: Point) -> None:
        """Press at the first point, move over the others, let go at the last; in pixels of the page."""

    def press(self, key: str) -> None:
        """Press a key: "ArrowLeft", "Space"."""

    def errors(self) -> list[str]:
        """What the console holds of errors and warnings."""

    def requests(self) -> list[str]:
        """The addresses that were asked for, but those of files and of data inside the page."""

    def close(self) -> None:
        """End it."""


def until(browser: Browser, script: str) -> None:
    """Wait until an expression is true; AssertionError after a minute."""
    ends_at = time.monotonic() + PATIENCE_S
    while not browser.run(script):
        assert time.monotonic() < ends_at, script


class Chromium:
    """Chromium by the DevTools protocol."""

    def __init__(self, program: str, folder: Path) -> None:
        down, up = os.pipe(), os.pipe()
        words = [
            program,
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--enable-unsafe-swiftshader",  # scenes are drawn without a graphics card here
            "--no-first-run",
            "--remote-debugging-pipe",
        ]
        words += [
            f"--user-data-dir={folder}",
            "--window-size=900,900",
            "--hide-scrollbars",
            "--mute-audio",
            "about:blank",
        ]
        words += ["--autoplay-policy=no-user-gesture-required", "--disable-background-networking"]
        self._child = subprocess.Popen(
            ["bash", "-c", f'exec "$@" 3<&{down[0]} 4>&{up[1]}', "bash", *words],
            pass_fds=(down[0], up[1]),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        os.close(down[0])
        os.close(up[1])
        self._out, self._in = os.fdopen(down[1], "wb", buffering=0), os.fdopen(up[0], "rb")
        self._numbers, self._rest, self._session = itertools.count(1), b"", ""
        self.events: list[dict[str, Any]] = []
        targets = self._ask("Target.getTargets")["targetInfos"]
        page = next(one["targetId"] for one in targets if one["type"] == "page")
        self._session = self._ask("Target.attachToTarget", targetId=page, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self._ask(f"{domain}.enable")

    def _ask(self, method: str, **params: Any) -> Any:
        number = next(self._numbers)
        session = {"sessionId": self._session} if self._session else {}
        self._out.write(json.dumps({"id": number, "method": method, "params": params, **session}).encode() + b"\0")
        while True:
            told = self._next()
            if told.get("id") == number:
                assert "error" not in told, told
                return told["result"]
            self.events.append(told)

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            piece = self._in.read1(1 << 20)
            assert piece, "the browser has ended"
            self._rest += piece
        one, _mark, self._rest = self._rest.partition(b"\0")
        return dict(json.loads(one))

    def open(self, path: Path) -> None:
        self._ask("Page.navigate", url=path.as_uri())
        until(self, f"location.href === {json.dumps(path.as_uri())} && document.readyState === 'complete'")

    def run(self, script: str) -> Any:
        told = self._ask("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in told, told
        return told["result"].get("value")

    def drag(self, *points: Point) -> None:
        kinds = ["mousePressed", *["mouseMoved"] * (len(points) - 1), "mouseReleased"]
        for kind, (x, y) in zip(kinds, [*points, points[-1]], strict=True):
            held = {"button": "left", "buttons": int(kind != "mouseReleased"), "clickCount": 1}
            self._ask("Input.dispatchMouseEvent", type=kind, x=x, y=y, **held)

    def touch(self, *points: Point) -> None:
        """The same with a finger."""
        kinds = ["touchStart", *["touchMove"] * (len(points) - 1)]
        for kind, (x, y) in zip(kinds, points, strict=True):
            self._ask("Input.dispatchTouchEvent", type=kind, touchPoints=[{"x": x, "y": y}])
        self._ask("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])

    def press(self, key: str) -> None:
        name, code = (" ", "Space") if key == "Space" else (key, key)
        numbers = {
            "Space": 32,
            "ArrowLeft": 37,
            "ArrowUp": 38,
            "ArrowRight": 39,
            "ArrowDown": 40,
            "Home": 36,
            "End": 35,
        }
        text = {"text": " "} if key == "Space" else {}
        told = {"key": name, "code": code, "windowsVirtualKeyCode": numbers[key]}
        self._ask("Input.dispatchKeyEvent", type="keyDown", **told, **text)
        self._ask("Input.dispatchKeyEvent", type="keyUp", **told)

    def look(self, name: str) -> None:
        """Prefer "light" or "dark"."""
        self._ask("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": name}])

    def shot(self, path: Path) -> None:
        """Save what the page looks like as a PNG."""
        from base64 import b64decode

        path.write_bytes(b64decode(self._ask("Page.captureScreenshot")["data"]))

    def errors(self) -> list[str]:
        self.run("0")
        bad = []
        for event in self.events:
            params = event.get("params", {})
            if event["method"] == "Runtime.exceptionThrown":
                bad.append(str(params["exceptionDetails"]))
            elif event["method"] == "Log.entryAdded" and params["entry"]["level"] in ("error", "warning"):
                bad.append(params["entry"]["text"])
            elif event["method"] == "Runtime.consoleAPICalled" and params["type"] in ("error", "warning", "assert"):
                bad.append(str(params["args"]))
        return bad

    def requests(self) -> list[str]:
        self.run("0")
        asked = [one["params"]["request"]["url"] for one in self.events if one["method"] == "Network.requestWillBeSent"]
        return [url for url in asked if not url.startswith(("file:", "data:", "about:"))]

    def close(self) -> None:
        os.killpg(self._child.pid, signal.SIGKILL)
        self._child.wait()
        self._out.close()
        self._in.close()


WATCH = """
const {Services} = globalThis;
globalThis.asked = [];
globalThis.watch = {observe(subject) {
  const one = subject.QueryInterface(Ci.nsIHttpChannel);
  if (one.loadInfo && one.loadInfo.browsingContext) globalThis.asked.push(one.URI.spec);
}};
Services.obs.addObserver(globalThis.watch, "http-on-modify-request");
Services.console.reset();
"""
ERRORS = """
return Services.console.getMessageArray().filter(one => one instanceof Ci.nsIScriptError)
  .filter(one => (one.sourceName || "").startsWith("file:")).map(one => one.errorMessage);
"""
KEYS = {"Space": " ", "ArrowLeft": "\ue012", "ArrowUp": "\ue013", "ArrowRight": "\ue014", "ArrowDown": "\ue015"}


class Firefox:
    """Firefox by Marionette."""

    def __init__(self, program: str, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        settings = {"marionette.port": port, "ui.systemUsesDarkTheme": 1, "media.volume_scale": "0.0"}
        lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in settings.items()]
        (folder / "user.js").write_text("\n".join(lines))
        self._child = subprocess.Popen(
            [program, "--headless", "--marionette", "--remote-allow-system-access", "--profile", str(folder)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "MOZ_HEADLESS_WIDTH": "900", "MOZ_HEADLESS_HEIGHT": "1000"},
            start_new_session=True,
        )
        self._socket = self._connected(port)
        self._in = self._socket.makefile("rb")
        self._numbers = itertools.count(1)
        self._told()
        self._ask("WebDriver:NewSession", capabilities={})
        self._in_chrome(WATCH)

    def _connected(self, port: int) -> socket.socket:
        ends_at = time.monotonic() + PATIENCE_S
        while True:
            try:
                return socket.create_connection(("127.0.0.1", port), PATIENCE_S)
            except ConnectionRefusedError:
                assert time.monotonic() < ends_at, "the browser does not answer"
                assert self._child.poll() is None, "the browser has ended"

    def _told(self) -> Any:
        n_bytes = b"".join(iter(lambda: self._in.read(1), b":"))
        return json.loads(self._in.read(int(n_bytes)))

    def _ask(self, command: str, **params: Any) -> Any:
        text = json.dumps([0, next(self._numbers), command, params])
        self._socket.sendall(f"{len(text)}:{text}".encode())
        _kind, _number, error, result = self._told()
        assert error is None, error
        return result

    def _in_chrome(self, script: str) -> Any:
        self._ask("Marionette:SetContext", value="chrome")
        try:
            return self._ask("WebDriver:ExecuteScript", script=script, args=[], sandbox="system")["value"]
        finally:
            self._ask("Marionette:SetContext", value="content")

    def open(self, path: Path) -> None:
        self._ask("WebDriver:Navigate", url=path.as_uri())

    def run(self, script: str) -> Any:
        return self._ask("WebDriver:ExecuteScript", script=f"return ({script});", args=[], sandbox=None)["value"]

    def drag(self, *points: Point) -> None:
        moves = [{"type": "pointerMove", "duration": 0, "x": round(x), "y": round(y)} for x, y in points]
        steps = [moves[0], {"type": "pointerDown", "button": 0}, *moves[1:], {"type": "pointerUp", "button": 0}]
        self._act({"type": "pointer", "id": "hand", "parameters": {"pointerType": "mouse"}, "actions": steps})

    def press(self, key: str) -> None:
        steps = [{"type": kind, "value": KEYS[key]} for kind in ("keyDown", "keyUp")]
        self._act({"type": "key", "id": "keys", "actions": steps})

    def _act(self, actions: dict[str, Any]) -> None:
        self._ask("WebDriver:PerformActions", actions=[actions])

    def errors(self) -> list[str]:
        return list(self._in_chrome(ERRORS))

    def requests(self) -> list[str]:
        return list(self._in_chrome("return globalThis.asked;"))

    def close(self) -> None:
        os.killpg(self._child.pid, signal.SIGKILL)
        self._child.wait()
        self._in.close()
        self._socket.close()


BROWSERS: dict[str, Callable[[str, Path], Browser]] = {
    "chromium": Chromium,
    "firefox-esr": Firefox,
    "firefox": Firefox,
    "google-chrome": Chromium,
}


def found() -> dict[str, str]:
    """The browsers on this computer: where each stands; one of each sort."""
    programs = {name: shutil.which(name) for name in BROWSERS}
    kinds = {BROWSERS[name]: name for name in reversed(BROWSERS) if programs[name]}
    return {name: str(programs[name]) for name in kinds.values()}


@contextmanager
def browsing(name: str, folder: Path) -> Iterator[Any]:
    """A browser of this name while the block runs."""
    browser = BROWSERS[name](found()[name], folder / "profile")
    try:
        yield browser
    finally:
        browser.close()
