"""What a text with a long memory can be asked for, declared once for the panel, the command line and the files."""

from dataclasses import dataclass
from typing import Final

from studio.core.param import length_param, param, prompt_param, temperature_param, top_p_param
from studio.core.translation import N_

from ..shared.params import MAX_TOKENS, run_seed_param

MEMORY: Final = 512
SEGMENT: Final = 64


@dataclass(frozen=True)
class TextParams:
    """What to write, and how far back the model remembers."""

    seed: int = run_seed_param()
    temperature: float = temperature_param(
        N_(
            "How adventurous the choice is: below 1, likely values become likelier; above 1, rare ones get more of "
            "a chance."
        )
    )
    prompt: str = prompt_param()
    length: int = length_param(64, MAX_TOKENS)
    top_p: float = top_p_param()
    memory: int = param(
        MEMORY,
        label=N_("Memory"),
        help=N_("How many tokens before its own segment the model remembers (segment recurrence)."),
        low=0,
        high=MEMORY,
        step=SEGMENT,
    )
    cut: int = param(
        0,
        label=N_("Cut at"),
        help=N_("The segment starting with this token, and everything after it, knows nothing of what comes before."),
        low=0,
        high=2 * MAX_TOKENS,
        step=SEGMENT,
    )
