"""What the panel shows of a scene of splats; plain data."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from studio.core.container.json_text import parse_json
from studio.core.scene_codec import SceneCodec, Stored, optional, row, settings, stored, text
from studio.core.translation import N_

from ..shared.scene import ViewScene
from .model.edits import ACTIONS, SHAPES, Edit, Region, is_sound
from .params import SplatParams

MOST_EDITS: Final = 500
MOST_FILES: Final = 20
MOST_NAME: Final = 4096


def _region(values: Any) -> Region:
    region = Region(values["shape"], tuple(float(number) for number in values["numbers"]))
    if region.shape not in SHAPES or not is_sound(Edit("keep", region)):
        raise ValueError(region.shape)
    return region


def _edit(values: Any) -> Edit:
    edit = Edit(values["action"], _region(values["region"]), values["brightness"], values["colourfulness"])
    if edit.action not in ACTIONS or not is_sound(edit):
        raise ValueError(edit.action)
    return edit


def _region_values(region: Region) -> dict[str, Any]:
    return {"shape": region.shape, "numbers": list(region.numbers)}


def _edit_values(edit: Edit) -> dict[str, Any]:
    light = {"brightness": edit.brightness, "colourfulness": edit.colourfulness}
    return {"action": edit.action, "region": _region_values(edit.region), **light}


@dataclass(frozen=True, eq=False)
class SplatScene(ViewScene):
    """Attributes, beside those of every scene:
    edits: what a person has changed about the splats, the first first.
    added: files whose splats stand in it beside its own.
    selection: what is selected, None for nothing.
    """

    params: SplatParams = stored(settings(SplatParams))
    edits: tuple[Edit, ...] = stored(row(Stored(_edit_values, _edit), 0, MOST_EDITS), default=())
    added: tuple[str, ...] = stored(row(text(MOST_NAME), 0, MOST_FILES), default=())
    selection: Region | None = stored(optional(Stored(_region_values, _region)), default=None)

    @property
    def is_own(self) -> bool:
        """Whether its settings alone would not bring it back."""
        return super().is_own or bool(self.edits or self.added)

    def selecting(self, selection: Region | None) -> "SplatScene":
        """The same scene with something else selected."""
        return replace(self, selection=selection)

    def changed_by(self, edits: tuple[Edit, ...]) -> "SplatScene":
        """The scene with these changes; nothing is selected then."""
        return replace(self, edits=edits, selection=None)


def packed(edits: Sequence[Edit], added: Sequence[str]) -> npt.NDArray[np.uint8]:
    """What was changed and added, as an array for the state of a frame."""
    values = {"edits": [_edit_values(edit) for edit in edits], "added": list(added)}
    return np.frombuffer(json.dumps(values).encode(), np.uint8)


def unpacked(array: npt.NDArray[Any]) -> tuple[tuple[Edit, ...], tuple[str, ...]]:
    """What the state of a frame has changed and added; raises UserError where it is unsound."""
    try:
        values = parse_json(np.asarray(array, np.uint8).tobytes())
        edits, added = map(_edit, values["edits"]), map(str, values["added"][:MOST_FILES])
        return tuple(edits), tuple(added)
    except (KeyError, TypeError, ValueError) as error:
        raise CODEC.unfit() from error


CODEC: Final = SceneCodec(SplatScene, N_("This saved view belongs to another scene."))
