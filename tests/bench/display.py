"""Gives the benchmarks a screen: an X server in memory where there is none."""

import atexit
import functools
import os
import shutil
import subprocess
import sys


@functools.cache
def screen() -> tuple[dict[str, str], str]:
    """Return the environment of a child process that shows a window, and what it is shown on in a few words."""
    own = dict(os.environ)
    if "QT_QPA_PLATFORM" in own and own["QT_QPA_PLATFORM"] != "xcb":
        return own, f"Qt platform {own['QT_QPA_PLATFORM']}"
    if sys.platform != "linux" or "DISPLAY" in own or "WAYLAND_DISPLAY" in own:
        return own, "the screen of this computer"
    if shutil.which("Xvfb") is None:
        return own | {"QT_QPA_PLATFORM": "offscreen"}, "no screen (Qt platform offscreen; Xvfb is not installed)"
    return own | {"DISPLAY": start_xvfb("1600x1000"), "QT_QPA_PLATFORM": "xcb"}, "Xvfb, 1600x1000"


def start_xvfb(size_px: str) -> str:
    """Start an X server of that size, such as "1280x720", which ends with this process; returns its name."""
    reading, writing = os.pipe()
    command = ["Xvfb", "-screen", "0", f"{size_px}x24", "-nolisten", "tcp", "-displayfd", str(writing)]
    server = subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL)
    atexit.register(server.terminate)
    os.close(writing)
    with os.fdopen(reading) as number:
        return f":{number.readline().strip()}"
