"""Says in plain words what is on screen: how far the picture is, how sure the model was, and what it never read."""

from typing import Final

from studio.core.text.token import percent
from studio.core.translation import N_, _, plural

from .orders import Order
from .state import PictureTrace

TERM: Final = N_(
    "The picture is written as tokens of a codebook (VQ-VAE), scale by scale (VAR) or in raster order (DALL·E, Parti)"
)


def describe(trace: PictureTrace, order: Order, unknown: list[str], is_whole: bool) -> tuple[str, str]:
    """What is bold and what follows."""
    if is_whole:
        lead = _("The picture is finished.")
    elif order.is_by_line:
        lead = _("Cell {n} of {all}.").format(n=len(trace.tokens), all=order.n_tokens)
    else:
        scale = order.place(len(trace.tokens) - 1)[0]
        lead = _("The picture in {n} × {n} parts.").format(n=scale)
    return lead, " ".join(part for part in (_sureness(trace), _chosen(trace), _unknown(unknown)) if part)


def _sureness(trace: PictureTrace) -> str:
    share = 2.0 ** -float(trace.bits.astype(float).mean())
    return _("On average it gave each token {share}.").format(share=percent(share))


def _chosen(trace: PictureTrace) -> str:
    return "" if trace.forced < 0 else _("You chose one of its tokens; all that follows was drawn again.")


def _unknown(words: list[str]) -> str:
    if not words:
        return ""
    names = ", ".join(f"“{word}”" for word in words)
    text = N_("It has never read this word: {words}."), N_("It has never read these words: {words}.")
    return plural(*text, len(words)).format(words=names)
