"""What can be asked about a picture, declared once for the panel, the command line and the files."""

from dataclasses import dataclass

from studio.core.param import param
from studio.core.translation import N_

MAX_FACES = 64


@dataclass(frozen=True)
class DescribeParams:
    """Which face, what is asked of it, and how widely to search."""

    prompt: str = param(
        "",
        label=N_("Question"),
        help=N_("What you want to know about the face, in English. Without a question, the face is described."),
    )
    seed: int = param(1, label=N_("Face"), help=N_("Which of the model’s faces is shown."), low=1, high=MAX_FACES)
    lanes: int = param(
        3,
        label=N_("Lanes"),
        help=N_("How many texts are tried side by side; 1 always takes the likeliest next word (beam width)."),
        low=1,
        high=8,
    )
