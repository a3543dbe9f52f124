"""Networks of this family as samplers know them: embedded once, both halves of the guidance in one pass.

One item is computed at a time, always in the same shape, so that an item of a batch is bit for bit what it is alone.
Models of faces learnt from full captions, so they complete a short prompt first. Shape letters: C channels, H W of what
is denoised, L pieces of a prompt, E embedding.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache, partial
from typing import Any, Final, Literal

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from studio.core.error import UserError
from studio.core.seed import standard_normal
from studio.core.translation import N_
from studio.core.view import ByteArray
from studio.nn.layered.layered_vae import LayeredVAE

from ...shared.model.denoiser import Condition, Denoise, FloatArray, Guidance, Prediction
from ...shared.model.noise_schedule import NoiseSchedule
from ...shared.model.prediction import guided_prediction, halves_needed, x0_of
from ..face_caption import complete
from .networks import Cascade, LatentDiffusion, PixelDiffusion, PixelDiffusionConfig, device_of
from .unet import Conditioning, merged_maps

WITHOUT: Final = "without_"
"""What the names of the arrays of the half that the prompt is held against begin with."""
N_REMEMBERED: Final = 64
"""So many prompts are read once; most runs ask for one that was read before, and all avoid the same."""
AUGMENT_TIME: Final = 100
"""How noisy, as a time of the training, the second stage of a cascade takes the first one's picture."""


