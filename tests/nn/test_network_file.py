"""Networks in safetensors files, also as earlier versions wrote them."""

from dataclasses import dataclass

import torch
from torch import nn

from studio.nn.network_file import NetworkKind, load_network, load_only, save_network


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
    whole = path.read_bytes()
    begin = 8 + int.from_bytes(whole[:8], "little")
    text = (
        whole[8:begin].replace(b"model.generator", b"model.forger").replace(b"model.discriminator", b"model.detective")
    )
    text = text.replace(b"discriminator_widths", b"detective_widths")
    path.write_bytes(len(text).to_bytes(8, "little") + text + whole[begin:])
    _, again = load_network(path, {"Pair": NetworkKind(PairConfig, Pair)})
    assert again.config == PairConfig((5,))
    assert torch.allclose(again.state_dict()["discriminator.bias"], network.discriminator.bias, atol=1e-2)


def test_what_is_to_be_exact_is_and_the_rest_takes_half_the_room(tmp_path):
    @dataclass(frozen=True)
    class Config:
        side: int = 64

    class Layers(nn.Module):
        def __init__(self, config):
            super().__init__()
            self.config = config
            self.fine, self.coarse = (nn.Linear(config.side, config.side, bias=False) for _ in range(2))

    network, path = Layers(Config()), tmp_path / "layers.safetensors"
    save_network(path, network, exact=("fine",))
    again = load_only(path, Config, Layers)
    assert torch.equal(again.fine.weight, network.fine.weight.half().float())
    assert not torch.equal(again.coarse.weight, network.coarse.weight.half().float())
    assert torch.allclose(again.coarse.weight, network.coarse.weight, atol=1e-3)
    assert 3 * 64 * 64 < path.stat().st_size < 3.3 * 64 * 64
