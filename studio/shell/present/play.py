"""What a panel does for visitors by itself: something else by chance, and something that moves while nobody touches."""

import dataclasses
import random
from typing import TYPE_CHECKING, Final

from PySide6.QtWidgets import QAbstractButton

from studio.commands.command import Command
from studio.core.param import param_specs
from studio.shell.present.control import offered_controls, surprise_of

if TYPE_CHECKING:
    from studio.api.panel import Panel

SEED: Final = "seed"


def can_surprise(panel: "Panel") -> bool:
    """Whether a panel can make something else by chance."""
    return surprise_of(panel) is not None or SEED in param_specs(type(panel.params()))


def surprise(panel: "Panel") -> None:
    """Make something else by chance: by the panel's own command, or by another seed."""
    command = surprise_of(panel)
    if command is not None:
        command.run()
    elif can_surprise(panel):
        params, spec = panel.params(), param_specs(type(panel.params()))[SEED]
        seed = random.randint(int(spec.low or 0), int(spec.high or 0))
        panel.set_params(dataclasses.replace(params, **{SEED: seed}))


def set_moving(panel: "Panel", moves: str) -> None:
    """Let something begin to move, unless something does: a walk, a run, or what is on the timeline from its start."""
    playback = panel.timeline.playback
    if playback.is_playing or panel.timeline.is_growing:
        return
    source = offered_controls(panel).get(moves) if moves else None
    if isinstance(source, Command):
        source.run()
    elif isinstance(source, QAbstractButton):
        source.click()
    elif can_surprise(panel):
        surprise(panel)
    elif playback.n_frames > 1:
        playback.to_start()
        playback.play()