class PixelModel:
    """A U-Net that works on the pixels themselves; for the second stage of a cascade with a smaller picture."""

    kind: Literal["pictures", "sound"] = "pictures"

    def __init__(self, network: PixelDiffusion, extra: Tensor | None = None) -> None:
        """Take the network, and the enlarged small picture (1, n_extra, H, W) where it needs one."""
        self.network = network
        self.networks: tuple[nn.Module, ...] = (network,)
        self.shape: tuple[int, ...] = network.shape
        self.schedule: NoiseSchedule = network.config.schedule
        self.size = (network.shape[1], network.shape[2])
        self.has_attention = network.text is not None
        self._extra = extra
        self._words = lru_cache(N_REMEMBERED)(partial(_words_of, network))

    @torch.inference_mode()
    def embed(self, prompt: str, negative: str = "") -> Condition:
        """See DiffusionModel; a class is asked for by its name."""
        text = self.network.text
        if text is not None:
            arrays = {**self._words(prompt), **{WITHOUT + name: value for name, value in self._words(negative).items()}}
            return Condition(prompt, text.read(prompt).pieces, arrays)
        if self.network.config.class_names:
            return Condition(prompt, (), {"vector": self._class(prompt), WITHOUT + "vector": self._class(negative)})
        return Condition(prompt)

    def _class(self, name: str) -> FloatArray:
        names = self.network.config.class_names
        wanted = name.strip().casefold()
        known = [one.casefold() for one in names]
        if wanted and wanted not in known:
            raise UserError(
                N_("This model does not know “{name}”.").format(name=name.strip()[:40]),
                N_("It knows: {names}.").format(names=", ".join(names)),
            )
        number = known.index(wanted) if wanted else len(names)
        vector = self.network.unet.class_vector(torch.tensor([number], device=device_of(self.network)))[0]  # (E,)
        found: FloatArray = vector.cpu().numpy()
        return found

    @torch.inference_mode()
    def denoiser(self, condition: Condition, guidance: Guidance, with_attention: bool = False) -> Denoise:
        """See DiffusionModel."""
        needed = halves_needed(guidance) if condition.arrays else (True, False)
        names = [prefix for prefix, is_needed in zip(("", WITHOUT), needed, strict=True) if is_needed]
        asked = self._conditioning(condition.arrays, names)
        n_pieces = len(condition.pieces) if with_attention and needed[0] else 0

        def denoise(x: Tensor, time: float) -> Prediction:
            parts = [
                self._predict(x[item : item + 1], time, asked, guidance, needed, n_pieces) for item in range(len(x))
            ]
            return parts[0] if len(parts) == 1 else _joined(parts)

        return denoise

    def _conditioning(self, arrays: Mapping[str, FloatArray], names: list[str]) -> Conditioning:
        """What the halves called `names` ask for, in that order."""
        device = device_of(self.network)

        def both(name: str) -> Tensor:
            return torch.from_numpy(np.stack([arrays[prefix + name] for prefix in names])).to(device)

        if "context" in arrays:
            counts = both("counts")  # (n, L)
            n_used = max(1, int((counts > 0).sum(1).max()))
            asked = self.network.unet.words(both("context")[:, :n_used], counts[:, :n_used])
        elif "vector" in arrays:
            asked = Conditioning(both("vector"))
        else:
            asked = Conditioning()
        if self._extra is None:
            return asked
        time = torch.full((len(names),), float(AUGMENT_TIME), device=device)
        return replace(asked, extra=self._extra.to(device).expand(len(names), -1, -1, -1), extra_time=time)

    @torch.inference_mode()
    def _predict(
        self,
        x: Tensor,
        time: float,
        asked: Conditioning,
        guidance: Guidance,
        needed: tuple[bool, bool],
        n_pieces: int,
    ) -> Prediction:
        """The prediction at one x (1, C, H, W), the halves that are needed in one pass."""
        n_halves, device = sum(needed), device_of(self.network)
        twice = x.to(device).expand(n_halves, -1, -1, -1).contiguous(memory_format=torch.channels_last)
        maps: list[Tensor] | None = [] if n_pieces else None
        said = self.network.unet(twice, torch.full((n_halves,), float(time), device=device), asked, maps)
        alpha, sigma = level = self.schedule.alpha_sigma(time)
        clean = x0_of(said, self.network.config.unet.target, twice, alpha, sigma).to(x.device).contiguous()
        prediction = guided_prediction(
            x,
            clean[:1] if needed[0] else None,
            clean[-1:] if needed[1] else None,
            guidance,
            level,
            is_pixels=self._is_pixels,
        )
        if not maps:
            return prediction
        return replace(prediction, attention=merged_maps([one[:1] for one in maps])[:, :n_pieces].to(x.device))

    @property
    def _is_pixels(self) -> bool:
        return True

    def encode(self, clean: FloatArray) -> Tensor:
        """See DiffusionModel."""
        picture = torch.from_numpy(np.ascontiguousarray(clean, np.float32)).movedim(2, 0)[None]  # (1, 3, H, W)
        return 2 * (picture.mean(1, keepdim=True) if self.shape[0] == 1 else picture) - 1

    def decode(self, x0: Tensor) -> FloatArray:
        """See DiffusionModel."""
        return as_pictures((x0[:1].float() + 1) / 2)[0]

    def preview(self, x: Tensor) -> FloatArray:
        """See DiffusionModel."""
        return as_pictures((x.float() + 1) / 2)


def _words_of(network: PixelDiffusion, prompt: str) -> Mapping[str, FloatArray]:
    """What the layers are told of a prompt; the arrays are shared, so nobody may write into them."""
    text = network.text
    assert text is not None
    context, counts = text(text.ids([prompt]).to(device_of(text)))
    found = {"context": context[0].cpu().numpy(), "counts": counts[0].cpu().numpy()}
    for array in found.values():
        array.setflags(write=False)
    return found


