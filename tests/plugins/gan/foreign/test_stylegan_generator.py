"""A foreign generator as the engine uses it: mean, classes, noise, drafts, batches, gradients, memory."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from plugins.gan.foreign.stylegan import generator as stylegan_generator
from plugins.gan.foreign.stylegan.generator import (
    StyleGanGenerator,
    activation_bytes,
    check_memory,
    needed_bytes,
    open_stylegan,
)
from plugins.gan.foreign.stylegan.layers import MappingConfig
from plugins.gan.foreign.stylegan.reader import describe_stylegan
from plugins.gan.foreign.stylegan.stylegan2 import StyleGan2Config
from plugins.gan.foreign.stylegan.stylegan3 import StyleGan3Config
from studio.api.engine import Device, ModelSource
from studio.core.error import UserError

from .stylegan_made import CLASSES, THREE, THREE_R, TWO, made, nvidia_pickle

CPU = Device("cpu", "float32", 1)


def generator(config: Any) -> StyleGanGenerator:
    return StyleGanGenerator(made(config))


def truncated(found: StyleGanGenerator, w: torch.Tensor, psi: float) -> torch.Tensor:
    rows: torch.Tensor = found.mean_w().lerp(w, psi)[:, None].expand(-1, found.n_layers, -1)
    return rows


@pytest.mark.parametrize("config", [TWO, THREE, replace(TWO, n_colours=1)], ids=["2", "3", "grey"])
def test_truncation_zero_gives_the_picture_of_the_mean(config: Any) -> None:
    found = generator(config)
    w = found.mapping(torch.randn(3, found.n_z))
    assert w.shape == (3, found.n_w)
    pictures = found.synthesis(truncated(found, w, 0.0))
    assert pictures.shape == (3, 3, found.size_px, found.size_px)
    mean = found.synthesis(found.mean_w().expand(1, found.n_layers, -1))
    torch.testing.assert_close(pictures, mean.expand(3, -1, -1, -1), atol=1e-4, rtol=1e-4)
    assert not torch.allclose(found.synthesis(truncated(found, w, 1.0)), pictures, atol=0.1)


def test_classes_have_means_of_their_own() -> None:
    found = generator(replace(TWO, mapping=CLASSES))
    assert found.n_classes == 5
    one, two = torch.eye(5)[:2]
    assert not torch.allclose(found.mean_w(one), found.mean_w(two))
    assert torch.equal(found.mean_w(one), found.mean_w(one[None]))
    assert torch.equal(found.mean_w(), found.network.mapping.w_avg)
    z = torch.randn(1, 16)
    assert not torch.allclose(found.mapping(z, one[None]), found.mapping(z, two[None]))


def test_drafts_noise_and_rows_reach_the_network() -> None:
    found = generator(TWO)
    ws = torch.randn(2, found.n_layers, found.n_w)
    assert found.has_drafts
    assert not generator(THREE).has_drafts
    assert found.synthesis(ws, until_px=16).shape == (2, 3, 16, 16)
    assert generator(THREE).synthesis(torch.randn(1, 8, 24), until_px=8).shape == (1, 3, 32, 32)
    assert len(found.layer_px) == found.n_layers
    plain, louder, other = found.synthesis(ws), found.synthesis(ws, noise=2.0), found.synthesis(ws, noise_seed=3)
    assert not torch.equal(plain, louder)
    assert not torch.equal(plain, other)
    assert torch.equal(other, found.synthesis(ws, noise_seed=3))
    huge = 2**63 - 1
    assert torch.equal(found.synthesis(ws, noise_seed=huge), found.synthesis(ws, noise_seed=huge))


def test_large_batches_are_drawn_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stylegan_generator, "CHUNK_BYTES", 2 * activation_bytes(TWO) + 1)
    found = generator(TWO)
    ws = torch.randn(5, found.n_layers, found.n_w)
    sizes: list[int] = []
    draw: Any = found.network.draw

    def counted(ws: torch.Tensor, *rest: Any) -> Any:
        sizes.append(len(ws))
        return draw(ws, *rest)

    monkeypatch.setattr(found.network, "draw", counted)
    pictures = found.synthesis(ws)
    assert sizes == [2, 2, 1]
    torch.testing.assert_close(pictures[4:], found.synthesis(ws[4:]), atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("config", [TWO, THREE_R], ids=["2", "3"])
def test_gradients_reach_the_rows_where_they_are_asked_for(config: Any) -> None:
    found = generator(config)
    ws = torch.randn(2, found.n_layers, found.n_w, requires_grad=True)
    found.synthesis(ws).square().mean().backward()
    assert ws.grad is not None
    assert (ws.grad.abs().sum(2) > 0).all()
    assert not found.synthesis(ws.detach()).requires_grad


def test_a_source_is_opened(tmp_path: Path) -> None:
    network = made(TWO)
    path = tmp_path / "a.pkl"
    path.write_bytes(nvidia_pickle(network))
    found = open_stylegan(ModelSource("gan/a.pkl", path, {}), CPU)
    ws = torch.randn(1, found.n_layers, found.n_w)
    assert torch.equal(found.synthesis(ws), StyleGanGenerator(network).synthesis(ws))


def test_what_does_not_fit_is_refused_with_figures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.pkl"
    path.write_bytes(nvidia_pickle(made(TWO)))
    about = describe_stylegan(path)
    needed = needed_bytes(about)
    monkeypatch.setattr(Device, "free_bytes", needed)
    check_memory(about, CPU)
    monkeypatch.setattr(Device, "free_bytes", needed - 1)
    with pytest.raises(UserError, match="MB") as refusal:
        open_stylegan(ModelSource("gan/a.pkl", path, {}), CPU)
    assert "memory are free" in refusal.value.what_to_do


def test_forecasts_of_the_large_ones_are_in_reach() -> None:
    """1024 px of both papers: hundreds of megabytes for a picture, gigabytes for none."""
    mapping = MappingConfig(512, (512,) * 8)
    two = StyleGan2Config(mapping, (512, 512, 512, 512, 512, 256, 128, 64, 32))
    three = StyleGan3Config(mapping, 1024, (*(512,) * 7, 323, 203, 128, 81, 51, 32, 32, 3))
    assert 500 << 20 < activation_bytes(two) < 1 << 30
    assert 1 << 30 < activation_bytes(three) < 6 << 30
