"""The keys and palette lines of the timeline, the same for every family."""

from collections.abc import Callable

from studio.api.timeline.controller import TimelineController
from studio.commands.command import Command
from studio.core.translation import N_
from studio.widgets.timeline.playback import Playback

MENU = N_("Timeline")


def playback_commands(playback: Callable[[], Playback]) -> tuple[Command, ...]:
    """Return what moves the playhead that `playback()` is at the time."""

    def has_frames() -> bool:
        return playback().n_frames > 1

    moves = (
        ("play", N_("Play or pause"), lambda: playback().toggle(), "Space"),
        ("backwards", N_("Play backwards; press again to go faster"), lambda: playback().shuttle_back(), "J"),
        ("pause", N_("Pause"), lambda: playback().shuttle_stop(), "K"),
        ("forwards", N_("Play forwards; press again to go faster"), lambda: playback().shuttle_forward(), "L"),
        ("previous", N_("One frame back"), lambda: playback().step(-1), ","),
        ("next", N_("One frame forward"), lambda: playback().step(1), "."),
        ("start", N_("Go to the start"), lambda: playback().to_start(), "Ctrl+Home"),
        ("end", N_("Go to the end"), lambda: playback().to_end(), "Ctrl+End"),
    )
    return tuple(Command(f"timeline.{name}", title, run, (key,), MENU, has_frames) for name, title, run, key in moves)


def timeline_commands(
    timeline: TimelineController, playback: Callable[[], Playback] | None = None
) -> tuple[Command, ...]:
    """Return the commands that hold while the timeline's panel is in front; they move `playback()`, where it is given.

    Else that is the timeline's own.
    """
    edits = (
        ("add_keyframe", N_("Make this place a keyframe"), timeline.add_keyframe, "I", lambda: timeline.can_keyframe),
        ("branch", N_("Branch from this frame"), timeline.branch, "Ctrl+B", lambda: timeline.branching.can_branch),
        ("stop", N_("Stop the run"), timeline.stop_current, "Ctrl+.", lambda: timeline.is_growing),
    )
    return (
        *playback_commands(playback or (lambda: timeline.playback)),
        *(Command(f"timeline.{name}", title, run, (key,), MENU, when) for name, title, run, key, when in edits),
    )
