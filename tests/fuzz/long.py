"""Tries ten thousand broken files for each reader, or ten minutes, and prints a table of what came of them.

python -m tests.fuzz.long [--files N] [--minutes M] [READER …]
"""

import argparse
import itertools
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.fuzz.bombs import bombs
from tests.fuzz.keeper import AT_ONCE, Outcome
from tests.fuzz.mutation import Mutation, drawn
from tests.fuzz.readers import READERS
from tests.fuzz.tried import KEPT, Net


def main() -> int:
    """Return how many readers came to a bad end; the files that did it are kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("readers", nargs="*", metavar="READER", help=", ".join(READERS))
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="fuzz-"))
    net = Net(folder / "net", options.readers or list(READERS))
    print("| reader | broken files | read | refused | bad | crafted files | bad |")
    print("|---|---|---|---|---|---|---|")
    n_bad = 0
    for reader in net.samples:
        told = Counter(one.kind for one in _broken(net, reader, options))
        crafted = [net.keeper.ask(reader, path) for _, path in bombs(reader, folder / "bombs" / reader)]
        bad = [sum(told.values()) - told["read"] - told["refused"], sum(not one.is_good for one in crafted)]
        shown = [sum(told.values()), told["read"], told["refused"], bad[0], len(crafted), bad[1]]
        print("|", " | ".join([reader, *(f"{one:,}" for one in shown)]), "|", flush=True)
        n_bad += any(bad)
    net.keeper.close()
    print(f"what came to a bad end is kept in {folder / 'net' / KEPT}", file=sys.stderr)
    return n_bad


def _broken(net: Net, reader: str, options: argparse.Namespace) -> Iterator[Outcome]:
    """What came of broken files, until there were enough or the time is over; one bad end of each sort is told."""
    end, seen = time.monotonic() + 60 * options.minutes, set[str]()
    for first in range(0, options.files, AT_ONCE):
        if time.monotonic() > end:
            return
        for outcome in net.outcomes(reader, _drawn(options.seed + first, min(AT_ONCE, options.files - first))):
            what = (outcome.text.strip().splitlines() or [""])[-1]
            if not outcome.is_good and what not in seen:
                seen.add(what)
                print(f"{reader}: {outcome.kind}\n{outcome.text}", file=sys.stderr, flush=True)
            yield outcome


def _drawn(seed: int, n: int) -> Sequence[Mutation]:
    return [drawn(random.Random(one)) for one in itertools.islice(itertools.count(seed), n)]


if __name__ == "__main__":
    sys.exit(main())
