"""Where a server is that a model's card names: checked once, for who asks a person and for who connects."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from studio.core.error import UserError
from studio.core.translation import N_

MAX_ADDRESS: Final = 500
_ADDRESS: Final = re.compile(
    r"(?:(?P<scheme>https?)://)?(?P<host>[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])"
    r"(?::(?P<port>\d{1,5}))?(?P<path>(?:/[\w.~%-]+)*)/?",
    re.IGNORECASE | re.ASCII,
)
_NEAR: Final = re.compile(r"localhost|127\.\d+\.\d+\.\d+|\[::1\]", re.IGNORECASE)
_IN_HOUSE: Final = re.compile(r"10\..*|192\.168\..*|172\.(?:1[6-9]|2\d|3[01])\..*|[^.]+|.*\.local", re.IGNORECASE)
_ENDPOINT: Final = re.compile(r"/(?:chat/completions|completions|models)$")
_PORTS: Final = {"http": 80, "https": 443}
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")
KEYRING: Final = "keyring"
KEY_FROM: Final = "key_from"
"""The card's key that says where the secret is: "" for none, KEYRING, or the name of an environment variable."""


@dataclass(frozen=True)
class ServerAddress:
    """Attributes:
    scheme: "https", or "http" which anyone on the way can read. host: in small letters; IPv6 in brackets.
    path: in front of "/completions", such as "/v1".
    """

    scheme: str
    host: str
    port: int
    path: str

    @property
    def name(self) -> str:
        """The host, and its port where it is not the usual one."""
        return self.host if self.port == _PORTS[self.scheme] else f"{self.host}:{self.port}"

    @property
    def origin(self) -> tuple[str, str, int]:
        """What must be the same for a request to stay with one server."""
        return self.scheme, self.host, self.port

    @property
    def is_here(self) -> bool:
        """Whether it is this computer itself."""
        return bool(_NEAR.fullmatch(self.host))

    def __str__(self) -> str:
        return f"{self.scheme}://{self.name}{self.path}"


def read_address(text: str) -> ServerAddress:
    """Read what a person typed or a card says; raises UserError where that is no address of a server.

    Without "http" it is this computer or the network of the house for plain names, else an encrypted connection.
    """
    found = _ADDRESS.fullmatch(text.strip()) if len(text) <= MAX_ADDRESS else None
    if found is None:
        raise UserError(
            N_("This is not the address of a server."),
            N_("Type it like “localhost:8080” or “name.example/v1”, without a password in it."),
        )
    host = found["host"].lower()
    is_near = _NEAR.fullmatch(host) or _IN_HOUSE.fullmatch(host)
    scheme = (found["scheme"] or ("http" if is_near else "https")).lower()
    port = int(found["port"] or _PORTS[scheme])
    if not 0 < port < 1 << 16:
        raise UserError(N_("A server’s port lies between 1 and 65535."), N_("Correct the number behind the colon."))
    path = _ENDPOINT.sub("", found["path"])
    return ServerAddress(scheme, host, port, path or "/v1")


@dataclass(frozen=True)
class ServerContact:
    """A server that a model sends texts to, and what it shows there: what a person is asked about."""

    address: ServerAddress
    key_from: str

    def __str__(self) -> str:
        """What the consent is remembered by: another key is another question."""
        return f"{self.address.scheme}://{self.address.name} {self.key_from}".strip()


def contact_of(card: Mapping[str, Any]) -> ServerContact | None:
    """The server of a card, None for a model on this computer; raises UserError where the card is unsound."""
    address, key_from = card.get("address"), card.get(KEY_FROM, "")
    if address is None:
        return None
    if not isinstance(address, str) or not isinstance(key_from, str):
        raise UserError(N_("This model card cannot be read."))
    if key_from and not _NAME.fullmatch(key_from):
        raise UserError(
            N_("The name of an environment variable has letters, digits and underscores only."),
            N_("Type the variable’s name, not the key itself."),
        )
    return ServerContact(read_address(address), key_from)
