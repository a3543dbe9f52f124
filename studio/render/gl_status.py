"""What OpenGL is worth on this machine, and how that is said in a sentence."""

import re
from dataclasses import dataclass
from typing import Final, Literal

from studio.core.translation import N_

OFF_VARIABLE: Final = "MANIFOLD_STUDIO_GL"
OFF: Final = "off"
LOWEST_VERSION: Final = (3, 3)
_SOFTWARE: Final = re.compile("llvmpipe|softpipe|swrast|software|swiftshader|gdi generic|basic render", re.IGNORECASE)

GLKind = Literal["hardware", "software", "none"]


@dataclass(frozen=True)
class GLStatus:
    """What was found.

    Attributes:
        kind: "hardware" where a graphics card draws, "software" where the processor only plays one, "none" where
            OpenGL is missing, too old or switched off.
        title: a few words for the status bar: "OpenGL 4.5".
        sentence: what that means for the scenes.
        renderer: what the driver calls itself; empty without one.
    """

    kind: GLKind
    title: str
    sentence: str
    renderer: str = ""


def found_status(version: tuple[int, int], renderer: str) -> GLStatus:
    """The status of a machine whose driver made a context of this version."""
    number = f"{version[0]}.{version[1]}"
    if version < LOWEST_VERSION:
        return missing_status(N_("OpenGL {number} is too old: 3.3 is needed here.").format(number=number))
    if _SOFTWARE.search(renderer):
        sentence = N_("No graphics card was found ({renderer}), so the processor draws the scenes.")
        return GLStatus(
            "software",
            N_("OpenGL {number} in software").format(number=number),
            sentence.format(renderer=renderer),
            renderer,
        )
    sentence = N_("The graphics card draws the scenes ({renderer}).").format(renderer=renderer)
    return GLStatus("hardware", N_("OpenGL {number}").format(number=number), sentence, renderer)


def missing_status(reason: str) -> GLStatus:
    """The status of a machine without OpenGL; `reason` is a sentence."""
    return GLStatus("none", N_("No OpenGL"), f"{reason} {N_('The processor draws the scenes.')}")
