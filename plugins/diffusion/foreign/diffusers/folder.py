"""Reads a pipeline folder of the `diffusers` library: what it is and what it needs, without that library.

Nothing in it is run: its JSON is read within bounds, its weights are safetensors, and of the classes that it names only
the few that are known here are ever made.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

from studio.core.container.source import is_folder, printable
from studio.core.container.weights.folder import WeightFiles, find_weights, read_object, read_weights
from studio.core.container.weights.tensor import TensorInfo
from studio.core.error import UserError
from studio.core.translation import N_

from .scheduler import SchedulerConfig, parse_scheduler

INDEX: Final = "model_index.json"
Kind: TypeAlias = Literal["pixels", "sd", "sdxl", "sd3", "flux"]

PIPELINES: Final[Mapping[str, Kind]] = {
    "DDPMPipeline": "pixels",
    "DDIMPipeline": "pixels",
    "StableDiffusionPipeline": "sd",
    "StableDiffusionImg2ImgPipeline": "sd",
    "StableDiffusionInpaintPipeline": "sd",
    "LatentConsistencyModelPipeline": "sd",
    "LatentConsistencyModelImg2ImgPipeline": "sd",
    "StableDiffusionXLPipeline": "sdxl",
    "StableDiffusionXLImg2ImgPipeline": "sdxl",
    "StableDiffusionXLInpaintPipeline": "sdxl",
    "FluxPipeline": "flux",
    "FluxImg2ImgPipeline": "flux",
    "FluxInpaintPipeline": "flux",
    "StableDiffusion3Pipeline": "sd3",
    "StableDiffusion3Img2ImgPipeline": "sd3",
    "StableDiffusion3InpaintPipeline": "sd3",
}
_LATENT: Final = {"unet": "UNet2DConditionModel", "vae": "AutoencoderKL", "text_encoder": "CLIPTextModel"}
_CLASSES: Final[Mapping[Kind, Mapping[str, str]]] = {
    "pixels": {"unet": "UNet2DModel"},
    "sd": _LATENT,
    "sdxl": {**_LATENT, "text_encoder_2": "CLIPTextModelWithProjection"},
    "sd3": {
        "transformer": "SD3Transformer2DModel",
        "vae": "AutoencoderKL",
        "text_encoder": "CLIPTextModelWithProjection",
        "text_encoder_2": "CLIPTextModelWithProjection",
        "text_encoder_3": "T5EncoderModel",
    },
    "flux": {
        "transformer": "FluxTransformer2DModel",
        "vae": "AutoencoderKL",
        "text_encoder": "CLIPTextModel",
        "text_encoder_2": "T5EncoderModel",
    },
}
FLOWS: Final[tuple[Kind, ...]] = ("sd3", "flux")
FLUX_SIDE: Final = 128
"""The latents of Flux along a side, of which its settings say nothing; four of them are one token."""
PACKED: Final = 4
_MAY_LACK: Final[Mapping[Kind, str]] = {"sdxl": "text_encoder", "sd3": "text_encoder_3"}
"""The encoder that a pipeline may do without: the second stage of XL hears with one of two, and T5 is large."""
_STEMS: Final = dict.fromkeys(("unet", "transformer", "vae"), "diffusion_pytorch_model")
_LIBRARIES: Final = ("diffusers", "transformers")
_MAX_LIST: Final = 64
_MAX_NUMBER: Final = 1_000_000
_MAX_LAYERS: Final = 64
_MAX_SIZE: Final = 1024
_MAX_LEVELS: Final = 8
_MAX_WIDTH: Final = 16_384


def find_component(folder: Path, stem: str) -> tuple[Path, ...]:
    """The safetensors files of a component whose weights are called `stem`; raises UserError where there are none."""
    if not is_folder(folder):
        raise UserError(N_("The folder “{name}” of this pipeline is missing.").format(name=printable(folder.name)))
    return find_weights(folder, stem)


@dataclass(frozen=True)
class Component:
    """One network of a pipeline.

    Attributes:
        class_name: of the library's class that it is an object of.
        config: its settings, as they are in its config.json; bounded, otherwise unchecked.
        prefix: what the names of its arrays begin with in a file that holds a whole pipeline; else empty.
    """

    name: str
    class_name: str
    config: Mapping[str, Any]
    weights: WeightFiles
    prefix: str = ""


@dataclass(frozen=True)
class PipelineFolder:
    """A pipeline that can be opened: a folder, or a file that holds a whole one.

    Attributes:
        class_name: of the pipeline.
        components: its networks by name ("unet", "vae", "text_encoder", ...).
        empties_negative: whether no negative prompt means nothing at all (zeros), as for SDXL.
        hears_score: whether its U-Net hears how beautiful a picture is to be, as SDXL's second stage does.
    """

    path: Path
    kind: Kind
    class_name: str
    components: Mapping[str, Component]
    scheduler: SchedulerConfig
    empties_negative: bool = False
    hears_score: bool = False

    @property
    def denoiser(self) -> Component:
        """The network that is asked at every step."""
        return self.components["transformer" if "transformer" in self.components else "unet"]

    @property
    def n_params(self) -> int:
        """The numbers of all its networks."""
        return sum(one.weights.n_params for one in self.components.values())

    @property
    def dtype(self) -> str:
        """The type of most of them."""
        counts: Counter[str] = Counter()
        for tensor in self.tensors():
            counts[tensor.dtype] += tensor.n_elements
        return counts.most_common(1)[0][0]

    @property
    def shape(self) -> tuple[int, int, int]:
        """Of what is denoised: (C, H, W), pixels or latents."""
        config = self.denoiser.config
        if self.kind == "flux":
            return config["in_channels"] // PACKED, FLUX_SIDE, FLUX_SIDE
        size = config["sample_size"]
        height, width = size if isinstance(size, list) else (size, size)
        return config["out_channels"], height, width

    @property
    def sees_known(self) -> bool:
        """Whether its U-Net was taught to paint over a part, and sees beside x what stays and where."""
        config = self.denoiser.config
        return self.kind not in FLOWS and bool(config["in_channels"] == 2 * config["out_channels"] + 1)

    @property
    def hears_guidance(self) -> bool:
        """Whether its U-Net is told the guidance as a number, and needs no half without the prompt."""
        config = self.denoiser.config
        return bool(config.get("guidance_embeds" if self.kind == "flux" else "time_cond_proj_dim"))

    @property
    def stride(self) -> int:
        """How many pixels lie along the side of one latent; 1 where pixels are denoised."""
        vae = self.components.get("vae")
        return 1 if vae is None else 2 ** (len(vae.config["block_out_channels"]) - 1)

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) of its pictures in pixels."""
        _, height, width = self.shape
        return height * self.stride, width * self.stride

    def tensors(self) -> Iterator[TensorInfo]:
        """The arrays of all networks, each called by its network's name first."""
        for one in self.components.values():
            for tensor in one.weights.tensors:
                yield TensorInfo(f"{one.name}.{tensor.name}", tensor.dtype, tensor.shape)

    def warnings(self) -> tuple[str, ...]:
        """What could not be checked, network by network."""
        return tuple(f"{one.name}: {text}" for one in self.components.values() for text in one.weights.warnings)


