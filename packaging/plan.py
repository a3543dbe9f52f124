"""Answers two questions of setup.sh: is a fitting torch there, and what would an installation download."""

import importlib.metadata
import json
import re
import sys
import tomllib
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

PYPROJECT = Path(__file__).parents[1] / "pyproject.toml"


def version_tuple(version: str) -> tuple[int, ...]:
    """ "2.13.0+cpu" -> (2, 13, 0)."""
    return tuple(int(part) for part in re.findall(r"\d+", version.partition("+")[0])[:3])


def torch_range(pyproject: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The lowest version of torch that will do, and the lowest that will not."""
    dependencies: list[str] = tomllib.loads(pyproject)["project"]["dependencies"]
    (spec,) = (line for line in dependencies if line.startswith("torch>="))
    lowest, too_high = spec.removeprefix("torch>=").split(",<")
    return version_tuple(lowest), version_tuple(too_high)


def has_torch() -> bool:
    """Whether this interpreter has a torch in the range of pyproject.toml."""
    try:
        found = version_tuple(importlib.metadata.version("torch"))
    except importlib.metadata.PackageNotFoundError:
        return False
    lowest, too_high = torch_range(PYPROJECT.read_text(encoding="utf-8"))
    return lowest <= found < too_high


def size_bytes(url: str) -> int:
    """What fetching `url` would cost; 0 for a file on this computer or when nobody says."""
    if url.startswith("file:"):
        return 0
    try:
        with urllib.request.urlopen(urllib.request.Request(url, method="HEAD"), timeout=10) as answer:
            return int(answer.headers.get("Content-Length", 0))
    except (urllib.error.URLError, OSError, ValueError):
        return 0


def download(report: str) -> tuple[str, int]:
    """From pip's report: "gpu" if torch comes with CUDA, else "cpu", and megabytes."""
    items = json.loads(report)["install"]
    names = [item["metadata"]["name"] for item in items]
    with ThreadPoolExecutor(16) as pool:
        total = sum(pool.map(size_bytes, [item["download_info"]["url"] for item in items]))
    has_cuda = any(name.startswith(("nvidia-", "cuda-")) for name in names)
    return "gpu" if has_cuda else "cpu", round(total / 1e6)


def main(arguments: list[str]) -> int:
    """`has-torch` answers with the exit code, `download REPORT` prints a kind and a number of megabytes."""
    if arguments == ["has-torch"]:
        return 0 if has_torch() else 1
    if len(arguments) == 2 and arguments[0] == "download":
        print(*download(Path(arguments[1]).read_text(encoding="utf-8")))
        return 0
    print(main.__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
