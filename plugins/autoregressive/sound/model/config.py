"""What a WaveNet is made of: how far its layers look back, how wide they are, and what it is told beside the past."""

from dataclasses import dataclass
from typing import Final

from studio.core.error import UserError
from studio.core.translation import N_

from ...shared.model.head_config import SOFTMAX, HeadConfig
from ..signal import N_LEVELS

MAX_DILATION: Final = 4096
MAX_TAPS: Final = 64


@dataclass(frozen=True)
class WaveConfig:
    """The sizes of a network that reads a sound sample by sample.

    Attributes:
        dilation: how far each gated layer looks back, the lowest layer first.
        width: numbers that a layer keeps of each sample.
        skip_width: of what all layers together hand to the head.
        n_told: numbers that it is told about each stretch of the sound (local conditioning).
        told_width, told_inner: of the small network that reads them.
        hop: samples of such a stretch.
        n_waves: sines and cosines of the wanted pitch that go in with the samples.
        n_levels: values that a sample may have.
        n_taps: samples that the first layer looks at, the newest ones.
        head: how the distribution of a sample is told; a mixture lies around a linear prediction from these and waves,
            and what is looked at then is what the waves leave of the samples.
    """

    dilation: tuple[int, ...]
    n_told: int
    n_waves: int
    width: int = 64
    skip_width: int = 64
    told_width: int = 64
    told_inner: int = 96
    hop: int = 64
    n_levels: int = N_LEVELS
    n_taps: int = 2
    head: HeadConfig = SOFTMAX

    def __post_init__(self) -> None:
        sizes = (*self.dilation, self.width, self.skip_width, self.told_width, self.told_inner, self.hop, self.n_told)
        is_possible = bool(self.dilation) and min(sizes) >= 1 and max(self.dilation) <= MAX_DILATION
        has_counts = self.n_waves >= 0 and 2 <= self.n_levels <= N_LEVELS and 1 <= self.n_taps <= MAX_TAPS
        if not (is_possible and has_counts and self.head.is_possible):
            raise UserError(N_("The sizes in this model’s file are impossible."))

    @property
    def n_layers(self) -> int:
        """Gated layers."""
        return len(self.dilation)

    @property
    def n_seen(self) -> int:
        """How many of the samples before it a sample may depend on (receptive field)."""
        return self.n_taps + sum(self.dilation)

    def first_heard(self, place: int) -> int:
        """Where to begin to tell a sample: a stretch earlier than it sees, over which the waves come up."""
        return max(0, (place - self.n_seen) // self.hop - 1) * self.hop

    @property
    def n_biases(self) -> int:
        """Numbers that the told ones become: a bias for both halves of each layer, one for the head, a prediction."""
        return 2 * self.n_layers * self.width + self.n_head_biases

    @property
    def n_head_biases(self) -> int:
        """Those of them that are for the head and the prediction."""
        return self.skip_width + self.n_predicting

    @property
    def n_inputs(self) -> int:
        """Numbers that go into the first layer: what it looks at in two forms each, and the waves."""
        return 2 * (self.n_taps + self.has_source) + self.n_waves

    @property
    def has_source(self) -> bool:
        """Whether the waves, each as loud as is told, are a first guess at the sound."""
        return self.head.kind == "logistic"

    @property
    def n_predicting(self) -> int:
        """Coefficients of the linear prediction: of the samples that are looked at, then of the waves."""
        return self.n_taps + self.n_waves if self.has_source else 0

    @property
    def n_outputs(self) -> int:
        """Numbers that the head gives for each sample."""
        return self.head.n_outputs(self.n_levels)
