"""Generators that NVIDIA's own code evaluated: w and pictures agree, and every array is used."""

import json
import math
from typing import Any

import numpy as np
import pytest
import torch

from plugins.gan.foreign.stylegan.generator import StyleGanGenerator
from plugins.gan.foreign.stylegan.reader import read_stylegan
from tests.fixtures.foreign import fixture_path
from tests.fixtures.network_pickle import EasyDict, Part, network_pickle

NAMES = ("stylegan2-uncond-32", "stylegan2-cond-64", "stylegan3-t-64", "stylegan3-r-64")


def as_part(state: dict[str, Any], kwargs: dict[str, Any]) -> Part:
    root = Part("Generator", {})
    root.state["_init_kwargs"] = EasyDict(kwargs)
    for name, value in state.items():
        *path, last = name.split(".")
        part = root
        for step in path:
            part = part.child(step)
        part.state["_buffers"][last] = torch.from_numpy(value.copy())
    return root


@pytest.mark.parametrize("name", NAMES)
def test_w_and_pictures_agree(tmp_path: Any, name: str) -> None:
    with np.load(fixture_path("stylegan", f"{name}.npz")) as file:
        known = dict(file)
    state = {key.removeprefix("state/"): value for key, value in known.items() if key.startswith("state/")}
    path = tmp_path / "network.pkl"
    path.write_bytes(network_pickle({"G_ema": as_part(state, json.loads(str(known["config"])))}))
    network = read_stylegan(path)
    assert set(network.state_dict()) == set(state)
    generator = StyleGanGenerator(network)
    z, c = torch.from_numpy(known["z"]), torch.from_numpy(known["c"])
    w = generator.mean_w().lerp(generator.mapping(z, c if generator.n_classes else None), float(known["psi"]))
    ws = torch.from_numpy(known["w"])
    assert ws.shape[1:] == (generator.n_layers, generator.n_w)
    for row in range(generator.n_layers):
        assert worst_share(w, ws[:, row]) < 1e-5
    assert worst_share(generator.synthesis(ws), torch.from_numpy(known["image"])) < 1e-5


def worst_share(found: torch.Tensor, wanted: torch.Tensor) -> float:
    """The largest difference beside the range; the issue asks for 1e-3."""
    assert math.isfinite(float(found.sum()))
    return float((found - wanted).abs().max() / (wanted.max() - wanted.min()))
