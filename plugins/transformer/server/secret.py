"""The key that a server asks for: from the system's keyring or the environment, never from a file of the program."""

import contextlib
import os
from typing import Any, Final

from studio.api.server_address import KEYRING, ServerAddress, ServerContact
from studio.core.error import UserError
from studio.core.translation import N_

SERVICE: Final = "manifold-studio"
_MAX_KEY: Final = 4096


def read_key(contact: ServerContact) -> str:
    """The key for a server, "" for none; raises UserError where it is not where the card says."""
    if not contact.key_from:
        return ""
    if contact.key_from == KEYRING:
        key = _asked("get_password", contact.address) or ""
        missing = N_("The keyring has no key for “{host}”.").format(host=contact.address.name)
        what_to_do = N_("Connect to the server again and type the key.")
    else:
        key = os.environ.get(contact.key_from, "")
        missing = N_("The environment variable “{name}” is not set.").format(name=contact.key_from)
        what_to_do = N_("Set it, then start the program from there.")
    if not key.strip():
        raise UserError(missing, what_to_do)
    return checked_key(key)


def checked_key(key: str) -> str:
    """A key as it goes into a header; raises UserError, without the key, where it cannot."""
    key = key.strip()
    if not key or len(key) > _MAX_KEY or not key.isascii() or not key.isprintable() or " " in key:
        raise UserError(N_("This key has signs that no key has."), N_("Copy it again, without spaces or line ends."))
    return key


def keep_key(address: ServerAddress, key: str) -> None:
    """Put a key into the system's keyring; raises UserError where there is none."""
    _asked("set_password", address, checked_key(key))


def _asked(method: str, address: ServerAddress, *values: str) -> Any:
    """What the keyring answers; each key belongs to one address, so that no other server gets it."""
    try:
        import keyring
    except ImportError as error:
        raise UserError(
            N_("The package “keyring”, which reaches the system’s keyring, is not installed."),
            N_("Install it, or put the key into an environment variable and type that one’s name."),
        ) from error
    found = None
    with contextlib.suppress(Exception):  # whatever a backend raises may quote the key
        found = [getattr(keyring, method)(SERVICE, "{}://{}:{}".format(*address.origin), *values)]
    if found is None:
        raise UserError(
            N_("The system’s keyring cannot be reached."),
            N_("Unlock it, or put the key into an environment variable and type that one’s name."),
        )
    return found[0]
