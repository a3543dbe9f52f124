"""A network that knows where its cells are, and files from before there was such a thing."""

import json
from dataclasses import asdict, replace

import pytest
import torch

from plugins.diffusion.pictures.model.autoencoder import AutoencoderConfig
from plugins.diffusion.pictures.model.unet import Conditioning, UNet, UNetConfig
from plugins.diffusion.shared.weights import read_config

CONFIG = UNetConfig(
    2, 32, widths=(8,), n_blocks=(1,), self_attention=(0,), cross_attention=(0,), embedding_width=8, knows_places=1
)


def said(config):
    """What a network with random weights says of a picture that is the same everywhere."""
    torch.manual_seed(2)
    unet = UNet(config)
    torch.nn.init.normal_(unet.leave.weight)
    return unet(torch.ones(1, 2, 32, 32), torch.tensor([500]), Conditioning())


def test_only_with_places_are_the_cells_far_from_the_edge_told_apart():
    alike, apart = said(replace(CONFIG, knows_places=0)), said(CONFIG)
    torch.testing.assert_close(alike[..., 14, 14], alike[..., 17, 18])
    assert float((apart[..., 14, 14] - apart[..., 17, 18]).abs().max().detach()) > 0.01


def test_every_level_has_its_own_table():
    config = replace(CONFIG, widths=(8, 16), n_blocks=(1, 1), self_attention=(0, 1), cross_attention=(0, 0))
    assert [tuple(table.shape) for table in UNet(config).places] == [(8, 32, 32), (16, 16, 16)]
    assert not len(UNet(replace(config, knows_places=0)).places)


def test_a_file_from_before_has_no_table_and_nothing_else_may_be_missing():
    values = json.loads(json.dumps(asdict(CONFIG)))
    assert read_config(UNetConfig, values) == CONFIG
    old = {name: value for name, value in values.items() if name != "knows_places"}
    assert read_config(UNetConfig, old) == replace(CONFIG, knows_places=0)
    for name in old:
        with pytest.raises(ValueError, match="other fields"):
            read_config(UNetConfig, {key: value for key, value in values.items() if key != name})
    with pytest.raises(ValueError, match="other fields"):
        read_config(AutoencoderConfig, {**asdict(AutoencoderConfig()), "knows_places": 1})
