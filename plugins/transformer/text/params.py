"""The settings of a text, declared once for the panel, the command line and the files."""

from dataclasses import dataclass
from typing import Final

from studio.core.param import (
    count_param,
    length_param,
    number_param,
    param,
    prompt_param,
    seed_param,
    share_param,
    temperature_param,
    text_param,
    top_p_param,
)
from studio.core.translation import N_

MAX_TOKENS: Final = 4096


@dataclass(frozen=True)
class TransformerParams:
    """What to write, and how the next token is chosen; what is typed into the text itself is in a frame's state."""

    prompt: str = prompt_param()
    is_raw: bool = param(
        False,
        label=N_("As it is"),
        help=N_("Continue the prompt as it is, even if the model has learnt to answer (no chat template)."),
    )
    seed: int = seed_param(N_("The number that all randomness starts from. The same number gives the same text."))
    length: int = length_param(48, MAX_TOKENS)
    is_greedy: bool = param(
        False,
        label=N_("Always the likeliest"),
        help=N_("Use the likeliest token every time instead of a random draw (greedy)."),
    )
    temperature: float = temperature_param(
        N_(
            "How adventurous the choice is: below 1, likely words become likelier; above 1, rare ones get more of "
            "a chance."
        ),
        0.9,
    )
    top_k: int = count_param(
        N_("Top-k"), N_("Only this many of the likeliest tokens may come next; 0 allows all."), 0, 1000, low=0
    )
    top_p: float = top_p_param()
    min_p: float = share_param(
        N_("Min-p"),
        N_("Only tokens with at least this share of the likeliest one’s probability may come next; 0 allows all."),
        default=0.0,
    )
    typical: float = share_param(
        N_("Typical"),
        N_("Only tokens about as surprising as usual at this point may come next; 1 allows all."),
        low=0.01,
    )
    repetition: float = number_param(
        N_("Repetition"),
        N_("How much less likely tokens become once they have been used; 1 is off."),
        1.0,
        1.0,
        3.0,
        0.05,
    )
    frequency: float = param(
        0.0,
        label=N_("Frequency"),
        help=N_("How much less likely a token becomes each time it is used; 0 is off."),
        low=0.0,
        high=3.0,
        step=0.05,
    )
    bias: str = text_param(
        N_("More or less of"), N_("Words that should come more often or less often, such as “king +2, the -1”.")
    )
    banned: str = text_param(N_("Never"), N_("Words that must not come, separated by commas."))
    choices: str = text_param(
        N_("Only one of"), N_("What may be written, one choice per line: the model picks one of these and stops.")
    )
    pattern: str = text_param(
        N_("Expression"), N_("What the whole written text has to match, including spaces (regular expression).")
    )
    schema: str = text_param(
        N_("Schema"), N_("What the written JSON has to look like: objects, lists, strings and numbers (JSON schema).")
    )
    steer: str = text_param(
        N_("Steering"),
        N_(
            "Directions that the network is pushed along, one per line: how far, from −100 to 100, and two texts in "
            "quotation marks or the number of a feature."
        ),
    )
    muted: str = text_param(
        N_("Switched off"),
        N_(
            "Parts of the network that are off, such as “head 3.5, layer 2, word 12”, counted from 1, or “fine-tuning”."
        ),
    )

    @property
    def change(self) -> str:
        """What is off and, on a second line, what steers: of which network a look inside is."""
        return f"{self.muted}\n{self.steer}" if self.steer else self.muted
