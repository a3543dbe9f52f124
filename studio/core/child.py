"""How another Python of the same program is started: a fresh process, never a fork of this one."""

import os
import sys


def child_command(call: str, *arguments: str) -> list[str]:
    """What starts a process that runs `module:function`, which finds `arguments` in sys.argv[1:]."""
    module, _, function = call.partition(":")
    return [sys.executable, "-c", f"from {module} import {function}; {function}()", *arguments]


def child_environment() -> dict[str, str]:
    """The environment in which it finds the same packages as this process."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
