"""What a person has agreed to, once for each: which families of other people may run, and which hosts may be asked."""

from studio.core.option import FAMILIES_ALLOWED, HOSTS_ALLOWED
from studio.core.setting import Settings
from studio.registry.place import BUILT_IN, Place


class Consent:
    """The families of other people that may run, with all rights of the person; kept in the settings."""

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


class HostConsent:
    """The hosts of other people that this program may ask for models; kept in the settings."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def is_given(self, host: str) -> bool:
        """Whether a host may be asked."""
        return host in self._settings.get(HOSTS_ALLOWED)

    def give(self, host: str) -> None:
        """Allow it from now on."""
        if not self.is_given(host):
            self._settings.set(HOSTS_ALLOWED, [*self._settings.get(HOSTS_ALLOWED), host])


def _key(place: Place) -> str:
    """What it is remembered by: its name and where it lies."""
    return f"{place.name} ({place.origin})"
