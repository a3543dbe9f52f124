"""Writes tiny random pipeline folders with the `diffusers` library itself."""

import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import torch

from tests.plugins.transformer.foreign.made_folder import need_transformers

LETTERS = "abcdefghijklmnopqrstuvwxyz"
START, END = "<|startoftext|>", "<|endoftext|>"
MERGES = ("f o", "fo x</w>", "r e", "re d</w>")
N_TOKENS = 12
SIDE = 8
BETAS = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear"}


def need_libraries() -> None:
    """Skip where the optional extra is not installed."""
    import pytest  # benchmarks run without it

    pytest.importorskip("diffusers", reason="the optional extra “diffusers” is not installed")
    need_transformers()


def pixel_unet(n_channels: int = 3, **settings: Any) -> Any:
    from diffusers import UNet2DModel

    torch.manual_seed(1)
    return UNet2DModel(
        sample_size=SIDE,
        in_channels=n_channels,
        out_channels=n_channels,
        layers_per_block=1,
        block_out_channels=(16, 32),
        down_block_types=("DownBlock2D", "AttnDownBlock2D"),
        up_block_types=("AttnUpBlock2D", "UpBlock2D"),
        norm_num_groups=8,
        attention_head_dim=8,
        **settings,
    ).eval()


def pixel_pipeline(name: str = "DDPM", **settings: Any) -> Any:
    """A DDPM or DDIM pipeline with these settings of its scheduler."""
    import diffusers

    scheduler = getattr(diffusers, f"{name}Scheduler")(**settings)
    return getattr(diffusers, f"{name}Pipeline")(pixel_unet(), scheduler)


def words_unet(context: int, **settings: Any) -> Any:
    from diffusers import UNet2DConditionModel

    torch.manual_seed(2)
    values: dict[str, Any] = {
        "sample_size": SIDE,
        "layers_per_block": 1,
        "block_out_channels": (16, 32),
        "down_block_types": ("CrossAttnDownBlock2D", "DownBlock2D"),
        "up_block_types": ("UpBlock2D", "CrossAttnUpBlock2D"),
        "cross_attention_dim": context,
        "attention_head_dim": 2,
        "norm_num_groups": 8,
    }
    return UNet2DConditionModel(**values | settings).eval()


def autoencoder(**settings: Any) -> Any:
    from diffusers import AutoencoderKL

    torch.manual_seed(3)
    return AutoencoderKL(
        block_out_channels=(8, 16),
        down_block_types=("DownEncoderBlock2D", "DownEncoderBlock2D"),
        up_block_types=("UpDecoderBlock2D", "UpDecoderBlock2D"),
        latent_channels=4,
        norm_num_groups=4,
        sample_size=2 * SIDE,
        **settings,
    ).eval()


def write_vocabulary(folder: Path) -> Path:
    """The two files of an old tokenizer, for letters and a few words."""
    folder.mkdir(parents=True, exist_ok=True)
    pieces = [*LETTERS, *(f"{letter}</w>" for letter in LETTERS), *("".join(one.split()) for one in MERGES), START, END]
    (folder / "vocab.json").write_text(json.dumps({piece: number for number, piece in enumerate(pieces)}))
    (folder / "merges.txt").write_text("\n".join(["#version: 0.2", *MERGES]))
    return folder


def tokenizer(folder: Path, **settings: Any) -> Any:
    from transformers import CLIPTokenizer

    return CLIPTokenizer.from_pretrained(write_vocabulary(folder), model_max_length=N_TOKENS, **settings)


def text_encoder(words: Any, width: int = 16, kind: str = "CLIPTextModel") -> Any:
    import transformers

    torch.manual_seed(4)
    config = transformers.CLIPTextConfig(
        vocab_size=len(words),
        hidden_size=width,
        intermediate_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        projection_dim=width,
        max_position_embeddings=N_TOKENS,
        bos_token_id=words.bos_token_id,
        eos_token_id=words.eos_token_id,
        pad_token_id=words.pad_token_id,
    )
    model = getattr(transformers, kind)(config).eval()
    with torch.no_grad():  # fresh ones say nearly the same of every prompt
        for one in model.parameters():
            one.mul_(4 if one.dim() == 2 else 1)
    return model


