"""Fixtures that every test may ask for; no test touches the settings or the data of its user."""

import gc
import importlib
import logging
import math
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings
from pytestqt.qtbot import QtBot

from studio.core.place import DATA_VARIABLE, HOME_VARIABLE, MODELS_VARIABLE
from tests.render.export.browser import BROWSERS, browsing, found
from tests.sync_worker import SteppedWorker, SyncWorker

if TYPE_CHECKING:
    import moderngl
    from PySide6.QtWidgets import QWidget

    from studio.compute.worker import Worker
    from studio.widgets.dispatcher import Dispatcher

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["LANGUAGE"] = "en"  # the sentences of the tests are English, whatever the system speaks
# Two workers share two cores: a second thread that waits in a loop for a core makes a small network 25 times as slow.
# So torch has one thread in each, and where a test chooses a device with two of them, a waiting one sleeps.
N_THREADS = 1
os.environ.setdefault("OMP_NUM_THREADS", str(N_THREADS))
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
BUILT_IN = {path.parent.name for path in Path(__file__).parents[1].glob("plugins/*/family.py")}
# What browsers say without a graphics card: Chromium when a test takes a picture out of a canvas, Firefox at once.
NO_GPU = ("GPU stall due to ReadPixels", "Failed to create WebGL context")
# What is waited for comes within milliseconds, except on a machine that much else runs on.
QtBot.waitUntil.__kwdefaults__ = {"timeout": 60_000}
QtBot.waitSignal.__kwdefaults__ = {"timeout": 60_000, "raising": None, "check_params_cb": None}
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")
# Compiling all kernels takes a minute: every test, child process and run shares them, though each has its own home.
os.environ.setdefault("NUMBA_CACHE_DIR", os.fspath(Path(__file__).parents[1] / ".pytest_cache" / "kernels"))


ENDS_S = pytest.StashKey[float]()
LARGE_FIRST = ("contract", "shell", "fuzz", "cli", "plugins")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--families", metavar="ID,ID", help="of the contract only the part of these families")
    parser.addoption("--minutes", type=float, default=math.inf, help="begin no test after so many minutes")


def pytest_sessionstart(session: pytest.Session) -> None:
    session.stash[ENDS_S] = time.monotonic() + 60 * session.config.getoption("--minutes")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Leave out what there is no time left for; the summary counts it."""
    if time.monotonic() > item.session.stash[ENDS_S]:
        pytest.skip("left out: the minutes that were given are over")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with the folders of large files: one of them begun last would keep a single core for a minute."""
    for item in items:
        for mark in item.iter_markers("long"):
            if not mark.args:
                raise pytest.UsageError(f"{item.nodeid} is long: its marker has to say why")
    if families := config.getoption("--families"):
        dropped = [item for item in items if not _is_of(item, set(families.split(",")))]
        config.hook.pytest_deselected(items=dropped)
        items[:] = [item for item in items if item not in set(dropped)]
    _let_loggers_propagate()
    places = {name: place for place, name in enumerate(LARGE_FIRST)}
    items.sort(key=lambda item: places.get(item.path.relative_to(item.config.rootpath).parts[1], len(places)))


def _let_loggers_propagate() -> None:
    """Those of torch do not, each of which pytest attends to one by one, six times a test."""
    for name, logger in logging.root.manager.loggerDict.items():
        if name.partition(".")[0] in ("torch", "c10d-NullHandler-default") and isinstance(logger, logging.Logger):
            logger.propagate = True


def _is_of(item: pytest.Item, families: set[str]) -> bool:
    """Whether a test says nothing of families, or something of one of these; those of the tests count as each."""
    if "contract" not in item.path.parts:
        return True
    named = set(re.split(r"\W", item.nodeid.partition("[")[2])) & BUILT_IN
    return not named or bool(named & families)


