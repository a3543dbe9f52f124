"""Finds out which models a server has, and makes the card of one of them."""

from collections.abc import Generator
from typing import Any, Final

from studio.api.importer import bare_card
from studio.api.server_address import KEY_FROM, ServerAddress, ServerContact
from studio.core.container.source import printable
from studio.core.pausing import beside
from studio.core.translation import N_

from .connection import RefusedError, ServerConnection
from .event_stream import unreadable
from .secret import keep_key, read_key

MAX_MODELS: Final = 1000
_INVITATION: Final = N_("Ask a question on the right, or write something here, then press Write.")


class ServerConnector:
    """Knows servers with OpenAI's interface."""

    def keep_key(self, address: ServerAddress, key: str) -> None:
        """Put a key into the system's keyring; raises UserError where there is none."""
        keep_key(address, key)

    def models_at(self, contact: ServerContact) -> Generator[None, None, list[str]]:
        """Yield until the server has said which models it has, then their names; none where it has no list."""
        connection = ServerConnection(contact.address, read_key(contact))
        try:
            told = yield from beside(lambda: connection.read("/models"))
        except RefusedError as error:
            if error.status not in (404, 405):
                raise
            return []  # some have no list, and write all the same
        finally:
            connection.stop()
        listed = told.get("data")
        if not isinstance(listed, list):
            raise unreadable()
        names = [one.get("id") for one in listed[:MAX_MODELS] if isinstance(one, dict)]
        return [name for name in names if isinstance(name, str) and name and printable(name) == name]

    def card(self, contact: ServerContact, model: str, name: str) -> dict[str, Any]:
        """The card of a model of a server, which is called `name` here; it never holds a key."""
        title = N_("{model} at {host}").format(model=model or N_("Model"), host=contact.address.name)
        known = {"kind": "server", "address": str(contact.address), KEY_FROM: contact.key_from, "model": model}
        task = N_("Text of a server, word by word")
        return {
            **bare_card(f"transformer/{name}", title, task=task, n_params=0),
            **known,
            "has_chat": True,
            "empty_prompt": _INVITATION,
        }
