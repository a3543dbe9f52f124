"""The four voices: what they are called, their colours, and how short notes of them are told apart without colour."""

from typing import Final

from studio.core.text import N_

VOICES: Final = (N_("Soprano"), N_("Alto"), N_("Tenor"), N_("Bass"))
SIGNS: Final = ("S", "A", "T", "B")
COLOURS: Final = ((251, 113, 133), (251, 191, 36), (45, 212, 191), (96, 165, 250))
