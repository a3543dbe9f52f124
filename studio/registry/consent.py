"""What a person is asked about once: families of other people, whose code has all rights, and servers of models."""

from studio.core.option import FAMILIES_ALLOWED, SERVERS_ALLOWED
from studio.core.server_address import ServerContact
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

    def may_reach(self, contact: ServerContact) -> bool:
        """Whether texts, and the key that belongs to the contact, may go to a server."""
        return str(contact) in self._settings.get(SERVERS_ALLOWED)

    def let_reach(self, contact: ServerContact) -> None:
        """Allow it from now on."""
        allowed = self._settings.get(SERVERS_ALLOWED)
        if str(contact) not in allowed:
            self._settings.set(SERVERS_ALLOWED, [*allowed, str(contact)])


def _key(place: Place) -> str:
    """What it is remembered by: its name and where it lies."""
    return f"{place.name} ({place.origin})"
