"""What models of several kinds can be asked for, declared once for their panels, the command line and the files."""

from typing import Any, Final

from studio.core.param import param
from studio.core.seed import MAX_SEED
from studio.core.translation import N_

MAX_ENDINGS: Final = 4
"""Of one picture; each is made from a seed of its own, so that seeds stay this far below the largest one."""
MAX_TOKENS: Final = 4096
"""Of a prompt, and as many again of what is written behind it."""


def seed_param() -> Any:
    """The number of a run."""
    return param(
        1,
        label=N_("Seed"),
        help=N_("The number that all dice are rolled from. The same number gives the same result."),
        low=0,
        high=MAX_SEED - MAX_ENDINGS,
        step=1,
    )


def temperature_param(help: str) -> Any:
    """How daring the choice of what comes next is; `help` says what that means for it."""
    return param(1.0, label=N_("Temperature"), help=help, low=0.05, high=3.0, step=0.05)


def prompt_param() -> Any:
    """The text that is there already."""
    return param(
        "",
        label=N_("Prompt"),
        help=N_("The text that is gone on with. The model continues it; it does not answer."),
    )


def top_p_param() -> Any:
    """How many of the likeliest tokens may come, by their probability together."""
    return param(
        1.0,
        label=N_("Top-p"),
        help=N_("Only the likeliest tokens that have this much probability together may come (nucleus); 1 allows all."),
        low=0.01,
        high=1.0,
        step=0.01,
    )
