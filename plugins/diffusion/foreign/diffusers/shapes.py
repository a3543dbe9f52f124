"""What the shapes of a whole checkpoint's arrays say of its networks, as their settings would say it."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

UNET: Final = "model.diffusion_model."
VAE: Final = "first_stage_model."
CLIPS: Final = ("cond_stage_model.transformer.", "conditioner.embedders.0.transformer.")
"""Where the encoder that OpenAI trained lies, in versions 1 and XL."""
OPEN_CLIPS: Final = ("cond_stage_model.model.", "conditioner.embedders.1.model.", "conditioner.embedders.0.model.")
"""Where the one of OpenCLIP lies, in versions 2 and XL and in the second stage of XL."""
FIRST: Final = f"{UNET}input_blocks.0.0.weight"
FACTS: Final = f"{UNET}label_emb.0.0.weight"
_MAX_BLOCKS: Final = 64
_HEAD_WIDTH: Final = 64
_SIDES: Final[Mapping[str, int]] = {"1": 64, "2": 96, "xl": 128}
Shapes = Mapping[str, tuple[int, ...]]


def unet_config(shapes: Shapes, version: str) -> dict[str, Any]:
    """Of the U-Net; raises KeyError with the name of an array that is missing, as the others do."""
    levels = list(_levels(shapes))
    widths = [width for width, _ in levels]
    depths = [blocks[0] for _, blocks in levels]
    middle = _depth(shapes, f"{UNET}middle_block.1.")
    keys = (name for name in shapes if name.startswith(UNET) and "attn2.to_k" in name)
    context = shapes[next(keys, f"{UNET}attn2.to_k.weight")][1]
    is_linear = len(shapes[f"{UNET}middle_block.1.proj_in.weight"]) == 2
    config = {
        "sample_size": _SIDES[version],
        "in_channels": shapes[FIRST][1],
        "out_channels": shapes[f"{UNET}out.2.weight"][0],
        "layers_per_block": len(levels[0][1]),
        "block_out_channels": widths,
        "down_block_types": ["CrossAttnDownBlock2D" if depth else "DownBlock2D" for depth in depths],
        "up_block_types": ["CrossAttnUpBlock2D" if depth else "UpBlock2D" for depth in reversed(depths)],
        "cross_attention_dim": context,
        "attention_head_dim": [max(width // _HEAD_WIDTH, 1) for width in widths] if is_linear else 8,
        "use_linear_projection": is_linear,
        "transformer_layers_per_block": [*(depth or 1 for depth in depths[:-1]), depths[-1] or middle],
    }
    if version != "xl":
        return config
    return {
        **config,
        "addition_embed_type": "text_time",
        "addition_time_embed_dim": 256,
        "projection_class_embeddings_input_dim": shapes[FACTS][1],
    }


def _levels(shapes: Shapes) -> Iterator[tuple[int, list[int]]]:
    """For each resolution its width, and for each residual block on the way down how many transformers follow it."""
    width, depths = 0, list[int]()
    for at in range(1, _MAX_BLOCKS):
        block = f"{UNET}input_blocks.{at}."
        if f"{block}0.op.weight" in shapes:
            yield width, depths
            depths = []
        elif f"{block}0.out_layers.3.weight" in shapes:
            width = shapes[f"{block}0.out_layers.3.weight"][0]
            depths.append(_depth(shapes, f"{block}1."))
    if not depths:
        raise KeyError(f"{UNET}input_blocks.1.0.out_layers.3.weight")
    yield width, depths


def _depth(shapes: Shapes, block: str) -> int:
    return sum(f"{block}transformer_blocks.{n}.norm1.weight" in shapes for n in range(_MAX_BLOCKS))


def vae_config(shapes: Shapes, version: str) -> dict[str, Any]:
    """Of the autoencoder."""
    coder = f"{VAE}encoder.down"
    inner = [f"{coder}.{level}.block.0.conv1.weight" for level in range(_MAX_BLOCKS)]
    widths = [shapes[name][0] for name in inner if name in shapes]
    return {
        "in_channels": shapes[f"{VAE}encoder.conv_in.weight"][1],
        "out_channels": shapes[f"{VAE}decoder.conv_out.weight"][0],
        "latent_channels": shapes[f"{VAE}decoder.conv_in.weight"][1],
        "block_out_channels": widths,
        "layers_per_block": sum(f"{coder}.0.block.{n}.conv1.weight" in shapes for n in range(_MAX_BLOCKS)),
        "down_block_types": ["DownEncoderBlock2D"] * len(widths),
        "up_block_types": ["UpDecoderBlock2D"] * len(widths),
        "scaling_factor": 0.13025 if version == "xl" else 0.18215,
    }


def encoder_configs(shapes: Shapes, version: str) -> Iterator[tuple[str, tuple[str, str, dict[str, Any]]]]:
    """Each text encoder by its name: the library's class, what its arrays' names begin with, its settings."""
    clip = next((prefix for prefix in CLIPS if any(name.startswith(prefix) for name in shapes)), None)
    if clip is not None:
        inside = clip if f"{clip}embeddings.token_embedding.weight" in shapes else f"{clip}text_model."
        names = (
            f"{inside}embeddings.token_embedding.weight",
            f"{inside}embeddings.position_embedding.weight",
            f"{inside}encoder.layers.{{}}.mlp.fc1.weight",
        )
        yield "text_encoder", ("CLIPTextModel", clip, _text(shapes, *names, act="quick_gelu"))
    elif version == "1":
        raise KeyError(CLIPS[0])
    opened = next((prefix for prefix in OPEN_CLIPS if any(name.startswith(prefix) for name in shapes)), None)
    if opened is None:
        if version != "1":
            raise KeyError(OPEN_CLIPS[1])
        return
    names = (
        f"{opened}token_embedding.weight",
        f"{opened}positional_embedding",
        f"{opened}transformer.resblocks.{{}}.mlp.c_fc.weight",
    )
    config = _text(shapes, *names, act="gelu")
    if version == "2":  # which hears the last layer but one, so that the last one is not made
        yield "text_encoder", ("CLIPTextModel", opened, config | {"num_hidden_layers": config["num_hidden_layers"] - 1})
        return
    config["projection_dim"] = shapes[f"{opened}text_projection"][1]
    yield "text_encoder_2", ("CLIPTextModelWithProjection", opened, config)


def _text(shapes: Shapes, tokens: str, positions: str, layer: str, act: str) -> dict[str, Any]:
    n_tokens, width = shapes[tokens]
    n_layers = sum(layer.format(n) in shapes for n in range(_MAX_BLOCKS))
    return {
        "vocab_size": n_tokens,
        "hidden_size": width,
        "intermediate_size": shapes[layer.format(0)][0],
        "num_hidden_layers": n_layers,
        "num_attention_heads": max(width // _HEAD_WIDTH, 1),
        "max_position_embeddings": shapes[positions][0],
        "hidden_act": act,
        "bos_token_id": n_tokens - 2,
        "eos_token_id": n_tokens - 1,
        "projection_dim": width,
    }
