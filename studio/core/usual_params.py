"""Parameters that models of several families have, declared once for their panels, the command line and the files."""

from typing import Any

from studio.core.param import param
from studio.core.seed import MAX_SEED
from studio.core.translation import N_


def seed_param(help: str, default: int = 1, high: int = MAX_SEED) -> Any:
    """The number of a run; `help` says what is made from it."""
    return param(default, label=N_("Seed"), help=help, low=0, high=high, step=1)


def temperature_param(help: str, default: float = 1.0) -> Any:
    """How daring the choice of what comes next is; `help` says what that means for it."""
    return param(default, label=N_("Temperature"), help=help, low=0.05, high=3.0, step=0.05)


def prompt_param() -> Any:
    """The text that is there already."""
    return param(
        "", label=N_("Prompt"), help=N_("The text that is gone on with. The model continues it; it does not answer.")
    )


def length_param(default: int, high: int) -> Any:
    """How long a text is written."""
    about = N_("How many tokens are written; a token is a word or a part of one.")
    return param(default, label=N_("Length"), help=about, low=0, high=high, step=1)


def top_p_param() -> Any:
    """How many of the likeliest tokens may come, by their probability together."""
    return share_param(
        N_("Top-p"),
        N_("Only the likeliest tokens that have this much probability together may come (nucleus); 1 allows all."),
        low=0.01,
    )


def share_param(label: str, help: str, default: float = 1.0, low: float = 0.0) -> Any:
    """A share from `low` to 1, in hundredths."""
    return param(default, label=label, help=help, low=low, high=1.0, step=0.01)
