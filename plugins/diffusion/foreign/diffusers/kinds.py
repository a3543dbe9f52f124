"""The pipelines that can be opened: what kind each is, and of which classes its networks are."""

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

Kind: TypeAlias = Literal["pixels", "latents", "consistency", "classes", "ldm", "sd", "sdxl", "sd3", "flux"]

PIPELINES: Final[Mapping[str, Kind]] = {
    "DDPMPipeline": "pixels",
    "DDIMPipeline": "pixels",
    "LDMPipeline": "latents",
    "ConsistencyModelPipeline": "consistency",
    "DiTPipeline": "classes",
    "LDMTextToImagePipeline": "ldm",
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
_FIRST_DECODERS: Final = ("VQModel", "AutoencoderKL")
CLASSES: Final[Mapping[Kind, Mapping[str, str | tuple[str, ...]]]] = {
    "pixels": {"unet": "UNet2DModel"},
    "latents": {"unet": "UNet2DModel", "vqvae": _FIRST_DECODERS},
    "consistency": {"unet": "UNet2DModel"},
    "ldm": {"unet": "UNet2DConditionModel", "vqvae": _FIRST_DECODERS, "bert": "LDMBertModel"},
    "classes": {"transformer": "DiTTransformer2DModel", "vae": "AutoencoderKL"},
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
ROLES: Final = {"vqvae": "vae", "bert": "text_encoder"}
"""What the first pipelines of latents call the parts that all later ones call otherwise."""
WORDLESS: Final[tuple[Kind, ...]] = ("pixels", "latents", "consistency", "classes")
FLOWS: Final[tuple[Kind, ...]] = ("sd3", "flux")
TRANSFORMERS: Final[tuple[Kind, ...]] = (*FLOWS, "classes")
MAY_LACK: Final[Mapping[Kind, str]] = {"sdxl": "text_encoder", "sd3": "text_encoder_3"}
"""The encoder that a pipeline may do without: the second stage of XL hears with one of two, and T5 is large."""
