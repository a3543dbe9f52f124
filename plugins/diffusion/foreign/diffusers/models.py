"""Pipelines of other people as models of this family: their networks and noise, our samplers.

Where a scheduler clips or thresholds the clean prediction, the noise is computed again from the clipped one, as
`Prediction` promises (the library does so with `use_clipped_model_output`; by default its DDIM mixes the two).
Shape letters: C H W of what is denoised, L_p tokens with padding, L words, D features.
"""

from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
import torch
from torch import Tensor, nn

from studio.api.engine import Device, ModelSource
from studio.core.error import UserError
from studio.core.seed import standard_normal
from studio.core.translation import N_

from ...pictures.model.denoisers import as_pictures
from ...pictures.model.unet import merged_maps
from ...shared.adapters import Adapter
from ...shared.model.denoiser import Condition, Denoise, FloatArray, Guidance, Prediction
from ...shared.model.inpainting import mask_of_x
from ...shared.model.noise_schedule import NoiseSchedule
from ...shared.model.prediction import (
    combined,
    dynamic_threshold,
    eps_of,
    halves_needed,
    prediction_from_x0,
    rescaled,
    x0_of,
)
from ..lora.merging import AdaptedNetworks
from .checkpoint import OPEN_CLIPS, read_model
from .clip_text import ClipEncoder, ClipTokenizer, Tokenised, clip_vocabulary, read_vocabulary
from .folder import FLOWS, Component, PipelineFolder
from .guided_transformer import GuidedFlux, GuidedTransformer, HeardPrompt
from .guided_unet import GuidedUNet, PromptKeys
from .loading import TILE_PX, choose_dtype, load_component, require_libraries
from .scheduler import SchedulerConfig
from .t5_text import N_FLUX_TOKENS, N_TOKENS, T5Encoder, joint_context

T5: Final = "T5EncoderModel"
ENCODERS: Final = ("text_encoder", "text_encoder_2")
WITHOUT: Final = "without_"
"""What the names of the arrays of the half that the prompt is held against begin with."""
SEEN: Final = "seen"
"""Where a condition holds what a U-Net sees beside x."""
SCORES: Final = {"": 6.0, WITHOUT: 2.5}
"""How beautiful a picture is to be, and what it is held against (1..10, the usual ones of that library)."""
GREY, KEPT_BELOW = 0.5, 0.5
TILED_FROM_PX: Final = 768
_FIT_SIDES: Final = 16
_N_FITS: Final = 6

Halves = Callable[[Tensor, float, list[Tensor] | None], Tensor]
"""(x (1, C, H, W), time, maps to fill) to what the network says of each half, (B, C, H, W)."""


def open_pipeline(source: ModelSource, device: Device) -> "PixelPipeline | TextPipeline":
    """Load the pipeline folder of a source.

    Raises:
        UserError: the libraries are missing, the folder is no good, or the memory is too small; with figures.
    """
    pipeline = read_model(source.path)
    require_libraries()
    dtype = choose_dtype(pipeline, device)
    return (PixelPipeline if pipeline.kind == "pixels" else TextPipeline)(pipeline, dtype, device.torch_device)


