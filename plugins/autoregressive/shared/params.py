"""What models of several kinds can be asked for, declared once for their panels, the command line and the files."""

from typing import Any, Final

from studio.core.param import seed_param
from studio.core.seed import MAX_SEED
from studio.core.translation import N_

MAX_ENDINGS: Final = 4
"""Of one picture; each is made from a seed of its own, so that seeds stay this far below the largest one."""
MAX_TOKENS: Final = 4096
"""Of a prompt, and as many again of what is written behind it."""


def run_seed_param() -> Any:
    """The number of a run that may end in several ways."""
    about = N_("The number that all randomness starts from. The same number gives the same result.")
    return seed_param(about, high=MAX_SEED - MAX_ENDINGS)