def stable_diffusion(folder: Path, scheduler: Any, **settings: Any) -> Any:
    """A pipeline like Stable Diffusion 1; `folder` is for the files of its tokenizer."""
    from diffusers import StableDiffusionPipeline

    words = tokenizer(folder)
    return StableDiffusionPipeline(
        vae=autoencoder(),
        text_encoder=text_encoder(words),
        tokenizer=words,
        unet=words_unet(16, **settings),
        scheduler=scheduler,
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )


def stable_diffusion_xl(folder: Path, scheduler: Any) -> Any:
    """A pipeline like Stable Diffusion XL, whose second tokenizer pads with another token."""
    from diffusers import StableDiffusionXLPipeline

    words, more = tokenizer(folder / "one"), tokenizer(folder / "two", pad_token="a</w>")
    unet = words_unet(
        40,
        addition_embed_type="text_time",
        addition_time_embed_dim=8,
        projection_class_embeddings_input_dim=6 * 8 + 24,
        use_linear_projection=True,
        transformer_layers_per_block=2,
    )
    return StableDiffusionXLPipeline(
        vae=autoencoder(),
        text_encoder=text_encoder(words),
        tokenizer=words,
        text_encoder_2=text_encoder(more, 24, "CLIPTextModelWithProjection"),
        tokenizer_2=more,
        unet=unet,
        scheduler=scheduler,
    )


