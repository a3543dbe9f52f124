"""The network against its formulas, written out slowly, and against itself read in other portions."""

import math

import torch

from plugins.transformer.translate.model.encoder_decoder import (
    Attention,
    Translator,
    TranslatorConfig,
    attention_weights,
    positions,
)


def slow_attention(attention: Attention, x, of):
    """Softmax(QKᵀ/√d)V head by head, row by row."""
    keys, values = attention.keys_values(of).chunk(2, -1)
    queries, width = attention.queries(x), x.shape[-1] // attention.n_heads
    rows = []
    for row in range(x.shape[1]):
        parts = []
        for head in range(attention.n_heads):
            part = slice(head * width, (head + 1) * width)
            scores = [
                float(queries[0, row, part] @ keys[0, one, part]) / math.sqrt(width) for one in range(of.shape[1])
            ]
            shares = torch.tensor([math.exp(one) for one in scores])
            parts.append((shares / shares.sum()) @ values[0, :, part])
        rows.append(torch.cat(parts))
    return attention.joined(torch.stack(rows)[None])


def test_attention_is_its_formula():
    torch.manual_seed(0)
    attention = Attention(TranslatorConfig(9, width=12, n_heads=3)).eval()
    x, of = torch.randn(1, 4, 12), torch.randn(1, 6, 12)
    with torch.no_grad():
        found = attention(x, *attention.read(of))
        assert torch.allclose(found, slow_attention(attention, x, of), atol=1e-5)


def test_positions_are_sines_and_cosines_of_the_paper():
    found = positions(3, 2, 8, torch.device("cpu"))
    for row, place in enumerate((3, 4)):
        for at in range(4):
            angle = place / 10_000 ** (2 * at / 8)
            assert math.isclose(float(found[row, 2 * at]), math.sin(angle), abs_tol=1e-5)
            assert math.isclose(float(found[row, 2 * at + 1]), math.cos(angle), abs_tol=1e-5)


def test_weights_add_up_to_one_and_hidden_keys_have_none():
    torch.manual_seed(0)
    is_seen = torch.tensor([[[[True, True, False]]]])
    found = attention_weights(torch.randn(1, 2, 4, 6), torch.randn(1, 2, 3, 6), is_seen)
    assert torch.allclose(found.sum(-1), torch.ones(1, 2, 4))
    assert float(found[..., 2].abs().max()) == 0


def test_token_by_token_is_all_at_once(network):
    source, target = torch.tensor([[5, 80, 81, 0]]), torch.tensor([[0, 70, 71, 72, 73]])
    whole = network.decode(target, network.encode(source))
    memory = network.encode(source)
    portions = [network.decode(part, memory) for part in target.split([2, 1, 2], 1)]
    assert torch.allclose(whole, torch.cat(portions, 1), atol=1e-4)


def test_padding_changes_nothing(network):
    target = torch.tensor([[0, 70, 71]])
    alone = network(torch.tensor([[5, 80, 0]]), torch.tensor([3]), target)
    padded = network(torch.tensor([[5, 80, 0, 9, 9]]), torch.tensor([3]), target)
    assert torch.allclose(alone, padded, atol=1e-4)


def test_no_token_sees_what_comes_after_it(network):
    source = torch.tensor([[5, 80, 0]])
    one = network.decode(torch.tensor([[0, 70, 71, 72]]), network.encode(source))
    other = network.decode(torch.tensor([[0, 70, 9, 10]]), network.encode(source))
    assert torch.allclose(one[:, :2], other[:, :2], atol=1e-5)
    assert not torch.allclose(one[:, 2:], other[:, 2:], atol=1e-3)


def test_chosen_rows_of_a_memory_go_on_as_they_would_alone(network):
    source = torch.tensor([[5, 80, 81, 0]])
    memory = network.encode(source)
    network.decode(torch.tensor([[0]]), memory)
    lanes = memory.chosen(torch.tensor([0, 0]))
    found = network.decode(torch.tensor([[70], [71]]), lanes)
    alone = network.decode(torch.tensor([[0, 71]]), network.encode(source))
    assert torch.allclose(found[1, 0], alone[0, 1], atol=1e-4)


def test_building_one_computes_nothing_that_a_file_would_not_bring(network):
    assert {name.split(".")[0] for name in Translator(network.config).state_dict()} == {
        *("tokens", "encoder", "decoder", "source_norm", "norm")
    }
