"""What a translation can be asked for, declared once for the panel, the command line and the files."""

from dataclasses import dataclass

from studio.core.param import param, prompt_param, text_param
from studio.core.translation import N_

MAX_EXAMPLES = 24


@dataclass(frozen=True)
class TranslateParams:
    """What to translate, and how widely to search."""

    prompt: str = prompt_param()
    seed: int = param(
        1,
        label=N_("Example"),
        help=N_("Which of the model’s example verses is translated where no text is given."),
        low=1,
        high=MAX_EXAMPLES,
    )
    lanes: int = param(
        4,
        label=N_("Lanes"),
        help=N_("How many translations are tried side by side; 1 always takes the likeliest next word (beam width)."),
        low=1,
        high=8,
    )
    penalty: float = param(
        1.0,
        label=N_("Favour length"),
        help=N_("At 0, short translations win for being short; the higher, the longer they become (length penalty)."),
        low=0.0,
        high=2.0,
    )
    task: str = text_param(
        N_("Task"), N_("Which of the things that an imported model was taught it does; empty where it has only one.")
    )
