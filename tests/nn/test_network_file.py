"""Networks in safetensors files, also as earlier versions wrote them."""

import json
from dataclasses import dataclass

import torch
from torch import nn

from studio.nn.network_file import NetworkKind, load_network, save_network


def test_what_parts_were_called_before_is_understood(tmp_path):
    """Files and half-done trainings of earlier versions say forger and detective."""

    @dataclass(frozen=True)
    class PairConfig:
        discriminator_widths: tuple[int, ...] = (3,)

    class Pair(nn.Module):
        def __init__(self, config):
            super().__init__()
            self.config = config
            self.generator, self.discriminator = nn.Linear(2, 3), nn.Linear(3, 1)

    network, path = Pair(PairConfig((5,))), tmp_path / "pair.safetensors"
    save_network(path, network)
    old = (
        path.read_bytes()
        .replace(b"model.generator", b"model.forger")
        .replace(b"model.discriminator", b"model.detective")
    )
    old = old.replace(b"discriminator_widths", b"detective_widths")
    header = json.loads(old[8 : old.rindex(b"}") + 1])
    text = json.dumps(header).encode()
    begin = 8 + int.from_bytes(path.read_bytes()[:8], "little")
    path.write_bytes(len(text).to_bytes(8, "little") + text + path.read_bytes()[begin:])
    _, again = load_network(path, {"Pair": NetworkKind(PairConfig, Pair)})
    assert again.config == PairConfig((5,))
    assert torch.allclose(again.state_dict()["discriminator.bias"], network.discriminator.bias, atol=1e-2)