@pytest.fixture(scope="session", autouse=True)
def no_home_of_the_user(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What is made once for a file or for all of them finds no data of the user either."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(HOME_VARIABLE, str(tmp_path_factory.mktemp("home")))
        patch.delenv(DATA_VARIABLE, raising=False)
        patch.delenv(MODELS_VARIABLE, raising=False)
        yield


@pytest.fixture(autouse=True)
def studio_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder for settings, data, cache and logs; child processes inherit it."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv(HOME_VARIABLE, str(home))
    monkeypatch.delenv(DATA_VARIABLE, raising=False)
    monkeypatch.delenv(MODELS_VARIABLE, raising=False)
    return home


class _Warnings(logging.Handler):
    """Keeps what our own modules log at warning level and above."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.name.startswith(("studio", "plugins")):
            self.lines.append(f"{record.levelname} {record.name}: {record.getMessage()}")


@pytest.fixture(autouse=True)
def no_unexpected_log(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fails a test in which the program logs a warning, unless the test reads `caplog`."""
    expects_log = "caplog" in request.fixturenames
    warnings = _Warnings()
    logging.getLogger().addHandler(warnings)
    yield
    logging.getLogger().removeHandler(warnings)
    if warnings.lines and not expects_log:
        pytest.fail("unexpected log: " + "; ".join(warnings.lines), pytrace=False)


def _windows() -> "set[QWidget]":
    """The widgets that stand on their own; none while Qt is not loaded."""
    if "PySide6.QtWidgets" not in sys.modules:
        return set()
    from PySide6.QtWidgets import QApplication

    if QApplication.instance() is None:
        return set()
    return {w for w in QApplication.topLevelWidgets() if w.parent() is None and not w.inherits("QTipLabel")}


def _left(known: "set[QWidget]", threads: set[threading.Thread]) -> "set[QWidget]":
    """The windows left; garbage is looked for only where one, or a thread, is left that its test did not end itself.

    What was deleted with a window may be what held the last of it, so that is done twice.
    """
    for search in (int, gc.collect, gc.collect):
        if not (_windows() - known or set(threading.enumerate()) - threads):
            break
        search()
        _delete_later()
    return _windows() - known


def _delete_later() -> None:
    """Delete what Qt was asked to delete; nothing while Qt is not loaded."""
    qt = sys.modules.get("PySide6.QtCore")
    if qt is not None and qt.QCoreApplication.instance() is not None:
        qt.QCoreApplication.sendPostedEvents(None, qt.QEvent.Type.DeferredDelete)


@pytest.fixture(autouse=True)
def plots_at_once() -> Iterator[None]:
    """A test whose file shows plots finds them drawn at once; the window brings them on a thread, which is awaited."""
    if "studio.widgets.plots.view" in sys.modules:
        importlib.import_module("studio.widgets.plots.sheet")
    yield
    for thread in threading.enumerate():
        if thread.name == "plots":
            thread.join()


@pytest.fixture(autouse=True)
def few_threads() -> Iterator[None]:
    """Torch computes with as many threads in each test, whatever device the test before it chose."""
    yield
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(N_THREADS)


_N_NEW_MODULES = 100


def _pass_over_modules(known: int = 0) -> Iterator[None]:
    """Takes what modules hold out of every later search for garbage, each time that many new ones were loaded.

    It lives as long as the process; to look through torch and Qt again after each window takes a third of a second.
    """
    while True:
        if len(sys.modules) > known + _N_NEW_MODULES:
            gc.collect()
            gc.freeze()
            known = len(sys.modules)
        yield


_passing_over_modules = _pass_over_modules()


def _let_buttons_go() -> None:
    """Release the mouse that a test before held: while somebody drags, nothing is saved."""
    qt = sys.modules.get("PySide6.QtGui")
    if qt is None or qt.QGuiApplication.instance() is None or not qt.QGuiApplication.mouseButtons().value:
        return
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest

    window = qt.QWindow()
    window.create()
    for button in (Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton, Qt.MouseButton.MiddleButton):
        if qt.QGuiApplication.mouseButtons() & button:
            QTest.mouseRelease(window, button)


@pytest.fixture(autouse=True)
def no_leak() -> Iterator[None]:
    """Fails a test that leaves a window or a thread behind.

    Garbage is collected between tests, as the program does between moves: a test's window that nobody holds any more
    would be deleted in the midst of its own paint.
    """
    _let_buttons_go()
    windows, threads = _windows(), set(threading.enumerate())
    next(_passing_over_modules)
    gc.disable()
    yield
    gc.enable()
    left = _left(windows, threads)
    for window in left:
        window.deleteLater()
    running = set(threading.enumerate()) - threads
    for thread in running:
        thread.join(timeout=5)
    names = [repr(window) for window in left] + [t.name for t in running if t.is_alive()]
    if names:
        pytest.fail("left behind: " + ", ".join(names), pytrace=False)


@pytest.fixture(scope="session")
def x_display() -> Iterator[dict[str, str]]:
    """What to add to `os.environ` for a child process that draws on a real X server of 1600x1000 pixels."""
    server, display = start_xvfb()
    yield {"DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}
    server.terminate()
    server.wait()


def start_xvfb(*options: str) -> tuple["subprocess.Popen[bytes]", str]:
    """An X server of its own, and its name; the test is skipped where there is none to start."""
    if shutil.which("Xvfb") is None:
        pytest.skip("Xvfb is not installed")
    reading, writing = os.pipe()
    screen = ["-screen", "0", "1600x1000x24", "-nolisten", "tcp", "-displayfd", str(writing), *options]
    server = subprocess.Popen(["Xvfb", *screen], pass_fds=[writing], stderr=subprocess.DEVNULL)
    os.close(writing)
    with os.fdopen(reading) as number:
        return server, f":{number.readline().strip()}"


@pytest.fixture
def gl_context() -> "Iterator[moderngl.Context]":
    """An OpenGL 3.3 context without a window; fails a test that leaves an OpenGL error behind."""
    import moderngl

    settings: dict[str, Any] = {"standalone": True, "backend": "egl"}  # moderngl's stubs know fewer types
    try:
        context = moderngl.create_context(**settings)
    except Exception as problem:
        pytest.skip(f"there is no OpenGL without a window here: {problem}")
    assert context.error == "GL_NO_ERROR"
    yield context
    error = context.error
    context.release()
    assert error == "GL_NO_ERROR"


@pytest.fixture
def still(qapp: object) -> Iterator[None]:
    """Nothing moves by itself."""
    from studio.widgets.motion import motion

    motion().reduce(True)
    yield
    motion().reduce(False)


@pytest.fixture
def dispatcher(qapp: object) -> "Iterator[Dispatcher]":
    """Brings deliveries to the main thread."""
    from studio.widgets.dispatcher import Dispatcher

    dispatcher = Dispatcher()
    yield dispatcher
    dispatcher.deleteLater()


@pytest.fixture
def sync_worker(dispatcher: "Dispatcher") -> SyncWorker:
    """A worker on which work is done before `submit` returns."""
    return SyncWorker(dispatcher.deliver)


@pytest.fixture
def stepped_worker(dispatcher: "Dispatcher") -> SteppedWorker:
    """A worker that the test advances yield by yield."""
    return SteppedWorker(dispatcher.deliver)


@pytest.fixture
def real_worker(dispatcher: "Dispatcher") -> "Iterator[Worker]":
    """A worker with a thread of its own, which ends before its dispatcher however the test goes."""
    from studio.compute.worker import Worker

    worker = Worker(dispatcher.deliver)
    yield worker
    assert worker.close()


@pytest.fixture(scope="module", params=[name for name in BROWSERS if name in ("chromium", "firefox-esr")])
def browser(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A browser without a window; at the end it has complained of nothing and asked nobody for anything."""
    kind = BROWSERS[request.param]
    name = next((one for one in found() if BROWSERS[one] is kind), None)
    if name is None:
        pytest.skip(f"there is no {request.param} on this computer (Debian: apt-get install {request.param})")
    with browsing(name, tmp_path_factory.mktemp("browser")) as one:
        yield one
        assert [error for error in one.errors() if not any(words in error for words in NO_GPU)] == []
        assert one.requests() == []
