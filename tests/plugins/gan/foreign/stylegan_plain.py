"""A slow second StyleGAN2 after the paper, for rosinality's arrays: weights of its own for every picture."""

import math
from collections.abc import Mapping

import torch
from torch import Tensor
from torch.nn import functional as F

State = Mapping[str, Tensor]


def draw_plainly(state: State, ws: Tensor, kernel: Tensor) -> Tensor:
    """Pictures (B, 3, H, W) of rows of w (B, L, n_w), one picture after the other."""
    return torch.cat([_draw_one(state, rows, kernel) for rows in ws])


def place_plainly(state: State, z: Tensor, n_layers: int) -> Tensor:
    """w (B, n_w) of places z (B, n_z)."""
    x = z / (z.square().mean(1, keepdim=True) + 1e-8).sqrt()
    for i in range(1, n_layers + 1):
        weight = state[f"style.{i}.weight"]
        x = _leaky(x @ (weight * 0.01 / math.sqrt(weight.shape[1])).T + state[f"style.{i}.bias"] * 0.01)
    return x


def _draw_one(state: State, rows: Tensor, kernel: Tensor) -> Tensor:
    x = _conv(state, "conv1", state["input.input"], rows[0], 0, kernel)
    picture = _colours(state, "to_rgb1", x, rows[1])
    n_blocks = sum(name.startswith("to_rgbs.") and name.endswith(".conv.weight") for name in state)
    for block in range(n_blocks):
        for half in (0, 1):
            index = 2 * block + half
            x = _conv(state, f"convs.{index}", x, rows[index + 1], index + 1, kernel)
        picture = _doubled(picture, kernel) + _colours(state, f"to_rgbs.{block}", x, rows[2 * block + 3])
    return picture


def _style(state: State, name: str, w: Tensor) -> Tensor:
    weight = state[f"{name}.conv.modulation.weight"]
    return weight @ w / math.sqrt(len(w)) + state[f"{name}.conv.modulation.bias"]


def _conv(state: State, name: str, x: Tensor, w: Tensor, index: int, kernel: Tensor) -> Tensor:
    weight = state[f"{name}.conv.weight"][0]
    own = weight / math.sqrt(math.prod(weight.shape[1:])) * _style(state, name, w)[None, :, None, None]
    own = own / (own.square().sum((1, 2, 3), keepdim=True) + 1e-8).sqrt()
    if index % 2:
        wide = F.conv_transpose2d(x, own.transpose(0, 1), stride=2)
        x = F.conv2d(F.pad(wide, (1, 1, 1, 1)).transpose(0, 1), kernel[None, None]).transpose(0, 1)
    else:
        x = F.conv2d(x, own, padding=1)
    x = x + state[f"{name}.noise.weight"] * state[f"noises.noise_{index}"]
    return _leaky(x + state[f"{name}.activate.bias"].view(1, -1, 1, 1))


def _colours(state: State, name: str, x: Tensor, w: Tensor) -> Tensor:
    weight = state[f"{name}.conv.weight"][0]
    own = weight / math.sqrt(weight.shape[1]) * _style(state, name, w)[None, :, None, None]
    return F.conv2d(x, own) + state[f"{name}.bias"]


def _doubled(picture: Tensor, kernel: Tensor) -> Tensor:
    wide = torch.zeros(*picture.shape[:2], 2 * picture.shape[2], 2 * picture.shape[3])
    wide[:, :, ::2, ::2] = picture
    padded = F.pad(wide, (2, 1, 2, 1)).transpose(0, 1)
    return F.conv2d(padded, kernel[None, None]).transpose(0, 1)


def _leaky(x: Tensor) -> Tensor:
    return F.leaky_relu(x, 0.2) * math.sqrt(2)
