"""What keys and the palette can do with a scene."""

from functools import partial
from typing import TYPE_CHECKING

from studio.api.panel import Command
from studio.core.text import N_

from .params import VIEW_KINDS
from .view_bar import VIEWS

if TYPE_CHECKING:
    from .panel import NerfPanel

MENU = "NeRF"


def scene_commands(panel: "NerfPanel") -> tuple[Command, ...]:
    """The commands of one panel, while its tab is in front."""
    desk, steering, editor = panel.photo_desk, panel.steering, panel.editor
    views = [
        Command(f"nerf.view_{kind}", VIEWS[kind], partial(panel.choose_view, kind), (key,), MENU)
        for kind, key in zip(VIEW_KINDS, "12345", strict=True)
    ]
    return (
        Command("nerf.surprise", N_("Surprise me"), editor.surprise, ("R",), MENU),
        Command("nerf.fly", N_("Fly, or orbit"), steering.toggle_flight, ("F",), MENU),
        Command("nerf.photo_on", N_("To the photo after"), partial(desk.step, 1), ("]",), MENU),
        Command("nerf.photo_back", N_("To the photo before"), partial(desk.step, -1), ("[",), MENU),
        Command("nerf.reset", N_("Reset the view"), editor.reset, ("0",), MENU),
        *views,
    )
