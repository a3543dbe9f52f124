"""What a person is asked once: which families of others may run, which hosts give models, which servers get texts."""

from studio.api.server_address import ServerContact
from studio.core.option import FAMILIES_ALLOWED, HOSTS_ALLOWED, SERVERS_ALLOWED, Option
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
        _add(self._settings, FAMILIES_ALLOWED, _key(place))

    def may_reach(self, contact: ServerContact) -> bool:
        """Whether texts, and the key that belongs to the contact, may go to a server."""
        return str(contact) in self._settings.get(SERVERS_ALLOWED)

    def let_reach(self, contact: ServerContact) -> None:
        """Allow it from now on."""
        _add(self._settings, SERVERS_ALLOWED, str(contact))


class HostConsent:
    """The hosts of other people that this program may ask for models; kept in the settings."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def is_given(self, host: str) -> bool:
        """Whether a host may be asked."""
        return host in self._settings.get(HOSTS_ALLOWED)

    def give(self, host: str) -> None:
        """Allow it from now on."""
        _add(self._settings, HOSTS_ALLOWED, host)


def _add(settings: Settings, option: Option[list[str]], name: str) -> None:
    if name not in settings.get(option):
        settings.set(option, [*settings.get(option), name])


def _key(place: Place) -> str:
    """What it is remembered by: its name and where it lies."""
    return f"{place.name} ({place.origin})"
