"""What samplers, engine and panel know of a diffusion model, whatever network is inside, and one step of its run.

Everything is variance preserving: a noisy x at time t is alpha(t) x0 + sigma(t) eps with alpha² + sigma² = 1, where t
runs over the steps of the training, 0 (clean) to n_times - 1 (noise). Shape letters: B items, C channels, H W pixels of
what is denoised (pixels, latents) or (C, T) for sound; L pieces of a prompt.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol, TypeAlias, runtime_checkable

import numpy as np
import numpy.typing as npt
from torch import Tensor, nn

from studio.core.view import State

from ..adapters import Adapter
from .noise_schedule import NoiseSchedule

FloatArray: TypeAlias = npt.NDArray[np.float32]
Target: TypeAlias = Literal["epsilon", "x0", "v", "flow"]


@dataclass(frozen=True, eq=False)
class Prediction:
    """What a network says of x at a time.

    Attributes:
        x0: the clean x it believes in, (B, ...), after guidance and thresholding.
        eps: the noise in x, (B, ...), consistent with x0: x = alpha x0 + sigma eps.
        attention: how much each place looks at each piece of the prompt, (B, L, h, w), summing to 1 over L, of the
            conditional half, averaged over heads and layers; None where it was not asked for or there is no prompt.
    """

    x0: Tensor
    eps: Tensor
    attention: Tensor | None = None


Denoise: TypeAlias = Callable[[Tensor, float], Prediction]
"""(x (B, ...), time t) to a prediction; no gradient."""


@dataclass(frozen=True)
class Guidance:
    """How strongly the prompt pulls (classifier-free guidance, Ho and Salimans 2022, arXiv 2207.12598).

    Attributes:
        scale: x0 = without + scale (with - without); 1 is the conditional prediction, 0 the unconditional one.
        rescale: 0..1, how far the spread is brought back to that of the conditional one (Lin 2023, arXiv 2305.08891).
        threshold: the quantile of |x0| that is brought back to 1 (dynamic thresholding, Saharia 2022, arXiv
            2205.11487); 1 clips nothing.
    """

    scale: float = 1.0
    rescale: float = 0.0
    threshold: float = 1.0


@dataclass(frozen=True, eq=False)
class Condition:
    """A prompt and what to avoid, embedded once for a whole run.

    Attributes:
        prompt: what the model was given in the end (a short prompt completed, a class by name).
        pieces: the words of it as the attention maps name them, L in all, without padding.
        arrays: what the network needs, by names that only it knows; numpy, so that two can be blended.
        counts: (L,) which rows of the array "context" are words that steering pushes, where no array "counts" says so;
            None for a model that is not asked in words.
    """

    prompt: str
    pieces: tuple[str, ...] = ()
    arrays: Mapping[str, FloatArray] = field(default_factory=dict)
    counts: FloatArray | None = None


class DiffusionModel(Protocol):
    """A model that can be run by every sampler.

    Attributes:
        kind: "pictures" or "sound".
        shape: of one x without its batch, (C, H, W) or (C, T).
        schedule: the noise it was trained with.
        size: (height, width) of a picture in pixels, or (1, samples) of a sound.
        has_attention: whether predictions can say which word mattered where.
        networks: what computes.
    """

    kind: Literal["pictures", "sound"]
    shape: tuple[int, ...]
    schedule: NoiseSchedule
    size: tuple[int, int]
    has_attention: bool
    networks: tuple[nn.Module, ...]

    def embed(self, prompt: str, negative: str = "") -> Condition:
        """Embed a prompt; raises UserError where the model cannot take it ("11" for a model of digits)."""

    def denoiser(self, condition: Condition, guidance: Guidance, with_attention: bool = False) -> Denoise:
        """What a sampler calls. Everything that does not change from step to step is computed here."""

    def encode(self, clean: FloatArray) -> Tensor:
        """A picture (H, W, 3) in 0..1, or sound (T,) in -1..1, of the model's own size, as x0 (1, ...)."""

    def decode(self, x0: Tensor) -> FloatArray:
        """The picture (H, W, 3) in 0..1, or sound (T,) in -1..1, of x0 (1, ...)."""

    def preview(self, x: Tensor) -> FloatArray:
        """What `decode` returns, of each of x (B, ...), roughly and in well under 3 % of a step; also of noise.

        Pictures (B, H, W, 3) or sounds (B, T): the looks of a step are taken in one go.
        """


@runtime_checkable
class Completing(Protocol):
    """A model that learnt from full captions, and so makes one of a short prompt before it draws."""

    def complete(self, prompt: str, seed: int) -> str:
        """The prompt as a full caption; what it leaves open follows from the seed."""


@runtime_checkable
class SeesKnown(Protocol):
    """A model that may have been taught to see, beside x, what of a picture stays."""

    def with_known(self, condition: Condition, picture: FloatArray, mask: FloatArray) -> Condition:
        """The condition with a picture (H, W, 3) in 0..1 of the model's size, made anew where `mask` (H, W) is 1."""


@runtime_checkable
class Adaptable(Protocol):
    """A model whose networks can be changed by files."""

    def wearing(self, adapters: tuple[Adapter, ...]) -> "DiffusionModel":
        """The same model with these adapters; raises UserError, once it is asked, where one does not fit."""

    def check_adapter(self, path: Path) -> None:
        """Raise UserError where a file is broken or does not fit the model."""


Keep: TypeAlias = Callable[[Tensor, float, int], Tensor]
"""(x (B, ...), time t, step k) to x with the known parts put back; what inpainting does between steps."""


@dataclass(frozen=True, eq=False)
class DiffusionStep:
    """Where a run stands before step k, and what the network says there.

    Attributes:
        k: 0 (pure noise) .. n_steps; n_steps is the finished one.
        n_steps: how many steps the run has.
        time: where x lies in the schedule; 0 for the finished one.
        x: (B, ...) at that time; for k = n_steps the result.
        prediction: at x; None for the finished one.
        before: the clean x that was predicted one step earlier, which multistep samplers need; None at first.
        carried: what a branch needs besides (levels, seed, words, what is kept); of the run, the same for all steps.
    """

    k: int
    n_steps: int
    time: float
    x: Tensor
    prediction: Prediction | None = None
    before: Tensor | None = None
    carried: State = field(default_factory=dict)
