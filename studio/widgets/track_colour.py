"""The six colours of the tracks, in both themes; a name or a letter always stands beside them."""

from typing import Final

from studio.widgets.theme import theme

_HUES: Final = ("transformer", "gan", "nerf", "autoregressive", "diffusion", "vae")


def track_colour(index: int) -> str:
    """The colour "#rrggbb" of a track, `Track.colour`, for lines and marks on a surface."""
    return theme().hues[_HUES[index % len(_HUES)]].text
