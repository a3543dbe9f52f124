"""What a text with gaps can be asked for, declared once for the panel, the command line and the files."""

from dataclasses import dataclass

from studio.core.param import prompt_param, temperature_param, top_p_param
from studio.core.translation import N_

from ..shared.params import run_seed_param


@dataclass(frozen=True)
class InfillParams:
    """What to fill in; the order of the gaps is in a frame's state."""

    seed: int = run_seed_param()
    temperature: float = temperature_param(
        N_("How daring the choice is: below 1 likely values get likelier, above 1 rare ones get a chance.")
    )
    prompt: str = prompt_param()
    top_p: float = top_p_param()
