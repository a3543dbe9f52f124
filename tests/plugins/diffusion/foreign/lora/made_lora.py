"""Writes small random LoRA files with PEFT and `diffusers`, and the same numbers under kohya's names."""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file, save_file

UNET_LAYERS = ["to_q", "to_k", "to_v", "to_out.0", "proj_in", "ff.net.0.proj", "conv1", "conv_in"]
TEXT_LAYERS = ["q_proj", "out_proj", "fc1"]
NAME = "pytorch_lora_weights.safetensors"


def adapted(network: Any, layers: list[str], seed: int, **settings: Any) -> dict[str, Any]:
    """Put an adapter of rank 3 with random numbers on a network; its arrays."""
    from peft import LoraConfig, inject_adapter_in_model
    from peft.utils import get_peft_model_state_dict

    config = LoraConfig(r=3, target_modules=layers, **{"lora_alpha": 5, **settings})
    inject_adapter_in_model(config, network)
    network.peft_config = {"default": config}
    made = torch.Generator().manual_seed(seed)
    for name, one in network.named_parameters():
        if "lora_" in name:
            one.data.copy_(0.1 * torch.randn(one.shape, generator=made))
    return get_peft_model_state_dict(network)


def write_lora(pipeline: Any, folder: Path, has_text: bool = True, **settings: Any) -> Path:
    """An adapter of the U-Net, and of the words, as the library saves it; the pipeline itself wears it from now on."""
    unet = adapted(pipeline.unet, UNET_LAYERS, 1, **settings)
    text = adapted(pipeline.text_encoder, TEXT_LAYERS, 2, **settings) if has_text else None
    kept = {"unet_lora_adapter_metadata": metadata(pipeline.unet)}
    if has_text:
        kept["text_encoder_lora_adapter_metadata"] = metadata(pipeline.text_encoder)
    type(pipeline).save_lora_weights(folder, unet_lora_layers=unet, text_encoder_lora_layers=text, **kept)
    return folder / NAME


def metadata(network: Any) -> dict[str, Any]:
    return {
        name: sorted(one) if isinstance(one, set) else one
        for name, one in network.peft_config["default"].to_dict().items()
    }


def weaken(pipeline: Any, strength: float) -> None:
    """Let the pipeline wear its adapter less."""
    from peft.tuners.lora import LoraLayer

    for network in (pipeline.unet, pipeline.text_encoder):
        for layer in network.modules():
            if isinstance(layer, LoraLayer):
                layer.scale_layer(strength)


def as_kohya(path: Path, alpha: float = 5.0) -> Path:
    """The same file as kohya's scripts name and scale it."""
    found = {}
    for name, value in load_file(path).items():
        network, _, rest = name.partition(".")
        layer, _, half = rest.rpartition(".lora_")
        prefix = "lora_unet_" if network == "unet" else "lora_te_"
        stem = prefix + layer.replace(".", "_")
        found[f"{stem}.lora_{'down' if half.startswith('A') else 'up'}.weight"] = value
        found[f"{stem}.alpha"] = torch.tensor(alpha)
    target = path.with_name("kohya.safetensors")
    save_file(found, target)
    return target


def write_bare(path: Path) -> Path:
    """A file that needs no library, for one layer."""
    path.parent.mkdir(parents=True, exist_ok=True)
    stem = "unet.mid_block.attentions.0.to_q"
    halves = {f"{stem}.lora_A.weight": (2, 4), f"{stem}.lora_B.weight": (6, 2)}
    arrays: dict[str, Any] = {name: torch.from_numpy(np.ones(shape, np.float32)) for name, shape in halves.items()}
    settings = '{"unet.r": 2, "unet.lora_alpha": 4, "unet.alpha_pattern": {"to_q": 3}}'
    save_file({**arrays, f"{stem}.alpha": torch.tensor(1.0)}, path, {"lora_adapter_metadata": settings})
    return path
