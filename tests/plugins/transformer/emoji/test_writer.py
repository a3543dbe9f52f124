"""Writers: who sees whom, cached writing against writing at once, guidance, draws."""

import numpy as np
import pytest
import torch

from plugins.transformer.emoji.model.sampling import MOST_SHARE, Asking, chosen, pictures_of, written
from plugins.transformer.emoji.model.token_maps import inputs, reach
from plugins.transformer.emoji.model.writer import Drawer
from plugins.transformer.emoji.orders import Order
from plugins.transformer.emoji.words import UNKNOWN, WordTable, unknown_words
from studio.core.seed import generator
from tests.plugins.transformer.emoji.conftest import WORDS

TEXTS = ("a fox on a blue background", "cat, dog")
TABLE = WordTable(WORDS)


@pytest.mark.parametrize("order", [Order((1, 2, 4)), Order((4, 4), True), Order((2, 3))])
def test_a_token_sees_its_own_block_and_those_before(order: Order) -> None:
    ends = order.ends
    for one in range(order.n_tokens):
        for other in range(order.n_tokens):
            blocks = [min(number for number, end in enumerate(ends) if token < end) for token in (one, other)]
            assert bool(reach(order)[one, other]) == (blocks[1] <= blocks[0])


@pytest.mark.parametrize("order", [Order((1, 2, 4)), Order((4, 4), True), Order((2, 3))])
def test_places_and_tokens_belong_together(order: Order) -> None:
    for block in range(len(order.blocks)):
        for token in range(order.ends[block] - order.blocks[block], order.ends[block]):
            scale, row, column = order.place(token)
            assert scale == order.scale_of(block)
            assert order.token_at(block, row, column) == token
            assert order.block_of(token) == block


def test_what_lies_around_a_token_is_inside_the_picture() -> None:
    order = Order((1, 2, 4, 8))
    assert order.around(0) == order.around(3) == order.around(20) == (0.0, 0.0, 1.0)
    assert order.around(21) == (0.0, 0.0, 0.5)
    assert order.around(84) == (0.5, 0.5, 0.5)
    assert order.around(21 + 8 * 3 + 4) == (2.5 / 8, 1.5 / 8, 0.5)


@pytest.mark.parametrize("is_by_line", [False, True])
def test_later_tokens_change_nothing_before_them(drawer: Drawer, is_by_line: bool) -> None:
    writer, codes = drawer.writer(is_by_line), drawer.coder.quantiser.codes
    order = writer.order
    torch.manual_seed(0)
    tokens = torch.randint(24, (1, order.n_tokens))
    words, lengths = (torch.from_numpy(one) for one in TABLE.padded(TEXTS[:1]))

    def said(row: torch.Tensor) -> torch.Tensor:
        seen = inputs(order, drawer.coder.quantiser, row[:, : order.n_tokens - order.blocks[-1]])
        return writer.write(seen, writer.encode(words, lengths), codes, reach(order))

    before = said(tokens)
    for block, end in enumerate(order.ends[:-1]):
        other = tokens.clone()
        other[:, end - 1] = (other[:, end - 1] + 1) % 24
        after = said(other)
        torch.testing.assert_close(after[:, :end], before[:, :end])
        assert not torch.allclose(after[:, end:], before[:, end:])
        assert block == order.block_of(end - 1)


@pytest.mark.parametrize("is_by_line", [False, True])
def test_writing_block_by_block_says_what_writing_at_once_says(drawer: Drawer, is_by_line: bool) -> None:
    writer, quantiser = drawer.writer(is_by_line), drawer.coder.quantiser
    order, guidance = writer.order, 2.5
    asking = Asking(TEXTS, (4, 9), guidance, 0.8)
    steps = list(written(writer, quantiser, TABLE, asking))
    tokens = steps[-1].tokens
    words, lengths = (torch.from_numpy(one) for one in TABLE.padded([*TEXTS, "", ""]))
    seen = inputs(order, quantiser, tokens[:, : order.n_tokens - order.blocks[-1]]).repeat(2, 1, 1)
    with torch.no_grad():
        said, unsaid = writer.write(seen, writer.encode(words, lengths), quantiser.codes, reach(order)).chunk(2)
    shares = ((unsaid + guidance * (said - unsaid)) / 0.8).softmax(-1)
    cached = torch.cat([one.next_shares for one in steps], 1)
    torch.testing.assert_close(cached, shares.topk(12).values, atol=1e-5, rtol=1e-4)
    taken = torch.cat([one.shares for one in steps], 1)
    torch.testing.assert_close(taken, shares.gather(2, tokens[..., None])[..., 0], atol=1e-5, rtol=1e-4)
    for number, seed in enumerate((4, 9)):
        for block, (size, end) in enumerate(zip(order.blocks, order.ends, strict=True)):
            chances = torch.from_numpy(generator(seed, "picture", block).random(size))
            own = chosen(shares[number, None, end - size : end], chances[None])
            assert own.tolist() == tokens[number, None, end - size : end].tolist()


def test_a_picture_does_not_depend_on_others_that_are_drawn_with_it(drawer: Drawer) -> None:
    for is_by_line in (False, True):
        writer, quantiser = drawer.writer(is_by_line), drawer.coder.quantiser
        together = [*written(writer, quantiser, TABLE, Asking(TEXTS, (4, 9)))][-1].tokens
        alone = [*written(writer, quantiser, TABLE, Asking(TEXTS[1:], (9,)))][-1].tokens
        assert together[1].tolist() == alone[0].tolist()


def test_draws_follow_the_shares_and_leave_the_unlikeliest_out() -> None:
    shares = torch.tensor([0.5, 0.3, 0.17, 0.02, 0.01]).repeat(1, 4000, 1)
    chances = torch.from_numpy((np.arange(4000) + 0.5) / 4000)[None]
    counts = torch.bincount(chosen(shares, chances)[0], minlength=5)
    assert MOST_SHARE == 0.97
    torch.testing.assert_close(counts / 4000, torch.tensor([0.5, 0.3, 0.17, 0, 0]) / 0.97, atol=1e-3, rtol=0.0)


def test_no_variety_takes_the_likeliest(drawer: Drawer) -> None:
    for step in written(drawer.by_scale, drawer.coder.quantiser, TABLE, Asking(TEXTS, (1, 2), variety=0.0)):
        newest = step.tokens[:, -step.next_ids.shape[1] :]
        assert newest.tolist() == step.next_ids[..., 0].tolist()


def test_half_a_picture_by_lines_is_what_its_tokens_say(drawer: Drawer) -> None:
    order = drawer.by_line.order
    tokens = torch.randint(24, (2, 12))
    picture = pictures_of(drawer.coder, order, tokens)
    assert picture.shape == (2, 3, 32, 32)
    assert float(picture.min()) >= 0
    assert float(picture.max()) <= 1


def test_words_are_numbers_and_others_are_unknown() -> None:
    assert TABLE.ids("A Fox, on Ünïcode!") == [2, 7, UNKNOWN, 8, UNKNOWN]
    assert TABLE.ids("") == TABLE.ids("?!") == [0]
    assert len(TABLE.ids("fox " * 5000)) == 64
    assert unknown_words("a unicorn, a Zebra and a unicorn", frozenset(WORDS)) == ["unicorn", ",", "zebra", "and"]