class PixelPipeline:
    """A DDPM or DDIM pipeline: pixels without words."""

    kind: Literal["pictures", "sound"] = "pictures"
    has_attention = False

    def __init__(self, pipeline: PipelineFolder, dtype: torch.dtype, device: torch.device) -> None:
        self._unet: Any = load_component(pipeline.denoiser, dtype, device)
        self._unet.to(memory_format=torch.channels_last)
        self.networks: tuple[nn.Module, ...] = (self._unet,)
        self._config = pipeline.scheduler
        self._dtype, self._device = dtype, device
        self.shape: tuple[int, ...] = pipeline.shape
        self.size = pipeline.size
        self.schedule = pipeline.scheduler.schedule()

    def embed(self, prompt: str, negative: str = "") -> Condition:
        """See DiffusionModel: there is nothing to ask for."""
        if prompt.strip() or negative.strip():
            raise UserError(N_("This model does not use words."), N_("Leave the prompt empty."))
        return Condition("")

    def denoiser(self, condition: Condition, guidance: Guidance, with_attention: bool = False) -> Denoise:
        """See DiffusionModel."""

        def halves(x: Tensor, time: float, maps: list[Tensor] | None) -> Tensor:
            said: Tensor = self._unet(x, torch.tensor(time, device=x.device), return_dict=False)[0]
            return said

        return self._denoise(halves, guidance, (True, False), None)

    def _denoise(
        self, halves: Halves, guidance: Guidance, needed: tuple[bool, bool], words: Tokenised | None
    ) -> Denoise:
        @torch.inference_mode()
        def one(x: Tensor, time: float) -> Prediction:
            maps: list[Tensor] | None = None if words is None else []
            layout = x.to(self._device, self._dtype).contiguous(memory_format=torch.channels_last)
            said = halves(layout, time, maps).float().to(x.device).contiguous()
            found = guided(x, said, self._config, guidance, needed, time, self.schedule)
            if not maps or words is None:
                return found
            return replace(found, attention=_of_words(merged_maps(maps), words).to(x.device))

        return lambda x, time: _together([one(x[item : item + 1], time) for item in range(len(x))])

    def encode(self, clean: FloatArray) -> Tensor:
        """See DiffusionModel."""
        picture = 2 * _as_batch(clean) - 1
        return picture.mean(1, keepdim=True) if self.shape[0] == 1 else picture

    def decode(self, x0: Tensor) -> FloatArray:
        """See DiffusionModel."""
        return as_pictures(x0[:1].float() / 2 + 0.5)[0]

    def preview(self, x: Tensor) -> FloatArray:
        """See DiffusionModel."""
        return as_pictures(x.float() / 2 + 0.5)


