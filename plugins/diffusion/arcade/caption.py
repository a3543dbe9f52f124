"""The sentence under a dreamt picture: the score that is read in it, and whether the rules would have it so."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from studio.core.translation import N_, _

from .games.judge import TOLERANCE_PX

TERM: Final = N_("Rules applied to what is read from the last three pictures and the keys (world model)")


@dataclass(frozen=True)
class ArcadeCaption:
    """Its bold beginning and its sentences."""

    lead: str
    text: str


def describe(index: int, figures: Mapping[str, float], is_waiting: bool) -> ArcadeCaption:
    """The words for a picture; `is_waiting` is whether a person could play on from here."""
    lead = _("Picture {n:,}.").format(n=index)
    sentences = [_verdict(figures)]
    if is_waiting:
        sentences.append(_("Press ← or → to play on from here."))
    return ArcadeCaption(lead, " ".join(sentences))


def _verdict(figures: Mapping[str, float]) -> str:
    off = figures.get("off")
    if off is None:
        return _("Something in it cannot be made out.")
    if figures.get("wrong score"):
        return _("The score is not the one that the rules ask for.")
    if off > TOLERANCE_PX:
        return _("Something is {off:.1f} pixels from where the rules would have it.").format(off=off)
    return _("Everything is where the rules of the game would have it.")
