"""What a person has asked for in the panel of sounds: the note, what it begins with, and what is looked at."""

from dataclasses import dataclass, replace
from typing import Final

from studio.api.timeline.run_source import GeneratedSource
from studio.core.scene_codec import (
    SceneCodec,
    SettingsScene,
    one_of,
    optional,
    packed,
    settings,
    spread,
    stored,
    text,
    whole,
)
from studio.core.view import State

from .params import SoundParams
from .signal import ByteArray, length_of
from .state import MOST_SAMPLES, started

SPEEDS: Final = ("single", "slow", "heard", "instant")
BLOCKS: Final = {"single": 1, "slow": 16, "heard": 128, "instant": 128}
"""Samples in a step at each speed."""
FPS: Final = {"single": 30.0, "slow": 30.0, "heard": 125.0, "instant": 125.0}
SOURCES: Final = ("spliced", "own")
MAX_NAME: Final = 200


@dataclass(frozen=True, eq=False)
class SoundBeginning:
    """What a sound begins with.

    Attributes:
        levels: (n,). source: "spliced" out of a run, or a person's "own". name: of the file of an own one.
    """

    levels: ByteArray = stored(packed(MOST_SAMPLES))
    source: str = stored(one_of(SOURCES), default="spliced")
    name: str = stored(text(MAX_NAME), default="")


@dataclass(frozen=True, eq=False)
class SoundScene(SettingsScene):
    """Attributes:
    params: the settings of a run. beginning: None for silence.
    speed: one of SPEEDS. mark: the sample that is looked at; None for the newest one.
    """

    params: SoundParams = stored(settings(SoundParams), default_factory=SoundParams)
    beginning: SoundBeginning | None = stored(
        spread(SoundBeginning, {"levels": None, "source": "", "name": ""}), default=None
    )
    speed: str = stored(one_of(SPEEDS), default="heard")
    mark: int | None = stored(optional(whole(0, MOST_SAMPLES - 1)), default=None)

    def at_speed(self, speed: str) -> "SoundScene":
        """The same at another speed, in steps that fit it."""
        return replace(self.with_params(block=BLOCKS[speed]), speed=speed)

    def anew(self, params: SoundParams) -> "SoundScene":
        """The whole sound that these settings give, from silence."""
        return replace(self, params=params, beginning=None, mark=None)

    def start(self) -> State | None:
        """What a run begins with."""
        return None if self.beginning is None else started(self.beginning.levels)

    def source(self) -> GeneratedSource:
        """The run that makes the sound."""
        n_samples, block = length_of(self.params.seconds), self.params.block
        n_given = 0 if self.beginning is None else min(len(self.beginning.levels), n_samples)
        return GeneratedSource(self.params, self.start(), -(-(n_samples - (n_given or block)) // block) + 1)

    def index_of(self, n_samples: float) -> int:
        """The frame of its run at which so many samples are there."""
        first = self.params.block if self.beginning is None else len(self.beginning.levels)
        return max(0, int((n_samples - first) // self.params.block))


CODEC: Final = SceneCodec(SoundScene)
