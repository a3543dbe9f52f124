"""What ONNX Runtime draws is what torch draws; all that it was not exported for is still drawn by torch."""

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from studio.nn.exported import NEEDED, Exported, Part, export, swap_in

for _name in NEEDED:
    pytest.importorskip(_name)
pytestmark = pytest.mark.filterwarnings("ignore")  # torch's exporter warns of its own parts


class Pair(nn.Module):
    """A drawing of a place and its noises, and how bright it is."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(5)
        self.grow = nn.Linear(4, 3 * 8 * 8)
        self.paint = nn.Conv2d(3, 3, 3, padding=1)

    def draw(self, z: Tensor, noises: list[Tensor]) -> tuple[Tensor, Tensor]:
        drawn = self.paint(self.grow(z).view(-1, 3, 8, 8).tanh()) + sum(noises)
        return drawn, drawn.mean((1, 2, 3))


def _place(n: int = 1) -> tuple[Tensor, list[Tensor]]:
    return torch.randn(n, 4), [torch.randn(n, 1, 8, 8), torch.randn(n, 1, 8, 1)]


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> tuple[Pair, Path]:
    network, path = Pair().requires_grad_(False), tmp_path_factory.mktemp("exported") / "pair.onnx"
    export(Part(network, "draw", _place()), path)
    return network, path


def _swapped(exported: tuple[Pair, Path]) -> tuple[Pair, Any]:
    """A network that ONNX Runtime draws for, and the calls that reach the runtime."""
    network = Pair().requires_grad_(False)
    swap_in([Part(network, "draw", _place())], [exported[1]])
    return network, network.draw


@torch.no_grad()
def test_other_places_are_drawn_alike(exported) -> None:
    network, _ = _swapped(exported)
    for _ in range(5):
        place = _place()
        for one, other in zip(network.draw(*place), exported[0].draw(*place), strict=True):
            torch.testing.assert_close(one, other, atol=1e-5, rtol=0)


@torch.no_grad()
def test_what_it_was_not_exported_for_goes_to_torch(exported, monkeypatch) -> None:
    network, drawing = _swapped(exported)
    monkeypatch.setattr(drawing, "_session", None)  # whoever asks the runtime fails
    many = _place(3)
    assert torch.equal(network.draw(*many)[0], exported[0].draw(*many)[0])
    one = _place()
    with torch.enable_grad():
        z = one[0].requires_grad_()
        network.draw(z, one[1])[1].sum().backward()
    assert z.grad is not None
    assert z.grad.abs().sum() > 0
    with pytest.raises(AttributeError):
        network.draw(*_place())


def test_a_file_that_draws_something_else_is_refused_and_changes_nothing(exported) -> None:
    network = Pair().requires_grad_(False)
    network.grow.bias.data += 0.01
    with pytest.raises(ValueError, match="does not draw"):
        swap_in([Part(network, "draw", _place())], [exported[1]])
    assert "draw" not in vars(network)


def test_a_broken_file_is_refused(exported, tmp_path) -> None:
    path = tmp_path / "broken.onnx"
    path.write_bytes(exported[1].read_bytes()[:-200])
    with pytest.raises(Exception, match=r"."):
        Exported(Part(exported[0], "draw", _place()), path)