class LatentModel(PixelModel):
    """A U-Net that works on the latents of an autoencoder; `layered`, if any, draws finished pictures large."""

    layered: LayeredVAE | None = None

    def __init__(self, network: LatentDiffusion) -> None:
        super().__init__(network.diffusion)
        self.whole = network
        self._autoencoder = network.autoencoder
        self._preview = network.preview
        self.size = (network.config.autoencoder.size_px, network.config.autoencoder.size_px)

    @property
    def _is_pixels(self) -> bool:
        return False

    @torch.inference_mode()
    def encode(self, clean: FloatArray) -> Tensor:
        """See DiffusionModel."""
        picture = torch.from_numpy(np.ascontiguousarray(clean, np.float32)).movedim(2, 0)[None]  # (1, 3, H, W)
        return self._autoencoder.encode(picture.to(device_of(self._autoencoder))).cpu()

    @torch.inference_mode()
    def decode(self, x0: Tensor) -> FloatArray:
        """See DiffusionModel."""
        return as_pictures(self._autoencoder.decode(x0[:1].float().to(device_of(self._autoencoder))))[0]

    @torch.inference_mode()
    def preview(self, x: Tensor) -> FloatArray:
        """See DiffusionModel: the linear look."""
        return as_pictures(self._preview(x.float().to(device_of(self._autoencoder))))

    @torch.inference_mode()
    def sharp(self, picture: FloatArray, size_px: int) -> ByteArray | None:
        """A decoded picture (H, W, 3) in layers, (S, S, 3), S a multiple of H; None where no layers are known."""
        if self.layered is None:
            return None
        small = torch.from_numpy(picture).movedim(2, 0)[None].to(device_of(self.layered))  # (1, 3, H, W)
        return self.layered.redrawn(small, size_px)[0]


class CascadeModel:
    """Two models of which the second one makes the first one's picture large.

    Attributes:
        stages: both; the second one alone lacks the picture that it needs, `second` gives it one.
    """

    def __init__(self, network: Cascade) -> None:
        self.stages = (PixelModel(network.base), PixelModel(network.upscaler))

    def second(self, small: Tensor) -> PixelModel:
        """The second stage for a clean x (1, C, h, w) of the first one."""
        upscaler = self.stages[1].network
        return PixelModel(upscaler, enlarged(small.float().cpu(), upscaler.config))


def enlarged(small: Tensor, upscaler: PixelDiffusionConfig) -> Tensor:
    """Small pictures (B, C, h, w) as a finished second stage sees them: (B, C, H, W), all with the same noise."""
    shape = (small.shape[1], upscaler.unet.size_px, upscaler.unet.size_px)
    return augmented(small, torch.from_numpy(standard_normal(shape, 0, "augment"))[None], upscaler, AUGMENT_TIME)


def augmented(small: Tensor, noise: Tensor, upscaler: PixelDiffusionConfig, time: int | Tensor) -> Tensor:
    """Small pictures (B, C, h, w) enlarged and as noisy as at a time of the training (one, or (B,)): (B, C, H, W).

    The second stage learns with any noise, so that what the first one gets slightly wrong does not mislead it.
    """
    large = F.interpolate(small, (upscaler.unet.size_px,) * 2, mode="bilinear", align_corners=False)
    squared = torch.from_numpy(upscaler.schedule.alphas_cumprod).float().to(small.device)[time]
    squared = squared.reshape(-1, 1, 1, 1)
    return squared.sqrt() * large + (1 - squared).sqrt() * noise


def as_pictures(pictures: Tensor) -> FloatArray:
    """Pictures (B, 1 or 3, H, W) as (B, H, W, 3) in [0, 1]."""
    laid = pictures.clamp(0, 1).expand(-1, 3, -1, -1).movedim(1, 3)
    found: FloatArray = np.ascontiguousarray(laid.cpu().numpy())
    return found


def _joined(parts: list[Prediction]) -> Prediction:
    maps: list[Any] = [part.attention for part in parts]
    attention = None if maps[0] is None else torch.cat(maps)
    return Prediction(torch.cat([part.x0 for part in parts]), torch.cat([part.eps for part in parts]), attention)


class Completing:
    """Writes full captions of faces."""

    def complete(self, prompt: str, seed: int) -> str:
        """See Completing."""
        return complete(prompt, seed)


class FaceModel(Completing, LatentModel):
    """Latent diffusion of faces."""


class FacePixelModel(Completing, PixelModel):
    """Diffusion of the pixels of faces."""
