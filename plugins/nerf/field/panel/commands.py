"""What keys and the palette can do with a field beside what they can do with any scene."""

from functools import partial

from studio.api.panel import Command
from studio.core.translation import N_

from ...shared.panel.commands import MENU
from .photo_presenter import PhotoPresenter


def photo_commands(photos: PhotoPresenter) -> tuple[Command, ...]:
    """From photo to photo."""
    return (
        Command("nerf.photo_on", N_("To the next photo"), partial(photos.step, 1), ("]",), MENU),
        Command("nerf.photo_back", N_("To the previous photo"), partial(photos.step, -1), ("[",), MENU),
    )