def is_pipeline(path: Path) -> bool:
    """Whether a folder, or the index in it, is a pipeline's; quick."""
    folder = folder_of(path)
    return (folder / INDEX).is_file() and (path.is_dir() or path.name == INDEX)


def folder_of(path: Path) -> Path:
    """The folder that a path stands for: itself, or the one of the index that was chosen."""
    return path.parent if path.name == INDEX and not path.is_dir() else path


def _class_name(index: Mapping[str, Any]) -> str:
    name = index.get("_class_name")
    if not isinstance(name, str) or not name:
        raise UserError(N_("The index of this folder does not say which pipeline it is."))
    return printable(name)


def read_pipeline(folder: Path) -> PipelineFolder:
    """Read everything but the weights themselves; raises UserError where it would not open."""
    index = read_object(folder / INDEX)
    name = _class_name(index)
    if name not in PIPELINES:
        raise UserError(
            N_("Pipelines of the type {name} cannot be opened.").format(name=name),
            N_("DDPM, DDIM, Stable Diffusion 1, 2, XL and 3 and Flux can be opened, from words or from a picture."),
        )
    kind = PIPELINES[name]
    wanted = dict(_CLASSES[kind])
    if index.get(_MAY_LACK.get(kind, "")) == [None, None]:
        del wanted[_MAY_LACK[kind]]
    components = {part: _component(folder, part, _class_of(index, part, name)) for part, name in wanted.items()}
    scheduler = parse_scheduler(read_object(folder / "scheduler" / "scheduler_config.json"))
    empties = kind == "sdxl" and index.get("force_zeros_for_empty_prompt", True) is True
    if (scheduler.target == "flow") != (kind in FLOWS):
        raise UserError(N_("The scheduler of this pipeline belongs to another kind of network."))
    hears_score = index.get("requires_aesthetics_score") is True
    pipeline = PipelineFolder(folder, kind, name, components, scheduler, empties, hears_score)
    check_fit(pipeline)
    if kind == "flux":
        _, height, width = pipeline.shape
        return replace(pipeline, scheduler=scheduler.for_tokens(height * width // PACKED))
    if scheduler.shift_by_size is not None:
        raise UserError(N_("The scheduler of this pipeline belongs to another kind of network."))
    return pipeline


def _class_of(index: Mapping[str, Any], part: str, wanted: str) -> str:
    """The class of a component: the one that is known here, from the libraries themselves."""
    match index.get(part):
        case [str(library), str(name)] if library in _LIBRARIES and name == wanted:
            return name
        case [str(library), str(name)] if library not in _LIBRARIES:
            raise UserError(
                N_("The pipeline comes with code of its own for “{part}” ({name}), which is never run.").format(
                    part=part, name=printable(f"{library}.{name}")
                )
            )
        case [_, str(name)]:
            raise UserError(
                N_("“{part}” is of a type that cannot be opened: {name}.").format(part=part, name=printable(name))
            )
    raise UserError(N_("The pipeline does not say what its “{part}” is.").format(part=part))


def _component(folder: Path, part: str, class_name: str) -> Component:
    config = read_object(folder / part / "config.json")
    _check_numbers(config, part)
    weights = read_weights(find_component(folder / part, _STEMS.get(part, "model")))
    return Component(part, class_name, config, weights)


def _check_numbers(value: Any, part: str, key: str = "") -> None:
    """Refuse settings that would build something without end; `key` is whose value it is."""
    if isinstance(value, dict):
        for name, one in value.items():
            _check_numbers(one, part, name)
    elif isinstance(value, list):
        if len(value) > _MAX_LIST:
            raise UserError(N_("The settings of “{part}” contain a list that never ends.").format(part=part))
        for one in value:
            _check_numbers(one, part, key)
    elif type(value) is int and abs(value) > (_MAX_LAYERS if "layers" in key else _MAX_NUMBER):
        raise UserError(
            N_("The settings of “{part}” ask for an impossible size ({key}).").format(part=part, key=printable(key))
        )


def check_fit(pipeline: PipelineFolder) -> None:
    """What is needed to know the sizes, and what would make another kind of model of it."""
    unet = pipeline.denoiser.config
    if pipeline.kind == "flux":
        n_channels = pipeline.components["vae"].config.get("latent_channels")
        unet = {"sample_size": FLUX_SIDE, **unet, "out_channels": n_channels}
        if type(unet.get("in_channels")) is int:
            unet["in_channels"] //= PACKED
    size, channels = unet.get("sample_size"), unet.get("in_channels")
    sizes = size if isinstance(size, list) and len(size) == 2 else [size]
    if not all(type(one) is int and 1 <= one <= _MAX_SIZE for one in [*sizes, channels]):
        raise UserError(N_("The settings of the U-Net do not say how large its pictures are."))
    vae = pipeline.components.get("vae")
    expected = 3 if vae is None else vae.config.get("latent_channels")
    may_see = type(expected) is int and pipeline.kind in ("sd", "sdxl")
    known = 2 * expected + 1 if may_see and expected else expected
    if channels not in (expected, known) or unet.get("out_channels") != expected:
        raise UserError(
            N_("This U-Net takes {n} channels, but {m} were expected: it was made for another task.").format(
                n=channels, m=expected
            ),
            N_("Only pipelines that make a picture from words or from noise can be opened."),
        )
    if vae is not None and not _are_widths(vae.config.get("block_out_channels")):
        raise UserError(N_("The settings of the autoencoder do not say how much it shrinks a picture."))
    if pipeline.kind in FLOWS:
        _check_transformer(unet)
    elif not _are_widths(unet.get("block_out_channels")):
        raise UserError(N_("The settings of the U-Net do not say how wide it is."))
    if unet.get("num_class_embeds") or unet.get("class_embed_type"):
        raise UserError(N_("This U-Net needs a class number, which its pipeline does not supply."))


def _check_transformer(config: Mapping[str, Any]) -> None:
    """What the memory of a step follows from."""
    names = ("num_layers", "num_attention_heads", "attention_head_dim", "joint_attention_dim")
    sizes = [config.get("patch_size", 1), *(config.get(name) for name in names)]
    if not all(type(one) is int and 1 <= one <= _MAX_WIDTH for one in sizes):
        raise UserError(N_("The settings of the transformer do not say how wide it is."))


def _are_widths(values: Any) -> bool:
    """Whether it is a list of a few numbers of channels."""
    return (
        isinstance(values, list)
        and 1 <= len(values) <= _MAX_LEVELS
        and all(type(one) is int and 1 <= one <= _MAX_WIDTH for one in values)
    )
