"""What a person has set for a dreamt game: the settings of a run, and whether the true game stands beside it."""

from dataclasses import dataclass, replace
from typing import Any, Final

from studio.core.scene_codec import SceneCodec, flag, settings, stored

from .params import ArcadeParams


@dataclass(frozen=True)
class ArcadeScene:
    """One state of the panel; never changed, only replaced.

    Attributes:
        shows_true: whether the true game, after the same keys, is seen beside the dreamt one.
    """

    params: ArcadeParams = stored(settings(ArcadeParams), default_factory=ArcadeParams)
    shows_true: bool = stored(flag(), default=False)

    def with_params(self, **params: Any) -> "ArcadeScene":
        """The same with other settings."""
        return replace(self, params=replace(self.params, **params))

    def anew(self, params: ArcadeParams) -> "ArcadeScene":
        """The same view of what these settings give."""
        return replace(self, params=params)


CODEC: Final = SceneCodec(ArcadeScene)
