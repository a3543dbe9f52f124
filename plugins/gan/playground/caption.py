"""Says in plain words how the two in the playground stand, by the figures of the frame that is shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from studio.core.translation import N_, _, translate

from .frames import PlaygroundMoment
from .model.target import OWN

COLLAPSE_AFTER: Final = 100
"""Steps before which a generator that makes little has not learnt yet."""
WON: Final = 0.9


@dataclass(frozen=True)
class PlaygroundCaption:
    """A caption: its bold beginning, its sentences, and the term of the field for the tooltip."""

    lead: str
    text: str
    term: str = ""


def describe(moment: PlaygroundMoment, figures: Mapping[str, float]) -> PlaygroundCaption:
    """The words for a moment of a run."""
    lead = _("Step {n:,}.").format(n=moment.n_steps)
    if moment.target.is_empty:
        return PlaygroundCaption(lead, _("There is nothing to imitate yet: paint on the square."))
    if moment.n_steps == 0:
        return PlaygroundCaption(*_beginning())
    sentences = [_standing(moment, figures)]
    collapse = collapse_words(moment, figures)
    sentences.append(collapse or _parts_sentence(moment, figures))
    return PlaygroundCaption(lead, " ".join(one for one in sentences if one), _term(moment, bool(collapse)))


def _beginning() -> tuple[str, str, str]:
    text = N_(
        "Neither has learnt anything yet. The forger turns noise into points; the detective tries to tell them "
        "from real ones."
    )
    return _("Before the first step."), translate(text), _("Untrained generator")


def _standing(moment: PlaygroundMoment, figures: Mapping[str, float]) -> str:
    if moment.settings.loss == "wasserstein":
        gap = figures.get("gap", 0.0)
        if gap < 0:
            text = N_("The critic scores fake points higher than real ones, by {gap:.2f}.")
        else:
            text = N_("The critic scores real points higher than fake ones, by {gap:.2f}.")
        return translate(text).format(gap=abs(gap))
    right = figures.get("right", 0.5)
    text = _("The detective is right {percent:.0f} % of the time.").format(percent=100 * right)
    if right >= WON:
        return f"{text} {_('It wins too easily.')}"
    return text


def collapse_words(moment: PlaygroundMoment, figures: Mapping[str, float]) -> str:
    """A warning where the generator makes a quarter of the parts at most, and little else; empty otherwise."""
    n, found = int(figures.get("parts", 0)), int(figures.get("parts found", 0))
    if not figures.get("collapsed") or moment.n_steps < COLLAPSE_AFTER:
        return ""
    if found <= 1:
        return _("The forger makes only one part of it: mode collapse.")
    return _("The forger makes only {found} of {n} parts: mode collapse.").format(found=found, n=n)


def _parts_sentence(moment: PlaygroundMoment, figures: Mapping[str, float]) -> str:
    return parts_text(moment, figures) + "."


def parts_text(moment: PlaygroundMoment, figures: Mapping[str, float]) -> str:
    """How many parts of the shape the generator makes, as a few words."""
    n, found = int(figures.get("parts", 0)), int(figures.get("parts found", 0))
    if moment.target.name == OWN and n == 1:
        return _("The forger makes your island") if found else _("The forger misses your island")
    what = {
        "ring": N_("The forger makes {found} of {n} clusters"),
        "grid": N_("The forger makes {found} of {n} clusters"),
        "moons": N_("The forger makes {found} of {n} moons"),
        "spiral": N_("The forger makes {found} of {n} parts of the spiral"),
        OWN: N_("The forger makes {found} of {n} islands"),
    }[moment.target.name]
    return translate(what).format(found=found, n=n)


def _term(moment: PlaygroundMoment, is_collapsed: bool) -> str:
    if is_collapsed:
        return _("Mode collapse: the generator covers few modes of the data")
    if moment.settings.loss == "wasserstein":
        return _("Difference of the mean scores, an estimate of the Wasserstein distance")
    return _("Accuracy of the discriminator on fresh points; 50 % is a coin toss")
