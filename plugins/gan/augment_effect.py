"""What exported samples are worth: how well a classifier reads held-out faces that learnt with and without them."""

from dataclasses import dataclass
from typing import Final

from studio.core.text import N_, translate

ALIKE: Final = 0.02
"""Differences below this are said to be none: two standard errors of a share of 2,000 labels."""


@dataclass(frozen=True)
class Effect:
    """Where the measurement stands.

    Attributes:
        n_real, n_forged: pictures that are learnt from. n_held_out: that are read.
        n_tried: forged pictures that were tried so far.
        steps: at which was measured. without, with_forged: the share of labels read right, as long as `steps`.
        n_steps: how far it goes.
    """

    n_real: int
    n_forged: int
    n_held_out: int
    n_tried: int = 0
    steps: tuple[int, ...] = ()
    without: tuple[float, ...] = ()
    with_forged: tuple[float, ...] = ()
    n_steps: int = 0

    @property
    def is_done(self) -> bool:
        """Whether both classifiers have learnt to the end."""
        return bool(self.steps) and self.steps[-1] == self.n_steps


def effect_words(effect: Effect) -> str:
    """What was measured, whether it speaks for the samples or against them."""
    if not effect.is_done:
        return progress_words(effect)
    gain = effect.with_forged[-1] - effect.without[-1]
    verdict = N_("it makes no difference that counts.")
    if abs(gain) >= ALIKE:
        verdict = N_("the forged ones help.") if gain > 0 else N_("the forged ones harm.")
    form = N_(
        "From {n_real} real faces the classifier reads {without:.1f} % of the labels right, with {n_forged} forged "
        "ones beside them {with_forged:.1f} %: {verdict}"
    )
    return translate(form).format(
        n_real=effect.n_real,
        n_forged=effect.n_forged,
        without=100 * effect.without[-1],
        with_forged=100 * effect.with_forged[-1],
        verdict=translate(verdict),
    )


def progress_words(effect: Effect) -> str:
    """How far the measurement is."""
    if not effect.steps:
        return translate(N_("Drawing samples: {n} of {tried} passed")).format(n=effect.n_forged, tried=effect.n_tried)
    return translate(N_("Learning: step {n} of {all}")).format(n=effect.steps[-1], all=effect.n_steps)
