"""What models of all kinds can be asked for, declared once for their panels, the command line and the files."""

from typing import Any

from studio.core.param import param
from studio.core.seed import MAX_SEED
from studio.core.translation import N_


def seed_param(help: str) -> Any:
    """The number that says which picture; `help` says how."""
    return param(1, label=N_("Seed"), help=help, low=0, high=MAX_SEED, step=1)


def example_param() -> Any:
    """The number of the picture that came with the model and is changed."""
    return seed_param(N_("The number of the example picture that is changed. The same number gives the same picture."))
