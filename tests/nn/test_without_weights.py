"""Networks without memory for their weights: shapes as they are, nothing drawn, and nothing imported to draw with."""

import subprocess
import sys

import pytest
import torch
from torch import nn

from studio.nn.without_weights import without_weights

OPENING = """
import sys
from studio.compute.device import choose_device
from studio.registry.catalog import Catalog
catalog, device = Catalog(), choose_device("cpu")
for model in catalog.list_models():
    catalog.open_engine(model.source, device)
    print(model.source.id, sorted({"torch._dynamo", "sympy"} & set(sys.modules)))
"""


def test_it_has_shapes_and_no_memory():
    with without_weights():
        table, layer = nn.Embedding(30_000, 4_000), nn.Linear(3, 5)
        own = nn.Parameter(torch.empty(2, 3).normal_(0, 0.1))
    assert table.weight.shape == (30_000, 4_000)
    assert {one.device.type for one in (table.weight, layer.weight, layer.bias, own)} == {"meta"}
    assert table.weight.requires_grad


def test_numbers_are_drawn_elsewhere_as_ever():
    torch.manual_seed(3)
    plain = nn.Embedding(20, 5).weight
    with without_weights():
        nn.Embedding(20, 5)
    torch.manual_seed(3)
    assert torch.equal(nn.Embedding(20, 5).weight, plain)


@pytest.mark.long("starts processes of its own")
def test_no_model_loads_the_compiler_of_torch_when_it_is_opened():
    ran = subprocess.run([sys.executable, "-c", OPENING], capture_output=True, text=True, check=True)
    found = dict(line.split(" ", 1) for line in ran.stdout.splitlines())
    assert len(found) > 20
    assert {name: said for name, said in found.items() if said != "[]"} == {}
