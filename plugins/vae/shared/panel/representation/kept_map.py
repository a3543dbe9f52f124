"""A map as sessions and workspaces keep it, so that the same one stands there again.

Files leave with what they were made from, and a folder is nobody else's business: only a mark of it is kept, and which
folder that is stands in the settings of this computer.
"""

import base64
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from studio.api.panel import Host
from studio.core.error import UserError
from studio.core.scene_codec import Stored, number, one_of, part, stored, text
from studio.core.translation import N_

from ...representation.encoded import MAX_PLACES, Encoded, key_of
from ...representation.layout import FLAT, NEIGHBOURS

MAP: Final = "map"
"""The key of a panel's state under which it stands."""
FOLDERS_KEY: Final = "everything folders"
MAX_ZOOM: Final = 256.0
N_FOLDERS: Final = 50
_MAX_NAME: Final = 400
_MAX_SELECTED: Final = MAX_PLACES // 4  # a bit for each picture in Base64, and what it is a selection of


@dataclass(frozen=True)
class KeptMap:
    """Attributes:
    folder: the mark of a person's folder, "" for the pictures that come along.
    way, colour, by: how it is laid out, what its colours say, and by what it is arranged.
    x, y, zoom: the middle of what is seen of it, and how large.
    selected: what a lasso selected, as `kept_selection` writes it, "" for nothing.
    """

    folder: str = stored(text(_MAX_NAME), default="")
    way: str = stored(one_of((FLAT, NEIGHBOURS)), default=FLAT)
    colour: str = stored(text(_MAX_NAME), default="")
    by: str = stored(text(_MAX_NAME), default="")
    x: float = stored(number(-2, 2), default=0.0)
    y: float = stored(number(-2, 2), default=0.0)
    zoom: float = stored(number(1, MAX_ZOOM), default=1.0)
    selected: str = stored(text(_MAX_SELECTED), default="", is_later=True)


STORED: Final[Stored] = part(KeptMap)


def mark_of(folder: Path | None, host: Host) -> str:
    """A mark that leads back to a folder on this computer alone."""
    if folder is None:
        return ""
    mark, known = key_of(str(folder)), dict(host.recall(FOLDERS_KEY, {}))
    if mark not in known:
        host.remember(FOLDERS_KEY, dict([*known.items(), (mark, str(folder))][-N_FOLDERS:]))
    return mark


def folder_of(mark: str, host: Host) -> Path | None:
    """The folder of a mark, None for the pictures that come along; raises UserError where it was another computer's."""
    if not mark:
        return None
    known = dict(host.recall(FOLDERS_KEY, {}))
    if mark not in known:
        raise UserError(N_("The folder of this map is not known on this computer."), N_("Choose a folder of pictures."))
    return Path(known[mark])


def kept_selection(encoded: Encoded | None, selected: npt.NDArray[np.bool_] | None) -> str:
    """Which pictures are selected (N,), as a text that says of which pictures."""
    if encoded is None or selected is None:
        return ""
    return f"{encoded.key} {base64.b64encode(np.packbits(selected).tobytes()).decode('ascii')}"


def selected_in(kept: str, encoded: Encoded) -> npt.NDArray[np.bool_] | None:
    """Which pictures such a text selects, (N,); None where it is of other pictures, or of none."""
    key, _space, bits = kept.partition(" ")
    n = len(encoded.z)
    if key != encoded.key or len(bits) != 4 * -(-n // 24):
        return None
    try:
        packed = np.frombuffer(base64.b64decode(bits, validate=True), np.uint8)
    except ValueError:
        return None
    return np.unpackbits(packed, count=n).astype(bool) if len(packed) == -(-n // 8) else None
