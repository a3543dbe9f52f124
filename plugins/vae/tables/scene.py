"""What a person has asked for in the panel of tables: settings and their own table; no torch."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from studio.api.timeline.run_source import GeneratedSource
from studio.core.scene_codec import SceneCodec, SettingsScene, optional, packed, settings, stored, text
from studio.core.view import State

from .params import HIDDEN_BY, N_FRAMES, TableParams
from .table_bytes import MAX_BYTES, Bytes, table_in

MAX_COLOUR: Final = 1000
_MAX_NAME: Final = 200


def _is_sound(scene: "TableScene") -> bool:
    return scene.own is None or table_in(scene.own).n_rows > 0


@dataclass(frozen=True, eq=False)
class TableScene(SettingsScene):
    """Attributes:
    params: the settings of a run.
    own: a table of one's own, packed; None for the example.
    name: of its file.
    colour: what the dots of the map of the rows say, "" for what they say at first.
    """

    params: TableParams = stored(settings(TableParams), default_factory=TableParams)
    own: Bytes | None = stored(optional(packed(MAX_BYTES)), default=None)
    name: str = stored(text(_MAX_NAME), default="")
    colour: str = stored(text(MAX_COLOUR), default="", is_later=True)

    def anew(self, params: TableParams) -> "TableScene":
        """The example with these settings."""
        return TableScene(params)

    def is_same_run(self, other: "TableScene") -> bool:
        """Whether both ask for the same run."""
        return self.params == other.params and self.is_same_table(other)

    def is_same_table(self, other: "TableScene") -> bool:
        """Whether both are of the same table."""
        if self.own is None or other.own is None:
            return self.own is other.own
        return self.own is other.own or np.array_equal(self.own, other.own)

    def source(self) -> GeneratedSource:
        """The run that learns it; what settles a run from its beginning on is a part of its start."""
        params = self.params
        asked = [params.hidden, HIDDEN_BY.index(params.hidden_by), params.n_latent]
        start: State = {"asked": np.array(asked, np.float64)}
        if self.own is not None:
            start["table"] = self.own
        return GeneratedSource(params, start, N_FRAMES + 1)

    def of_run(self, source: GeneratedSource) -> "TableScene":
        """The same with what a run learns."""
        own = (source.start or {}).get("table")
        scene = TableScene(source.params, own)
        if not scene.is_same_table(self):
            return scene
        return replace(scene, name=self.name, colour=self.colour)


CODEC: Final = SceneCodec(TableScene, check=_is_sound)
