"""Which families of other people may run: their code has all rights of the person, who is asked once for each."""

from studio.core.option import FAMILIES_ALLOWED
from studio.core.setting import Settings
from studio.registry.place import BUILT_IN, Place


class Consent:
    """What a person has allowed, kept in the settings."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def is_given(self, place: Place) -> bool:
        """Whether the code in a place may run: that of the program itself always."""
        return place.origin == BUILT_IN or _key(place) in self._settings.get(FAMILIES_ALLOWED)

    def give(self, place: Place) -> None:
        """Allow it from now on."""
        allowed = self._settings.get(FAMILIES_ALLOWED)
        if _key(place) not in allowed:
            self._settings.set(FAMILIES_ALLOWED, [*allowed, _key(place)])


def _key(place: Place) -> str:
    """What it is remembered by: its name and where it lies."""
    return f"{place.name} ({place.origin})"
