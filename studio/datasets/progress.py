"""One step of building a data set, as told to the person who waits."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Progress:
    """How far a build has come.

    Attributes:
        fraction: 0 to 1.
        sentence: what is being done now, in plain words.
    """

    fraction: float
    sentence: str
