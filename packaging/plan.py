"""Answers two questions of setup.sh: what pip's settings are called by uv, and what an installation would download."""

import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path

# Where packages come from, as pip's settings name it, and the variable in which uv looks for the same.
VARIABLES = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "proxy": "ALL_PROXY",
    "cert": "SSL_CERT_FILE",
}
MEGABYTES_A_MINUTE = 300  # a line of 40 megabits a second


def uv_settings(pip_settings: str, environment: Mapping[str, str]) -> list[str]:
    """Shell lines that set what uv is not told yet; `pip_settings` is what `pip config list` prints."""
    found: dict[str, str] = {}
    for line in pip_settings.splitlines():
        match = re.fullmatch(r"(?:global|install|:env:)\.([a-z-]+)=(['\"])(.*)\2", line)
        if match and match[1] in VARIABLES:
            found[VARIABLES[match[1]]] = " ".join(match[3].replace("\\n", " ").split())
    return [f"export {name}={shlex.quote(value)}" for name, value in found.items() if name not in environment]


def download(lock: str) -> tuple[int, int]:
    """From a `pylock.toml`: how many packages, and megabytes; what lies on this computer costs nothing."""
    packages = tomllib.loads(lock)["packages"]
    files = [(package.get("wheels") or [package.get("sdist", {})])[0] for package in packages]
    return len(packages), round(sum(file.get("size", 0) for file in files) / 1e6)


def sentence(lock: str) -> str:
    """What is to come, as a person wants to know it."""
    n_packages, megabytes = download(lock)
    minutes = -(-megabytes // MEGABYTES_A_MINUTE)
    time = "about a minute" if minutes <= 1 else f"about {minutes} minutes at 40 Mbit/s"
    return f"{n_packages} packages, at most {megabytes} MB: {time}"


def main(arguments: list[str]) -> int:
    """`uv-settings` prints shell lines, `sentence LOCK` prints how much is to be downloaded."""
    if arguments == ["uv-settings"]:
        command = [sys.executable, "-m", "pip", "config", "list"]
        settings = subprocess.run(command, capture_output=True, text=True, check=False).stdout
        print(*uv_settings(settings, os.environ), sep="\n")
        return 0
    if len(arguments) == 2 and arguments[0] == "sentence":
        print(sentence(Path(arguments[1]).read_text(encoding="utf-8")))
        return 0
    print(main.__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