def t5_tokenizer(folder: Path) -> Any:
    """A tokenizer of letters that pads and ends as T5's does."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    pieces = {"<pad>": 0, "</s>": 1, "<unk>": 2, **{letter: 3 + number for number, letter in enumerate(LETTERS)}}
    made = Tokenizer(models.WordLevel(pieces, unk_token="<unk>"))
    made.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    made.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    return PreTrainedTokenizerFast(tokenizer_object=made, pad_token="<pad>", eos_token="</s>", unk_token="<unk>")


def t5_encoder(width: int) -> Any:
    from transformers import T5Config, T5EncoderModel

    torch.manual_seed(6)
    config = T5Config(
        vocab_size=40, d_model=width, d_kv=8, d_ff=32, num_layers=2, num_heads=2, feed_forward_proj="gated-gelu"
    )
    return T5EncoderModel(config).eval()


def stable_diffusion_3(folder: Path, scheduler: Any, has_t5: bool = True, **settings: Any) -> Any:
    """A pipeline like Stable Diffusion 3, with or without its large text encoder."""
    from diffusers import SD3Transformer2DModel, StableDiffusion3Pipeline

    words = tokenizer(folder)
    torch.manual_seed(7)
    values: dict[str, Any] = {
        "sample_size": SIDE,
        "in_channels": 4,
        "out_channels": 4,
        "num_layers": 2,
        "attention_head_dim": 8,
        "num_attention_heads": 4,
        "joint_attention_dim": 48,
        "caption_projection_dim": 32,
        "pooled_projection_dim": 16 + 24,
        "pos_embed_max_size": 8,
    }
    return StableDiffusion3Pipeline(
        transformer=SD3Transformer2DModel(**values | settings).eval(),
        scheduler=scheduler,
        vae=autoencoder(shift_factor=0.06, scaling_factor=1.5),
        text_encoder=text_encoder(words, 16, "CLIPTextModelWithProjection"),
        tokenizer=words,
        text_encoder_2=text_encoder(words, 24, "CLIPTextModelWithProjection"),
        tokenizer_2=words,
        text_encoder_3=t5_encoder(48) if has_t5 else None,
        tokenizer_3=t5_tokenizer(folder) if has_t5 else None,
    )


def flux(folder: Path, scheduler: Any, has_guidance: bool) -> Any:
    """A pipeline like Flux, told its guidance as "dev" or not as "schnell"."""
    from diffusers import FluxPipeline, FluxTransformer2DModel

    words = tokenizer(folder)
    torch.manual_seed(8)
    transformer = FluxTransformer2DModel(
        in_channels=16,
        num_layers=1,
        num_single_layers=1,
        attention_head_dim=8,
        num_attention_heads=2,
        joint_attention_dim=24,
        pooled_projection_dim=16,
        guidance_embeds=has_guidance,
        axes_dims_rope=(2, 2, 4),
    )
    return FluxPipeline(
        transformer=transformer.eval(),
        scheduler=scheduler,
        vae=autoencoder(shift_factor=0.1, scaling_factor=0.4),
        text_encoder=text_encoder(words),
        tokenizer=words,
        text_encoder_2=t5_encoder(24),
        tokenizer_2=t5_tokenizer(folder),
    )


def classes(scheduler: Any, n_classes: int = 1000, **settings: Any) -> Any:
    """A pipeline like DiT."""
    from diffusers import DiTPipeline, DiTTransformer2DModel

    torch.manual_seed(9)
    values: dict[str, Any] = {
        "sample_size": SIDE,
        "in_channels": 4,
        "out_channels": 8,
        "num_layers": 2,
        "attention_head_dim": 8,
        "num_attention_heads": 2,
        "num_embeds_ada_norm": n_classes,
        "norm_num_groups": 4,
    }
    transformer = DiTTransformer2DModel(**values | settings).eval()
    return DiTPipeline(transformer=transformer, vae=autoencoder(scaling_factor=0.5), scheduler=scheduler)


def consistency(n_classes: int | None = None, scheduler: Mapping[str, Any] = MappingProxyType({}), **unet: Any) -> Any:
    """A consistency model, of classes or not."""
    from diffusers import CMStochasticIterativeScheduler, ConsistencyModelPipeline

    return ConsistencyModelPipeline(
        unet=pixel_unet(num_class_embeds=n_classes, **unet), scheduler=CMStochasticIterativeScheduler(**scheduler)
    )


def codebook(**settings: Any) -> Any:
    """An autoencoder whose latents are codes."""
    from diffusers import VQModel

    torch.manual_seed(10)
    values: dict[str, Any] = {
        "block_out_channels": (8, 8),
        "down_block_types": ("DownEncoderBlock2D",) * 2,
        "up_block_types": ("UpDecoderBlock2D",) * 2,
        "latent_channels": 3,
        "num_vq_embeddings": 16,
        "norm_num_groups": 4,
        "sample_size": 2 * SIDE,
    }
    return VQModel(**values | settings).eval()


def wordless_latents(scheduler: Any, **settings: Any) -> Any:
    """An LDM without words."""
    from diffusers import LDMPipeline

    return LDMPipeline(vqvae=codebook(**settings), unet=pixel_unet(), scheduler=scheduler)


def latents_of_words(folder: Path, scheduler: Any, vae: Any = None, **encoder: Any) -> Any:
    """An LDM asked in words, which it reads as BERT cuts them."""
    from diffusers import LDMTextToImagePipeline
    from diffusers.pipelines.latent_diffusion.pipeline_latent_diffusion import LDMBertConfig, LDMBertModel
    from transformers import BertTokenizer

    folder.mkdir(parents=True, exist_ok=True)
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "red", "fox", "a", "##es", *LETTERS[1:]]
    (folder / "vocab.txt").write_text("\n".join(pieces))
    torch.manual_seed(11)
    values: dict[str, Any] = {
        "vocab_size": len(pieces),
        "d_model": 16,
        "encoder_layers": 2,
        "encoder_ffn_dim": 32,
        "encoder_attention_heads": 2,
        "head_dim": 8,
        "max_position_embeddings": 77,
    }
    return LDMTextToImagePipeline(
        vqvae=autoencoder() if vae is None else vae,
        bert=LDMBertModel(LDMBertConfig(**values | encoder)).eval(),
        tokenizer=BertTokenizer(str(folder / "vocab.txt")),
        unet=words_unet(16),
        scheduler=scheduler,
    )


def write(pipeline: Any, folder: Path) -> Path:
    pipeline.set_progress_bar_config(disable=True)
    pipeline.save_pretrained(folder)
    return folder
