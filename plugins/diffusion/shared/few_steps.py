"""What can be drawn in one, two or four steps, for whoever asks before torch is there."""

from dataclasses import replace
from pathlib import Path
from typing import Final

from studio.core.view import State

from .params import DRAWN_IN, MANY, DiffusionParams

DRAFT_STEPS: Final = 10
SUFFIX: Final = "-live.safetensors"
WEAKEST, STRONGEST = 1, 4
"""Between which strengths of guidance a network for few steps has learnt what its teacher does."""
GIVEN: Final = frozenset({"picture", "sound", "mask"})
"""What a start may hold that such a network was never shown."""


def few_step_path(model: Path) -> Path:
    """Where the few steps of a model lie."""
    return model.with_name(model.stem + SUFFIX)


def can_jump(params: DiffusionParams, start: State) -> bool:
    """Whether weights for few steps can draw this: guided as strongly as they have learnt, with nothing to keep."""
    is_plain = not params.negative.strip() and params.rescale == 0 and params.threshold == 1
    return is_plain and WEAKEST <= params.guidance <= STRONGEST and not GIVEN & start.keys()


def drawable(params: DiffusionParams, start: State | None, has_few_steps: bool) -> DiffusionParams:
    """The same settings, drawn in many steps where few cannot."""
    is_fine = params.drawn_in == MANY or (has_few_steps and can_jump(params, start or {}))
    return params if is_fine else replace(params, drawn_in=MANY)


def drafted(params: DiffusionParams, start: State | None, has_few_steps: bool) -> DiffusionParams:
    """The settings of a draft: in few steps where that can be, one where many are asked for, else some of the model."""
    few = replace(params, drawn_in=DRAWN_IN[0] if params.drawn_in == MANY else params.drawn_in, batch=1)
    if drawable(few, start, has_few_steps) is few:
        return few
    sampler = params.sampler if params.sampler == "lcm" else "dpmpp_2m"  # who learnt lcm's steps knows no others
    return replace(few, drawn_in=MANY, steps=min(params.steps, DRAFT_STEPS), sampler=sampler)


def jumping(params: DiffusionParams) -> DiffusionParams:
    """The settings of the run itself: a step of DDIM without fresh noise is one jump."""
    return replace(params, steps=int(params.drawn_in), sampler="ddim", eta=0.0, spacing="even")
