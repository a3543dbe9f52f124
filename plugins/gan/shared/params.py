"""What models of all kinds can be asked for, declared once for their panels, the command line and the files."""

from typing import Any

from studio.core.param import seed_param
from studio.core.translation import N_


def example_param() -> Any:
    """The number of the picture that came with the model and is changed."""
    return seed_param(N_("The number of the example picture to be changed. The same number gives the same picture."))
