"""Writes pipeline folders without the `diffusers` library: right settings and headers, weights without sense."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file

SCHEDULER: Mapping[str, Any] = {"_class_name": "DDIMScheduler", "clip_sample": False}
UNET: Mapping[str, Any] = {"sample_size": 8, "in_channels": 4, "out_channels": 4, "block_out_channels": [16, 32]}
VAE: Mapping[str, Any] = {"latent_channels": 4, "block_out_channels": [8, 16]}
INDEX: Mapping[str, Any] = {
    "_class_name": "StableDiffusionPipeline",
    "unet": ["diffusers", "UNet2DConditionModel"],
    "vae": ["diffusers", "AutoencoderKL"],
    "text_encoder": ["transformers", "CLIPTextModel"],
    "tokenizer": ["transformers", "CLIPTokenizer"],
    "scheduler": ["diffusers", "DDIMScheduler"],
    "safety_checker": [None, None],
}
WEIGHTS = {
    "unet": "diffusion_pytorch_model.safetensors",
    "vae": "diffusion_pytorch_model.safetensors",
    "text_encoder": "model.safetensors",
}


def put(folder: Path, name: str, values: Any) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(json.dumps(values))


def put_weights(folder: Path, name: str, arrays: Mapping[str, Any]) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    save_file({key: np.asarray(value) for key, value in arrays.items()}, folder / name)


CHECKPOINT: Mapping[str, tuple[int, ...]] = {
    "model.diffusion_model.input_blocks.0.0.weight": (32, 4, 1, 1),
    "model.diffusion_model.input_blocks.1.0.out_layers.3.weight": (32, 1),
    "model.diffusion_model.input_blocks.1.1.transformer_blocks.0.norm1.weight": (1,),
    "model.diffusion_model.input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight": (1, 8),
    "model.diffusion_model.middle_block.1.proj_in.weight": (1, 1, 1, 1),
    "model.diffusion_model.middle_block.1.transformer_blocks.0.norm1.weight": (1,),
    "model.diffusion_model.out.2.weight": (4, 1),
    "first_stage_model.encoder.conv_in.weight": (1, 3),
    "first_stage_model.decoder.conv_out.weight": (3, 1),
    "first_stage_model.decoder.conv_in.weight": (1, 4),
    "first_stage_model.encoder.down.0.block.0.conv1.weight": (32, 1),
    "cond_stage_model.transformer.text_model.embeddings.token_embedding.weight": (4, 8),
    "cond_stage_model.transformer.text_model.embeddings.position_embedding.weight": (2, 1),
    "cond_stage_model.transformer.text_model.encoder.layers.0.mlp.fc1.weight": (4, 1),
}
"""The arrays from which the sizes of a whole Stable Diffusion in one file follow."""


def write_checkpoint(path: Path) -> Path:
    """One file like that of Stable Diffusion 1, with these arrays alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    put_weights(path.parent, path.name, {name: np.zeros(shape, np.float32) for name, shape in CHECKPOINT.items()})
    return path


def write_bare(folder: Path) -> Path:
    """A folder like Stable Diffusion's: 10 numbers in the U-Net, 6 and 4 in the others."""
    put(folder, "model_index.json", INDEX)
    put(folder, "scheduler/scheduler_config.json", SCHEDULER)
    for part, config in {"unet": UNET, "vae": VAE, "text_encoder": {"hidden_size": 16}}.items():
        put(folder, f"{part}/config.json", config)
    put_weights(folder, f"unet/{WEIGHTS['unet']}", {"a": np.zeros((2, 5), np.float16)})
    put_weights(folder, f"vae/{WEIGHTS['vae']}", {"b": np.zeros(6, np.float32)})
    put_weights(folder, f"text_encoder/{WEIGHTS['text_encoder']}", {"c": np.zeros((2, 2), np.float32)})
    return folder


TRANSFORMER: Mapping[str, Any] = {
    "sample_size": 8,
    "in_channels": 4,
    "out_channels": 4,
    "patch_size": 2,
    "num_layers": 1,
    "attention_head_dim": 8,
    "num_attention_heads": 2,
    "joint_attention_dim": 16,
}


def write_bare_lcm(folder: Path) -> Path:
    """The same, told its guidance, with the scheduler of few steps."""
    write_bare(folder)
    put(folder, "model_index.json", {**INDEX, "_class_name": "LatentConsistencyModelPipeline"})
    put(folder, "unet/config.json", {**UNET, "time_cond_proj_dim": 8})
    put(folder, "scheduler/scheduler_config.json", {"_class_name": "LCMScheduler", "original_inference_steps": 50})
    return folder


def write_bare_flow(folder: Path) -> Path:
    """A folder like that of Stable Diffusion 3 without its large text encoder."""
    clip = ["transformers", "CLIPTextModelWithProjection"]
    index = {name: one for name, one in INDEX.items() if name != "unet"}
    more = {"text_encoder": clip, "text_encoder_2": clip, "text_encoder_3": [None, None]}
    pipeline = {"_class_name": "StableDiffusion3Pipeline", "transformer": ["diffusers", "SD3Transformer2DModel"]}
    configs = {"transformer": TRANSFORMER, "vae": VAE, "text_encoder": {}, "text_encoder_2": {}}
    return write_bare_transformer(folder, index | more | pipeline, "FlowMatchEulerDiscreteScheduler", configs)


def write_bare_transformer(folder: Path, index: Mapping[str, Any], scheduler: str, configs: Mapping[str, Any]) -> Path:
    """A folder of networks with these settings and one array each."""
    put(folder, "model_index.json", index)
    put(folder, "scheduler/scheduler_config.json", {"_class_name": scheduler})
    for part, config in configs.items():
        put(folder, f"{part}/config.json", config)
        name = WEIGHTS["text_encoder" if "text" in part else "vae"]
        put_weights(folder, f"{part}/{name}", {"a": np.zeros((2, 5), np.float16)})
    return folder


def write_bare_flux(folder: Path) -> Path:
    """A folder like that of Flux."""
    index = {
        "_class_name": "FluxPipeline",
        "transformer": ["diffusers", "FluxTransformer2DModel"],
        "vae": ["diffusers", "AutoencoderKL"],
        "text_encoder": ["transformers", "CLIPTextModel"],
        "text_encoder_2": ["transformers", "T5EncoderModel"],
    }
    transformer = {**TRANSFORMER, "in_channels": 16, "guidance_embeds": True}
    configs = {"transformer": transformer, "vae": VAE, "text_encoder": {}, "text_encoder_2": {}}
    return write_bare_transformer(folder, index, "FlowMatchEulerDiscreteScheduler", configs)


def write_bare_classes(folder: Path) -> Path:
    """A folder like that of DiT, with the names of three classes."""
    index = {
        "_class_name": "DiTPipeline",
        "id2label": {"0": "tench, Tinca tinca", "1": "goldfish", "2": "great white shark"},
        "transformer": ["diffusers", "DiTTransformer2DModel"],
        "vae": ["diffusers", "AutoencoderKL"],
    }
    transformer = {**TRANSFORMER, "out_channels": 8, "num_embeds_ada_norm": 3}
    return write_bare_transformer(folder, index, "DDIMScheduler", {"transformer": transformer, "vae": VAE})


PIPELINES: Mapping[str, Callable[[Path], Path]] = {
    "pipeline": write_bare,
    "few steps": write_bare_lcm,
    "flow": write_bare_flow,
    "flux": write_bare_flux,
    "classes": write_bare_classes,
}
