"""Asks whether a screen can be reached before Qt does: Qt would end the program with a stack of its own words."""

import ctypes
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from studio.core.error import UserError
from studio.core.translation import N_

_LIBRARY: Final = "libxcb.so.1"
_VERBS: Final = N_("The commands in main.py --help work without one.")


@contextmanager
def held_display(environment: Mapping[str, str] = os.environ) -> Iterator[None]:
    """Hold the screen while Qt connects to it; Linux only.

    An X server whose last client goes begins anew, and ends whoever connects meanwhile: nothing else may hold it where
    this program is all that runs (a kiosk, Xvfb).

    Raises UserError where there is no screen, or the one that is named cannot be reached.
    """
    with ExitStack() as held:
        _hold(environment, held)
        yield


def _hold(environment: Mapping[str, str], held: ExitStack) -> None:
    if sys.platform != "linux" or environment.get("QT_QPA_PLATFORM", "xcb").partition(":")[0] not in ("xcb", "wayland"):
        return
    display = environment.get("DISPLAY")
    if not display and "WAYLAND_DISPLAY" not in environment:
        raise UserError(N_("There is no screen here, so the window cannot open."), _VERBS)
    if _has_wayland(environment) or (display and _has_x(display, held)):
        return
    named = display or environment.get("WAYLAND_DISPLAY", "")
    raise UserError(N_("The screen “{name}” cannot be reached, so the window cannot open.").format(name=named), _VERBS)


def _has_wayland(environment: Mapping[str, str]) -> bool:
    name = environment.get("WAYLAND_DISPLAY")
    return bool(name) and (Path(environment.get("XDG_RUNTIME_DIR", "/")) / str(name)).is_socket()


def _has_x(display: str, held: ExitStack) -> bool:
    """Whether an X server answers and lets us in; also True where its library is missing, of which Qt speaks itself."""
    try:
        library = ctypes.CDLL(_LIBRARY)
    except OSError:
        return True
    library.xcb_connect.restype = ctypes.c_void_p
    connection = ctypes.c_void_p(library.xcb_connect(display.encode(), None))
    held.callback(library.xcb_disconnect, connection)
    return not library.xcb_connection_has_error(connection)
