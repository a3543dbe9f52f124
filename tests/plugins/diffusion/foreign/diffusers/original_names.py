"""The arrays of a pipeline by the names that Stable Diffusion's first authors gave them."""

import re
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

UNET = "model.diffusion_model."
RESIDUAL = {
    "norm1": "in_layers.0",
    "conv1": "in_layers.2",
    "time_emb_proj": "emb_layers.1",
    "norm2": "out_layers.0",
    "conv2": "out_layers.3",
    "conv_shortcut": "skip_connection",
}
OUTER = {
    "time_embedding.linear_1": "time_embed.0",
    "time_embedding.linear_2": "time_embed.2",
    "add_embedding.linear_1": "label_emb.0.0",
    "add_embedding.linear_2": "label_emb.0.2",
    "conv_in": "input_blocks.0.0",
    "conv_norm_out": "out.0",
    "conv_out": "out.2",
}
CODER = {
    "conv_norm_out": "norm_out",
    "group_norm": "norm",
    "to_q": "q",
    "to_k": "k",
    "to_v": "v",
    "to_out.0": "proj_out",
}


def original_arrays(pipeline: Any) -> dict[str, Tensor]:
    """Everything that one file of that kind holds."""
    arrays = {UNET + _in_unet(name, pipeline.unet.config): one for name, one in pipeline.unet.state_dict().items()}
    n_levels = len(pipeline.vae.config.block_out_channels)
    for name, one in pipeline.vae.state_dict().items():
        is_matrix = ".attentions." in name and one.dim() == 2
        arrays["first_stage_model." + _in_coder(name, n_levels)] = one[:, :, None, None] if is_matrix else one
    second = getattr(pipeline, "text_encoder_2", None)
    first = "cond_stage_model.transformer." if second is None else "conditioner.embedders.0.transformer."
    for name, one in pipeline.text_encoder.state_dict().items():
        arrays[f"{first}text_model.{name.removeprefix('text_model.')}"] = one
    if second is not None:
        arrays |= _open_clip(second.state_dict(), "conditioner.embedders.1.model.")
    return {name: one.clone().contiguous() for name, one in arrays.items()}


def _in_unet(name: str, config: Any) -> str:
    for new, old in OUTER.items():
        if name.startswith(f"{new}."):
            return old + name.removeprefix(new)
    each = config.layers_per_block + 1
    if found := re.match(r"down_blocks\.(\d+)\.(resnets|attentions)\.(\d+)\.(.*)", name):
        level, kind, number, rest = found.groups()
        return f"input_blocks.{int(level) * each + int(number) + 1}.{_part(kind, rest)}"
    if found := re.match(r"down_blocks\.(\d+)\.downsamplers\.0\.conv\.(.*)", name):
        return f"input_blocks.{(int(found[1]) + 1) * each}.0.op.{found[2]}"
    if found := re.match(r"up_blocks\.(\d+)\.(resnets|attentions)\.(\d+)\.(.*)", name):
        level, kind, number, rest = found.groups()
        return f"output_blocks.{int(level) * each + int(number)}.{_part(kind, rest)}"
    if found := re.match(r"up_blocks\.(\d+)\.upsamplers\.0\.(.*)", name):
        has_attention = config.up_block_types[int(found[1])].startswith("Cross")
        return f"output_blocks.{int(found[1]) * each + each - 1}.{1 + has_attention}.{found[2]}"
    if found := re.match(r"mid_block\.(resnets|attentions)\.(\d+)\.(.*)", name):
        kind, number, rest = found.groups()
        at = 2 * int(number) if kind == "resnets" else 1
        return f"middle_block.{at}.{_part(kind, rest).partition('.')[2]}"
    raise AssertionError(name)


def _part(kind: str, rest: str) -> str:
    if kind == "attentions":
        return f"1.{rest}"
    layer, _, end = rest.partition(".")
    return f"0.{RESIDUAL[layer]}.{end}"


def _in_coder(name: str, n_levels: int) -> str:
    if found := re.match(r"(\w+)\.(down|up)_blocks\.(\d+)\.resnets\.(\d+)\.(.*)", name):
        coder, way, level, number, rest = found.groups()
        at = int(level) if way == "down" else n_levels - 1 - int(level)
        return f"{coder}.{way}.{at}.block.{number}.{rest.replace('conv_shortcut', 'nin_shortcut')}"
    if found := re.match(r"(\w+)\.(down|up)_blocks\.(\d+)\.(?:down|up)samplers\.0\.(.*)", name):
        coder, way, level, rest = found.groups()
        at = int(level) if way == "down" else n_levels - 1 - int(level)
        return f"{coder}.{way}.{at}.{way}sample.{rest}"
    if found := re.match(r"(\w+)\.mid_block\.resnets\.(\d+)\.(.*)", name):
        return f"{found[1]}.mid.block_{int(found[2]) + 1}.{found[3]}"
    if found := re.match(r"(\w+)\.mid_block\.attentions\.0\.(.*)", name):
        return f"{found[1]}.mid.attn_1.{_renamed(found[2], CODER)}"
    return _renamed(name, CODER)


def _renamed(name: str, names: Mapping[str, str]) -> str:
    for new, old in names.items():
        name = re.sub(rf"(^|\.){re.escape(new)}\.", rf"\g<1>{old}.", name)
    return name


def _open_clip(state: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    names = {
        "embeddings.token_embedding.weight": "token_embedding.weight",
        "embeddings.position_embedding.weight": "positional_embedding",
        "final_layer_norm.weight": "ln_final.weight",
        "final_layer_norm.bias": "ln_final.bias",
    }
    inner = {"layer_norm1": "ln_1", "layer_norm2": "ln_2", "mlp.fc1": "mlp.c_fc", "mlp.fc2": "mlp.c_proj"}
    inner["self_attn.out_proj"] = "attn.out_proj"
    arrays = {f"{prefix}text_projection": state["text_projection.weight"].T}
    plain = {name.removeprefix("text_model."): one for name, one in state.items()}
    for name, one in plain.items():
        if name in names:
            arrays[prefix + names[name]] = one
        elif found := re.match(r"encoder\.layers\.(\d+)\.(.*)\.(weight|bias)", name):
            block = f"{prefix}transformer.resblocks.{found[1]}."
            if found[2] in inner:
                arrays[f"{block}{inner[found[2]]}.{found[3]}"] = one
            elif found[2] == "self_attn.q_proj":
                three = [plain[name.replace("q_proj", part)] for part in ("q_proj", "k_proj", "v_proj")]
                arrays[f"{block}attn.in_proj_{found[3]}"] = torch.cat(three)
    return arrays
