"""The U-Net: shapes, a start that says nothing, time and words that matter, maps that share out everything."""

from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from plugins.diffusion.pictures.model.unet import Conditioning, UNet, UNetConfig, merged_maps, wave_embedding
from tests.plugins.diffusion.tiny_network import UNET, made_network


@pytest.fixture
def unet():
    return made_network("words").unet


def words(unet, n=2, length=5):
    torch.manual_seed(1)
    return unet.words(torch.randn(n, length, 16), torch.ones(n, length))


@settings(max_examples=12, deadline=None)
@given(
    fold=st.sampled_from([1, 2, 4]),
    n_levels=st.integers(1, 3),
    n_blocks=st.integers(0, 2),
    has_attention=st.booleans(),
    n_extra=st.sampled_from([0, 3]),
)
def test_what_comes_out_has_the_shape_of_what_goes_in(fold, n_levels, n_blocks, has_attention, n_extra):
    flags = (int(has_attention),) * n_levels
    config = UNetConfig(
        n_channels=2,
        size_px=16,
        fold=fold,
        widths=(8, 16, 24)[:n_levels],
        n_blocks=(n_blocks,) * n_levels,
        self_attention=flags,
        cross_attention=flags,
        embedding_width=8,
        n_extra=n_extra,
    )
    extra = torch.randn(3, n_extra, 16, 16) if n_extra else None
    asked = Conditioning(extra=extra, extra_time=torch.tensor([1, 2, 3]) if n_extra else None)
    said = UNet(config)(torch.randn(3, 2, 16, 16), torch.tensor([0, 10, 999]), asked)
    assert said.shape == (3, 2, 16, 16)
    assert said.dtype == torch.float32


def test_it_says_nothing_before_it_has_learnt():
    unet = UNet(UNET)
    said = unet(torch.randn(2, 3, 8, 8), torch.tensor([3, 500]), words(unet))
    assert bool((said == 0).all())


def test_time_class_and_words_make_a_difference(unet):
    x, time = torch.randn(2, 3, 8, 8), torch.tensor([5, 5])
    said = unet(x, time, words(unet))
    assert not torch.allclose(said, unet(x, torch.tensor([5, 700]), words(unet))[1:])
    torch.manual_seed(9)
    other = unet.words(torch.randn(2, 5, 16), torch.ones(2, 5))
    assert not torch.allclose(said, unet(x, time, other))
    classes = made_network("classes").unet
    vectors = classes.class_vector(torch.tensor([0, 3]))
    x = torch.randn(1, 1, 8, 8).expand(2, -1, -1, -1)
    one, none = classes(x, time, Conditioning(vectors))
    assert not torch.allclose(one, none)


def test_maps_of_the_words_sum_to_one(unet):
    maps: list[torch.Tensor] = []
    unet(torch.randn(2, 3, 8, 8), torch.tensor([5, 9]), words(unet), maps)
    assert {tuple(one.shape) for one in maps} == {(2, 5, 8, 8), (2, 5, 4, 4)}
    for one in (*maps, merged_maps(maps)):
        torch.testing.assert_close(one.sum(1), torch.ones_like(one[:, 0]))
        assert bool((one >= 0).all())


def test_looking_at_the_maps_changes_nothing(unet):
    x, time, asked = torch.randn(2, 3, 8, 8), torch.tensor([5, 9]), words(unet)
    with torch.no_grad():
        torch.testing.assert_close(unet(x, time, asked), unet(x, time, asked, []))


def test_attention_written_out_for_learning_is_that_of_torch(unet):
    x, time, asked = torch.randn(2, 3, 8, 8), torch.tensor([5, 9]), words(unet)
    with torch.no_grad():
        quick = unet(x, time, asked)
    with torch.enable_grad():
        written_out = unet(x, time, asked)
    torch.testing.assert_close(quick, written_out)


def test_what_counts_nothing_is_not_looked_at(unet):
    torch.manual_seed(2)
    context, x, time = torch.randn(1, 4, 16), torch.randn(1, 3, 8, 8), torch.tensor([7])
    counts = torch.tensor([[1.0, 1.0, 0.0, 0.0]])
    maps: list[torch.Tensor] = []
    said = unet(x, time, unet.words(context, counts), maps)
    torch.testing.assert_close(said, unet(x, time, unet.words(context[:, :2], counts[:, :2])), atol=1e-5, rtol=1e-4)
    assert float(merged_maps(maps)[:, 2:].max()) < 1e-6


def test_items_of_a_batch_do_not_see_each_other(unet):
    x, time, asked = torch.randn(2, 3, 8, 8), torch.tensor([5, 700]), words(unet)
    both = unet(x, time, asked)
    alone = unet(
        x[1:], time[1:], Conditioning(asked.vector[1:], tuple((k[1:], v[1:]) for k, v in asked.memory), asked.bias[1:])
    )
    torch.testing.assert_close(both[1:], alone, atol=1e-5, rtol=1e-4)


def test_channels_last_in_memory_gives_the_same(unet):
    x, time, asked = torch.randn(2, 3, 8, 8), torch.tensor([5, 9]), words(unet)
    said = unet(x, time, asked)
    laid_out = unet.to(memory_format=torch.channels_last)(x.contiguous(memory_format=torch.channels_last), time, asked)
    torch.testing.assert_close(said, laid_out, atol=1e-5, rtol=1e-4)


def test_neighbouring_times_are_told_apart():
    waves = wave_embedding(torch.arange(1000), 32)
    distances = torch.cdist(waves, waves) + 10 * torch.eye(1000)
    assert float(distances.min()) > 0.1


@pytest.mark.parametrize(
    "change", [{"n_blocks": (1,)}, {"self_attention": (1, 1, 1)}, {"size_px": 9}, {"cross_attention": ()}]
)
def test_sizes_that_do_not_fit_together_are_refused(change):
    with pytest.raises(ValueError, match="fit"):
        UNet(replace(UNET, **change))
