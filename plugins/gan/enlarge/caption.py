"""Says in plain words what is on screen: how far the picture is drawn, and what of it can be believed."""

from typing import Final

from studio.core.translation import N_, _, translate

LEFT: Final = {
    "bicubic": N_("Left of the line: what most programs do (bicubic)."),
    "lanczos": N_("Left of the line: a windowed sinc (Lanczos)."),
    "nearest": N_("Left of the line: the pixels as they are."),
    "original": N_("Left of the line: the photo before it was shrunk."),
}
TERM: Final = N_(
    "Single-image super-resolution, {n} x {n}: a residual network with pixel shuffle; the vivid one was trained "
    "against a detective (SRGAN)"
)
_FAITHFUL, _VIVID = 0.15, 0.85


def lead_of(small: tuple[int, int], scale: int) -> str:
    """The words in bold for a finished picture of so many small pixels (width, height)."""
    return _("{w:,} x {h:,} pixels become {large_w:,} x {large_h:,}.").format(
        w=small[0], h=small[1], large_w=scale * small[0], large_h=scale * small[1]
    )


def finished_text(vividness: float, compared: str) -> str:
    """What a finished picture shows: two lines at any vividness, so that nothing moves while a hand drags."""
    if vividness <= _FAITHFUL:
        own = N_("To the right, edges are drawn where they most likely are, and what is unknown stays soft.")
    elif vividness < _VIVID:
        own = N_("To the right, edges are redrawn and some fine detail is invented.")
    else:
        own = N_("To the right, everything is crisp, but the fine detail is invented.")
    return f"{translate(LEFT[compared])} {translate(own)}"


def drawing_text(n_done: int, n_parts: int) -> str:
    """What a picture shows that is drawn in part."""
    if n_done == 0:
        return _("So far the picture is simply enlarged; the network is redrawing it part by part.")
    text = N_("The network is redrawing the picture part by part; {n} of {total} are still to come.")
    return translate(text).format(n=n_parts - n_done, total=n_parts)