class TextPipeline(PixelPipeline):
    """Stable Diffusion: words to latents to a picture."""

    has_attention = True

    def __init__(self, pipeline: PipelineFolder, dtype: torch.dtype, device: torch.device) -> None:
        super().__init__(pipeline, dtype, device)
        self._pipeline = pipeline
        parts, is_flow = pipeline.components, pipeline.kind in FLOWS
        made = GuidedFlux if pipeline.kind == "flux" else GuidedTransformer
        self._guided: Any = made(self._unet, pipeline.scheduler.n_times) if is_flow else GuidedUNet(self._unet)
        self.has_attention = not is_flow
        clips = [name for name in ENCODERS if name in parts and parts[name].class_name != T5]
        self._encoders = [self._encoder(name) for name in clips]
        self._vae: Any = load_component(parts["vae"], dtype, device).to(memory_format=torch.channels_last)
        self.networks += (self._vae, *(encoder.network for encoder in self._encoders))
        adaptable = {name: encoder.network for name, encoder in zip(clips, self._encoders, strict=True)}
        self._adapted = AdaptedNetworks(parts, {pipeline.denoiser.name: self._unet, **adaptable})
        self._adapters: tuple[Adapter, ...] = ()
        self._t5 = next((self._large_encoder(one) for one in parts.values() if one.class_name == T5), None)
        self._scale, self._shift = _latent_scale(parts["vae"].config, pipeline.shape[0])
        if max(pipeline.size) >= TILED_FROM_PX:
            self._vae.enable_tiling()
            self._vae.tile_sample_min_size = TILE_PX
            self._vae.tile_latent_min_size = TILE_PX // pipeline.stride
        self._preview: list[Tensor] = []
        self._nothing_known: list[FloatArray] = []

    def wearing(self, adapters: tuple[Adapter, ...]) -> "TextPipeline":
        """See Adaptable; all that it returns share one memory, whose weights are changed when one of them is asked."""
        changed = copy(self)
        changed._adapters = adapters
        return changed

    def check_adapter(self, path: Path) -> None:
        """See Adaptable."""
        self._adapted.check(path)

    def _encoder(self, name: str) -> ClipEncoder:
        component = self._pipeline.components[name]
        positions = component.config.get("max_position_embeddings", 77)
        if component.prefix:
            vocabulary = clip_vocabulary(component.prefix in OPEN_CLIPS)
        else:
            vocabulary = read_vocabulary(self._pipeline.path / name.replace("text_encoder", "tokenizer"))
        tokenizer = ClipTokenizer(vocabulary, positions)
        model = load_component(component, self._dtype, self._device)
        return ClipEncoder(tokenizer, model, takes_last=self._pipeline.kind == "sd")

    def embed(self, prompt: str, negative: str = "") -> Condition:
        """See DiffusionModel; a prompt that is too long is cut, and says so by what the condition calls it."""
        self._adapted.wear(self._adapters)
        if negative.strip() and self._pipeline.hears_guidance:
            raise UserError(N_("This model cannot avoid words."), N_("Leave “Avoid” empty."))
        words = self._encoders[0].tokenizer.tokenise(prompt)
        asked, held = self._features(prompt), self._features(negative)
        if not negative and self._pipeline.empties_negative:
            held = {name: np.zeros_like(values) for name, values in held.items()}
        return Condition(words.text, words.words, asked | {WITHOUT + name: values for name, values in held.items()})

    def _large_encoder(self, component: Component) -> T5Encoder:
        model = load_component(component, self._dtype, self._device)
        self.networks += (model,)
        folder = self._pipeline.path / component.name.replace("text_encoder", "tokenizer")
        return T5Encoder(folder, model, N_FLUX_TOKENS if self._pipeline.kind == "flux" else N_TOKENS)

    def _features(self, text: str) -> dict[str, FloatArray]:
        """What the network hears of a text: "context" (L_p, D), and but for SD 1 and 2 "pooled" (E,)."""
        if self._pipeline.kind == "flux" and self._t5 is not None:
            (clip,) = self._encoders
            return {"context": self._t5.encode(text), "pooled": clip.whole(clip.tokenizer.tokenise(text).ids)}
        said = [encoder.encode(encoder.tokenizer.tokenise(text).ids) for encoder in self._encoders]
        if self._pipeline.kind == "sd3":
            width = self._pipeline.denoiser.config["joint_attention_dim"]
            t5 = None if self._t5 is None else self._t5.encode(text)
            both = np.concatenate([whole for _, whole in said if whole is not None])
            return {"context": joint_context([hidden for hidden, _ in said], t5, width), "pooled": both}
        context = np.concatenate([hidden for hidden, _ in said], 1)
        pooled = said[-1][1]
        return {"context": context} if pooled is None else {"context": context, "pooled": pooled}

    @torch.inference_mode()
    def denoiser(self, condition: Condition, guidance: Guidance, with_attention: bool = False) -> Denoise:
        """See DiffusionModel."""
        self._adapted.wear(self._adapters)
        hears = self._pipeline.hears_guidance
        needed = (True, False) if hears else halves_needed(guidance)
        # The conditional half comes last, where its maps are taken.
        names = [name for name, is_needed in ((WITHOUT, needed[1]), ("", needed[0])) if is_needed]
        heard = self._heard(condition.arrays, names)
        if hears:
            heard = replace(heard, told=self._guided.told(guidance.scale))
        words = (
            self._encoders[0].tokenizer.tokenise(condition.prompt)
            if with_attention and self.has_attention and needed[0]
            else None
        )

        seen = self._seen(condition)

        def halves(x: Tensor, time: float, maps: list[Tensor] | None) -> Tensor:
            self._adapted.wear(self._adapters)  # another run may have come between
            return self._asked(x if seen is None else torch.cat([x, seen], 1), time, heard, maps)

        return self._denoise(halves, guidance, needed, words if words is not None and words.words else None)

    def _asked(self, x: Tensor, time: float, heard: PromptKeys | HeardPrompt, maps: list[Tensor] | None) -> Tensor:
        found: Tensor
        found = self._guided(x, time, heard) if maps is None else self._guided(x, time, heard, maps)
        return found

    def _heard(self, arrays: Mapping[str, FloatArray], names: list[str]) -> PromptKeys | HeardPrompt:
        def stacked(name: str) -> Tensor:
            values = np.stack([arrays[half + name] for half in names])
            return torch.from_numpy(values).to(self._device, self._dtype)

        if "pooled" not in arrays:
            return self._guided.hear(stacked("context"))
        if self._pipeline.kind in FLOWS:
            return self._guided.hear(stacked("context"), stacked("pooled"))
        facts = torch.tensor([self._facts(half) for half in names], device=self._device)
        return self._guided.hear(stacked("context"), stacked("pooled"), facts)

    def _facts(self, half: str) -> list[float]:
        """What SDXL hears of its training picture: its size and place, and the size or the score that is wished for."""
        height, width = (float(side) for side in self.size)
        wished = [SCORES[half]] if self._pipeline.hears_score else [height, width]
        return [height, width, 0.0, 0.0, *wished]

    def with_known(self, condition: Condition, picture: FloatArray, mask: FloatArray) -> Condition:
        """See SeesKnown."""
        if not self._pipeline.sees_known:
            return condition
        where = mask_of_x(mask, self.shape)[0].numpy()  # (1, h, w)
        kept = picture + (mask[:, :, None] >= KEPT_BELOW) * (GREY - picture)
        seen = np.concatenate([where, self.encode(kept)[0].numpy()])
        return replace(condition, arrays={**condition.arrays, SEEN: seen})

    def _seen(self, condition: Condition) -> Tensor | None:
        """Where x is made anew and what else is known, (1, 1 + C, h, w); None for a U-Net that only sees x."""
        if not self._pipeline.sees_known:
            return None
        if SEEN not in condition.arrays and not self._nothing_known:
            all_new = np.ones(self.size, np.float32)
            blank = self.with_known(Condition(""), np.full((*self.size, 3), GREY, np.float32), all_new)
            self._nothing_known.append(blank.arrays[SEEN])
        seen = condition.arrays[SEEN] if SEEN in condition.arrays else self._nothing_known[0]
        return torch.from_numpy(np.asarray(seen))[None].to(self._device, self._dtype)

    @torch.inference_mode()
    def encode(self, clean: FloatArray) -> Tensor:
        """See DiffusionModel: the mean of what the autoencoder says."""
        picture = (2 * _as_batch(clean) - 1).to(self._device, self._dtype)
        latents: Tensor = self._vae.encode(picture).latent_dist.mode().float().cpu()
        return (latents - self._shift) / self._scale

    @torch.inference_mode()
    def decode(self, x0: Tensor) -> FloatArray:
        """See DiffusionModel; large pictures in tiles."""
        return as_pictures(self._decoded(x0[:1]) / 2 + 0.5)[0]

    def _decoded(self, latents: Tensor) -> Tensor:
        scaled = latents.float().cpu() * self._scale + self._shift
        layout = scaled.to(self._device, self._dtype).contiguous(memory_format=torch.channels_last)
        picture: Tensor = self._vae.decode(layout, return_dict=False)[0].float().cpu()
        return picture

    @torch.inference_mode()
    def preview(self, x: Tensor) -> FloatArray:
        """See DiffusionModel: a linear map of the latents, fitted by least squares to a few small decodes.

        What is decoded for that are soft random latents of the spread that clean ones have; made at the first call.
        """
        if not self._preview:
            self._preview.append(self._fitted())
        latents = x.float().cpu().movedim(1, 3)  # (B, H, W, C)
        colours = torch.cat([latents, torch.ones_like(latents[..., :1])], 3) @ self._preview[0]  # (B, H, W, 3)
        return as_pictures(colours.movedim(3, 1) / 2 + 0.5)

    def _fitted(self) -> Tensor:
        """(C + 1, 3): from a latent and 1 to the mean colour of the pixels that it stands for, -1..1."""
        channels = self.shape[0]
        seen = torch.from_numpy(standard_normal((_N_FITS, channels, _FIT_SIDES, _FIT_SIDES), 0, "preview"))
        soft = torch.nn.functional.avg_pool2d(seen, 5, 1, 2, count_include_pad=False)
        latents = soft / soft.std((2, 3), keepdim=True)
        pictures = torch.cat([self._decoded(one[None]) for one in latents])  # (n, 3, S side, S side)
        wanted = torch.nn.functional.avg_pool2d(pictures, self._pipeline.stride).movedim(1, 3).reshape(-1, 3)
        rows = latents.movedim(1, 3).reshape(-1, channels)
        rows = torch.cat([rows, torch.ones_like(rows[:, :1])], 1)
        return torch.linalg.lstsq(rows, wanted).solution


