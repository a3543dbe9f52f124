"""The settings of a run, declared once for the panel, the command line and the files."""

from dataclasses import dataclass
from typing import Final, Literal

from studio.core.param import count_param, param, seed_param, text_param
from studio.core.translation import N_

SamplerName = Literal["ddim", "ddpm", "euler", "euler_ancestral", "heun", "dpmpp_2m", "lcm"]
Spacing = Literal["even", "karras", "cosine"]
SAMPLERS: Final[tuple[SamplerName, ...]] = ("ddim", "ddpm", "euler", "euler_ancestral", "heun", "dpmpp_2m", "lcm")
SPACINGS: Final[tuple[Spacing, ...]] = ("even", "karras", "cosine")
SAMPLER_TEXTS: Final = {
    "ddim": N_("DDIM"),
    "ddpm": N_("DDPM"),
    "dpmpp_2m": N_("DPM++"),
    "heun": N_("Heun"),
    "euler": N_("Euler"),
    "euler_ancestral": N_("Euler a"),
    "lcm": N_("LCM"),
}
SAMPLER_HINTS: Final = {
    "ddim": N_(
        "Straight steps without randomness: the same seed always ends much the same, even in a different "
        "number of steps (DDIM)"
    ),
    "ddpm": N_("The original one, with fresh noise in every step; it needs many steps (DDPM, ancestral sampling)"),
    "dpmpp_2m": N_("Looks at the last two steps to take a better one: good with few steps (DPM-Solver++ 2M)"),
    "heun": N_("Tries every step, then corrects it: accurate, but takes twice as long (Heun, second order)"),
    "euler": N_("The simplest step along the slope (Euler)"),
    "euler_ancestral": N_("Euler with fresh noise in every step: livelier, and never quite settled (Euler ancestral)"),
    "lcm": N_(
        "Jumps to the end and back with fresh noise: for models that were taught to draw in one to eight steps "
        "(latent consistency models)"
    ),
}
DrawnIn = Literal["1", "2", "4", "many"]
MANY: Final[DrawnIn] = "many"
DRAWN_IN: Final[tuple[DrawnIn, ...]] = ("1", "2", "4", MANY)
DRAWN_IN_TEXTS: Final = {"1": N_("1 step"), "2": "2", "4": "4", MANY: N_("Many steps")}
DRAWN_IN_HINTS: Final = {
    "1": N_("The whole way at once, as quick as your hand (a network distilled from the model’s own runs)"),
    "2": N_("Half of the way at once, twice (distilled)"),
    "4": N_("A quarter of the way at once, four times (distilled)"),
    MANY: N_("Every step of the model itself, as many as the slider says"),
}
SPACING_TEXTS: Final = {"even": N_("Even"), "karras": N_("Karras"), "cosine": N_("Cosine")}
SPACING_HINTS: Final = {
    "even": N_("Steps spaced evenly over the time scale of the training"),
    "karras": N_("Short steps where little noise is left, when the details are made (Karras 2022)"),
    "cosine": N_("Short steps at both ends"),
}
MAX_STEPS: Final = 1000
MAX_BATCH: Final = 16


@dataclass(frozen=True)
class DiffusionParams:
    """What to make: everything that decides a run but the picture that it may start from (a state)."""

    prompt: str = text_param(
        N_("Prompt"),
        N_("What the picture should show: words for scenes and faces, a digit, or an instrument and a note."),
    )
    negative: str = text_param(
        N_("Avoid"), N_("What the picture should not show; the model steers away from these words (negative prompt).")
    )
    seed: int = seed_param(N_("The number that the noise is made from. The same number gives the same picture."))
    sampler: str = param(
        "ddim",
        label=N_("Sampler"),
        help=N_("The method used to get from noise to the picture."),
        choices=SAMPLERS,
    )
    steps: int = param(
        25,
        label=N_("Steps"),
        help=N_("How many times the network looks at the picture. More steps are finer but slower."),
        low=1,
        high=MAX_STEPS,
        step=1,
        near=(1, 100),
    )
    guidance: float = param(
        3.0,
        label=N_("Guidance"),
        help=N_(
            "How strictly the picture follows the prompt: 0 ignores it, 1 follows it plainly, more is stricter and "
            "less varied."
        ),
        low=0.0,
        high=15.0,
        step=0.1,
    )
    eta: float = param(
        0.0,
        label=N_("Noise η"),
        help=N_("How much new noise each step of DDIM adds (eta, η): 0 is none, 1 is as much as DDPM adds."),
        low=0.0,
        high=1.0,
        step=0.05,
    )
    spacing: str = param(
        "even",
        label=N_("Spacing"),
        help=N_("Where the steps are: evenly spaced in time, in noise (Karras), or mostly at both ends (cosine)."),
        choices=SPACINGS,
    )
    rescale: float = param(
        0.0,
        label=N_("Rescale"),
        help=N_("Tones down the contrast that strong guidance exaggerates (guidance rescale)."),
        low=0.0,
        high=1.0,
        step=0.05,
    )
    threshold: float = param(
        1.0,
        label=N_("Threshold"),
        help=N_("Brings the brightest part of each prediction back into range (dynamic thresholding); 1 is off."),
        low=0.9,
        high=1.0,
        step=0.005,
    )
    drawn_in: str = param(
        MANY,
        label=N_("Draw in"),
        help=N_("In how many steps a picture is drawn; 1, 2 and 4 need a model that has learnt to jump."),
        choices=DRAWN_IN,
    )
    batch: int = count_param(
        N_("Pictures"), N_("How many are made at once, from this seed and the ones after it."), 1, MAX_BATCH
    )
    steer: str = text_param(
        N_("Steering"),
        N_(
            "Sliders between two texts, one per line: how far, from −100 to 100, and both texts in quotation marks "
            "(activation addition)."
        ),
    )
    adapters: str = text_param(
        N_("Adapters"),
        N_("Files that change the model, one per line with their strength: “style.safetensors @ 0.8” (LoRA)."),
    )
