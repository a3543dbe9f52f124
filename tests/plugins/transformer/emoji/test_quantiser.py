"""Codes: nearest ones and scales against brute force, gradients against finite differences, moving means."""

import torch
from torch import nn

from plugins.transformer.emoji.model.quantiser import DECAY, Quantiser, straight_through
from plugins.transformer.emoji.model.token_maps import map_of, sequence
from plugins.transformer.emoji.orders import Order


def made(n_codes: int = 11, width: int = 3) -> Quantiser:
    torch.manual_seed(1)
    return Quantiser(n_codes, width)


def test_the_nearest_code_is_that_of_the_smallest_distance() -> None:
    quantiser, vectors = made(), torch.randn(50, 3)
    wanted = [min(range(11), key=lambda code: float((one - quantiser.codes[code]).norm())) for one in vectors]
    assert quantiser.nearest(vectors).tolist() == wanted


def test_each_scale_stands_for_what_those_before_it_left_over() -> None:
    quantiser, maps = made(), torch.randn(2, 3, 4, 4)
    found = quantiser(maps, (1, 2, 4))
    rest = maps.clone()
    for scale, ids, total in zip((1, 2, 4), found.ids, found.sums, strict=True):
        cell = 4 // scale
        for picture in range(2):
            grid = torch.zeros(3, scale, scale)
            for row in range(scale):
                for column in range(scale):
                    part = rest[picture, :, row * cell : (row + 1) * cell, column * cell : (column + 1) * cell]
                    nearest = (quantiser.codes - part.mean((1, 2))).norm(dim=1).argmin()
                    assert ids[picture, row * scale + column] == nearest
                    grid[:, row, column] = quantiser.codes[nearest]
            if scale == 1 or scale == 4:
                rest[picture] -= grid
            else:
                rest[picture] -= bilinear(grid, 4)
        torch.testing.assert_close(total, maps - rest)


def bilinear(grid: torch.Tensor, side: int) -> torch.Tensor:
    """(C, S, S) at side x side points, each weighted by hand."""
    n, found = grid.shape[1], torch.zeros(len(grid), side, side)
    for row in range(side):
        for column in range(side):
            for axis_row, row_share in shares(row, side, n):
                for axis_column, column_share in shares(column, side, n):
                    found[:, row, column] += row_share * column_share * grid[:, axis_row, axis_column]
    return found


def shares(at: int, side: int, n: int) -> list[tuple[int, float]]:
    """Which of n cells a point lies between, with their weights."""
    place = min(max((at + 0.5) * n / side - 0.5, 0.0), n - 1.0)
    low = int(place)
    return [(low, 1 - (place - low)), (min(low + 1, n - 1), place - low)]


def test_a_map_comes_back_from_its_tokens_in_either_order() -> None:
    quantiser, maps = made(), torch.randn(2, 3, 4, 4)
    for order in (Order((1, 2, 4)), Order((4, 4), True)):
        found = quantiser(maps, order.scales)
        tokens = sequence(order, found.ids)
        assert tokens.shape == (2, order.n_tokens)
        torch.testing.assert_close(map_of(order, quantiser, tokens), found.sums[-1])


def test_gradients_pass_the_codes_as_if_nothing_had_happened() -> None:
    """Straight through: what the decoder wants of the quantised map is told to the map itself."""
    quantiser, decoder = made(width=3).double(), nn.Conv2d(3, 2, 1).double()
    maps = torch.randn(1, 3, 4, 4, dtype=torch.float64, requires_grad=True)
    quantised = quantiser(maps.detach(), (4,)).sums[-1]
    decoder(straight_through(maps, quantised)).square().sum().backward()
    step, found = 1e-6, torch.zeros_like(quantised)
    for place in range(found.numel()):
        moved = [quantised.flatten().clone() for _ in range(2)]
        moved[0][place] += step
        moved[1][place] -= step
        with torch.no_grad():
            high, low = (decoder(one.view_as(quantised)).square().sum() for one in moved)
        found.view(-1)[place] = (high - low) / (2 * step)
    assert maps.grad is not None
    torch.testing.assert_close(maps.grad, found, atol=1e-6, rtol=1e-6)


def test_codes_go_to_the_mean_of_what_chose_them_and_unused_ones_move() -> None:
    quantiser = made(4, 2)
    quantiser.codes.copy_(torch.tensor([[0.0, 0.0], [10.0, 10.0], [50.0, 50.0], [60.0, 60.0]]))
    quantiser.uses.copy_(torch.tensor([2.0, 2.0, 1e-3, 1e-3]))
    quantiser.totals.copy_(quantiser.codes * quantiser.uses[:, None])
    vectors = torch.tensor([[1.0, 0.0], [3.0, 0.0], [11.0, 10.0], [9.0, 10.0]])
    ids = quantiser.nearest(vectors)
    assert ids.tolist() == [0, 0, 1, 1]
    quantiser.follow(vectors, ids, can_move=False)
    expected = (1 - DECAY) * torch.tensor([4.0, 0.0]) / (DECAY * 2 + (1 - DECAY) * 2)
    torch.testing.assert_close(quantiser.codes[0], expected)
    torch.testing.assert_close(quantiser.codes[1], torch.tensor([10.0, 10.0]))
    quantiser.follow(vectors, ids, can_move=True)
    assert all(any(torch.equal(code, one) for one in vectors) for code in quantiser.codes[2:])