def guided(
    x: Tensor,
    said: Tensor,
    config: SchedulerConfig,
    guidance: Guidance,
    needed: tuple[bool, bool],
    time: float,
    schedule: NoiseSchedule,
) -> Prediction:
    """What a model says in the end of x (1, ...).

    Args:
        said: by the network, (B, ...): the half without the prompt, then the one with it, as far as `needed` (with,
            without) says.
        time: of x. schedule: what alpha and sigma are there.
    """
    level, (kept, counted) = schedule.alpha_sigma(time), config.shares(time)
    with_prompt = said[-1:]
    whole = combined(with_prompt, said[:1], replace(guidance, rescale=0.0)) if all(needed) else with_prompt
    x0, eps = x0_of(whole, config.target, x, *level), eps_of(whole, config.target, x, *level)
    if guidance.rescale > 0 and all(needed):
        x0 = rescaled(x0, x0_of(with_prompt, config.target, x, *level), guidance.rescale)
    x0 = dynamic_threshold(x0, guidance.threshold)
    x0 = _limited(x0, config)
    if kept:
        return prediction_from_x0(x, counted * x0 + kept * x, *level)
    is_as_said = guidance.rescale == 0 and guidance.threshold >= 1 and config.clip is None and config.threshold >= 1
    return Prediction(x0, eps) if is_as_said else prediction_from_x0(x, x0, *level)


