"""Whether torchrun started this process as one of several; known without torch."""

import os
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Launch:
    """What torchrun says to each process that it starts.

    Attributes:
        rank, n_ranks: this one among all.
        local_rank, n_local: this one among those of its machine.
    """

    rank: int
    n_ranks: int
    local_rank: int
    n_local: int


def launch(environment: Mapping[str, str] = os.environ) -> Launch | None:
    """What torchrun said, None where this process is the only one."""
    numbers = [environment.get(name, "") for name in ("RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE")]
    if not all(number.isdecimal() for number in numbers) or int(numbers[1]) < 2:
        return None
    return Launch(*map(int, numbers))
