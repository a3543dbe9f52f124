"""Packed convolutions against torch’s own: the same numbers, gradients and files; torch’s own where they do not fit."""

import copy
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from studio.nn.packed_conv import PackedConv2d, PackedWeight, pack_convolutions

pytestmark = pytest.mark.skipif(not torch.backends.mkldnn.is_available(), reason="this torch cannot pack")


def _pair(*options: Any, size_px: int = 8) -> tuple[nn.Conv2d, nn.Conv2d, Tensor]:
    """A convolution, the same one packed, and a picture for both."""
    torch.manual_seed(3)
    plain = nn.Conv2d(*options).requires_grad_(False)
    packed = nn.Sequential(copy.deepcopy(plain))
    pack_convolutions(packed)
    (layer,) = packed
    assert isinstance(layer, PackedConv2d)
    return plain, layer, torch.randn(1, options[0], size_px, size_px)


@pytest.fixture
def packed_calls(monkeypatch: pytest.MonkeyPatch) -> list[torch.Size]:
    """The shapes that the packed weights were used for."""
    calls: list[torch.Size] = []
    packed, ops = torch.ops.mkldnn._convolution_pointwise, torch.ops.mkldnn

    class Ops:
        _reorder_convolution_weight = ops._reorder_convolution_weight

        @staticmethod
        def _convolution_pointwise(x: Tensor, *rest: object) -> Tensor:
            calls.append(x.shape)
            found: Tensor = packed(x, *rest)
            return found

    monkeypatch.setattr("studio.nn.packed_conv._ONEDNN", Ops)
    return calls


@pytest.mark.parametrize(
    ("options", "size_px"),
    [((3, 5, 3, 1, 1), 9), ((64, 128, 3, 1, 1), 4), ((7, 4, 4, 2, 1), 16), ((6, 6, 1), 5), ((2, 3, 5, 3, 2), 11)],
)
@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_one_picture_is_drawn_as_by_torch(
    options: tuple[int, ...], size_px: int, layout: torch.memory_format, packed_calls: list[torch.Size]
) -> None:
    plain, packed, x = _pair(*options, size_px=size_px)
    x = x.contiguous(memory_format=layout)
    with torch.inference_mode():
        wanted, found, again = plain(x), packed(x), packed(x)
    torch.testing.assert_close(found, wanted, rtol=0, atol=1e-5)
    assert torch.equal(found, again)
    assert packed_calls == [x.shape, x.shape]


def test_batches_other_sizes_and_other_types_are_torchs_own_to_the_bit(packed_calls: list[torch.Size]) -> None:
    plain, packed, x = _pair(4, 6, 3, 1, 1)
    with torch.inference_mode():
        packed(x)
        for other in (torch.randn(3, 4, 8, 8), torch.randn(1, 4, 7, 9)):
            assert torch.equal(packed(other), plain(other))
        assert torch.equal(packed.double()(x.double()), plain.double()(x.double()))
    assert packed_calls == [x.shape]


def test_a_gradient_is_torchs_own_to_the_bit(packed_calls: list[torch.Size]) -> None:
    plain, packed, x = _pair(4, 6, 3, 1, 1)
    with torch.inference_mode():
        packed(x)
    slopes = []
    for conv in (plain, packed):
        inputs = x.clone().requires_grad_()
        slopes.append(torch.autograd.grad(conv(inputs).square().sum(), inputs)[0])
    assert torch.equal(*slopes)
    assert packed_calls == [x.shape]


def test_a_copy_and_the_saved_weights_know_nothing_of_it() -> None:
    plain, packed, x = _pair(4, 6, 3, 1, 1)
    with torch.inference_mode():
        wanted = packed(x)
        assert torch.equal(copy.deepcopy(packed)(x), wanted)
    assert packed.state_dict().keys() == plain.state_dict().keys()


def test_without_onednn_torch_draws(monkeypatch: pytest.MonkeyPatch, packed_calls: list[torch.Size]) -> None:
    plain, packed, x = _pair(4, 6, 3, 1, 1)
    monkeypatch.setattr(torch.backends.mkldnn, "is_available", lambda: False)
    with torch.inference_mode():
        assert torch.equal(packed(x), plain(x))
    assert not packed_calls


def test_convolutions_of_other_ways_stay_as_they_are() -> None:
    others = [
        nn.Conv2d(4, 4, 3, groups=2),
        nn.Conv2d(4, 4, 3, dilation=2),
        nn.Conv2d(4, 4, 3, padding="same"),
        nn.Conv2d(4, 4, 3, padding=1, padding_mode="reflect"),
        nn.Conv2d(4, 4, 3, stride=(1, 2)),
        nn.ConvTranspose2d(4, 4, 3),
    ]
    network = nn.Sequential(*others)
    pack_convolutions(network)
    assert not [layer for layer in network if isinstance(layer, PackedConv2d)]


def test_without_bias_the_weights_alone_are_used() -> None:
    x, weight = torch.randn(1, 3, 6, 6), torch.randn(5, 3, 3, 3)
    with torch.inference_mode():
        found = PackedWeight().conv2d(x, weight, None, 1, 1)
    torch.testing.assert_close(found, F.conv2d(x, weight, padding=1), rtol=0, atol=1e-5)