def _limited(x0: Tensor, config: SchedulerConfig) -> Tensor:
    """Clipped or thresholded as the scheduler would."""
    if config.clip is not None:
        return x0.clamp(-config.clip, config.clip)
    if config.threshold >= 1:
        return x0
    limit = torch.quantile(x0.abs().flatten(1), config.threshold, dim=1).clamp(1, config.threshold_limit)
    limit = limit.reshape(-1, *[1] * (x0.dim() - 1))
    return torch.minimum(torch.maximum(x0, -limit), limit) / limit


def _of_words(maps: Tensor, words: Tokenised) -> Tensor:
    """From maps of tokens (1, L_p, h, w) to maps of words (1, L, h, w) that sum to 1 at each place."""
    owners = torch.tensor(words.owners)
    found = torch.stack([maps[:, owners == word].sum(1) for word in range(len(words.words))], 1)
    return found / found.sum(1, keepdim=True).clamp_min(1e-12)


def _together(parts: list[Prediction]) -> Prediction:
    if len(parts) == 1:
        return parts[0]
    maps = [part.attention for part in parts if part.attention is not None]
    return Prediction(
        torch.cat([part.x0 for part in parts]),
        torch.cat([part.eps for part in parts]),
        torch.cat(maps) if maps else None,
    )


def _latent_scale(config: Mapping[str, Any], n_channels: int) -> tuple[Tensor, Tensor]:
    """By what latents are multiplied, and what is added, before they are decoded: (1, C, 1, 1) each."""
    factor, shift = config.get("scaling_factor", 0.18215), config.get("shift_factor") or 0.0
    mean, std = config.get("latents_mean"), config.get("latents_std")
    try:
        spread = np.array(std if mean is not None and std is not None else [1.0] * n_channels, float)
        middle = np.array(mean if mean is not None and std is not None else [0.0] * n_channels, float)
        scale, offset = spread / float(factor), middle + float(shift)
        if scale.shape != (n_channels,) or offset.shape != scale.shape or not (abs(scale) > 0).all():
            raise ValueError("not one number for each channel")
    except (TypeError, ValueError, ZeroDivisionError) as error:
        raise UserError(N_("The settings of the autoencoder do not say how its latents are scaled.")) from error
    return _per_channel(scale), _per_channel(offset)


def _per_channel(values: Any) -> Tensor:
    return torch.tensor(values, dtype=torch.float32).reshape(1, -1, 1, 1)


def _as_batch(clean: FloatArray) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(clean, np.float32)).movedim(2, 0)[None]
