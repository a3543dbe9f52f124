"""What can be downloaded, as plain values: the files of a model with their sizes, and who says so."""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import PurePosixPath
from typing import Any, Final

from studio.core.container.json_text import parse_json
from studio.core.container.source import printable
from studio.core.error import UserError
from studio.core.translation import N_

MAX_RECORD_BYTES: Final = 4 << 20
MAX_FILES: Final = 2_000
MAX_NAME: Final = 200
MAX_DEPTH: Final = 2
MAX_FILE_BYTES: Final = 1 << 42
_PLAIN: Final = re.compile(r"[\w(][\w .,()+@=-]*", re.ASCII)
_HEX: Final = re.compile(r"(?:[0-9a-f]{40}|[0-9a-f]{64})?")


@dataclass(frozen=True)
class OfferedFile:
    """One file.

    Attributes:
        name: where it will lie in the model's folder, at most one folder deep, with "/" between.
        digest: what its content must be: 64 hexadecimal digits of SHA-256, or 40 as Git names it; empty where nobody
            says.
    """

    name: str
    size_bytes: int
    digest: str = ""

    def __post_init__(self) -> None:
        """Raise UserError where no file here may be called so, or have such a size."""
        _check_name(self.name)
        if type(self.size_bytes) is not int or not 0 <= self.size_bytes <= MAX_FILE_BYTES:
            raise UserError(N_("The size of “{name}” is missing or impossible.").format(name=printable(self.name)))
        if not isinstance(self.digest, str) or not _HEX.fullmatch(self.digest):
            raise UserError(N_("The checksum of “{name}” is none.").format(name=printable(self.name)))


@dataclass(frozen=True)
class Offer:
    """A model that can be downloaded.

    Attributes:
        name: what a person asks for: "owner/model" on a hub, or an entry of the catalogue.
        title: what the model will be called.
        choice: which of the models under this name it is, such as one GGUF file of several; empty where there is one.
        licence: as whoever offers it says.
        host: of the hub; empty for the package index that pip uses.
        revision: which state of the hub's repository, so that a download goes on with the same files.
        fetched_bytes: what goes through the line.
    """

    name: str
    title: str
    licence: str
    files: tuple[OfferedFile, ...]
    fetched_bytes: int
    choice: str = ""
    host: str = ""
    revision: str = ""

    @property
    def size_bytes(self) -> int:
        """The room that the model takes."""
        return sum(file.size_bytes for file in self.files)

    @property
    def opens(self) -> str:
        """The file that opens; empty where the whole folder does."""
        return self.files[0].name if len(self.files) == 1 else ""

    def to_json(self) -> dict[str, Any]:
        """As plain data."""
        return asdict(self)


def offer_of(values: Mapping[str, Any]) -> Offer:
    """Read an offer from plain data; raises UserError where it is none."""
    try:
        files = tuple(OfferedFile(**one) for one in values["files"])
        offer = Offer(**{**values, "files": files})
        texts = (offer.name, offer.title, offer.licence, offer.choice, offer.host, offer.revision)
        is_sound = all(isinstance(text, str) and len(text) <= MAX_NAME for text in texts)
        is_sound = is_sound and type(offer.fetched_bytes) is int and 0 < len(files) <= MAX_FILES
    except (TypeError, KeyError) as error:
        raise _broken() from error
    if not is_sound or len({file.name for file in files}) != len(files):
        raise _broken()
    return offer


def read_offer(data: bytes) -> Offer:
    """Read an offer as `written` writes it; raises UserError where it is none."""
    values = parse_json(data, MAX_RECORD_BYTES)
    if not isinstance(values, dict):
        raise _broken()
    return offer_of(values)


def written(offer: Offer) -> bytes:
    """The offer as JSON."""
    return json.dumps(offer.to_json(), ensure_ascii=False, indent=1).encode()


def _check_name(name: object) -> None:
    parts = PurePosixPath(name).parts if isinstance(name, str) else ()
    is_plain = all(_PLAIN.fullmatch(part) and not part.endswith((".", " ")) for part in parts)
    if not is_plain or not 0 < len(parts) <= MAX_DEPTH or len(str(name)) > MAX_NAME or "/".join(parts) != name:
        raise UserError(N_("A file there has a name that is not allowed: “{name}”.").format(name=printable(str(name))))


def _broken() -> UserError:
    return UserError(N_("What is known of this download cannot be read."), N_("Start it again."))
