"""Beam search against all texts there are."""

from itertools import pairwise, product

import numpy as np
import pytest
import torch

from plugins.transformer.translate.model.beam import Beam, Said, lane_score
from plugins.transformer.translate.model.weights import OpenTranslator
from plugins.transformer.translate.params import TranslateParams

N_VOCAB, END, MOST = 4, 0, 4


class TableReader:
    """Says what a table of chance has for every beginning."""

    def __init__(self, seed):
        self.seed, self.lanes = seed, [()]

    def logs(self, ids):
        number = sum((one + 1) * (N_VOCAB + 1) ** at for at, one in enumerate(ids))
        values = np.random.default_rng([self.seed, number]).normal(0, 2, N_VOCAB)
        return values - np.log(np.exp(values).sum())

    def begin(self, tokens):
        self.lanes = [tuple(tokens)]
        return [Said(self.logs(tokens[:n])[None], np.zeros((1, 2), np.float32)) for n in range(len(tokens) + 1)]

    def go_on(self, rows, tokens):
        self.lanes = [(*self.lanes[row], token) for row, token in zip(rows, tokens, strict=True)]
        return Said(np.stack([self.logs(one) for one in self.lanes]), np.zeros((len(rows), 2), np.float32))

    def whole(self, ids):
        return sum(self.logs(ids[:at])[one] for at, one in enumerate(ids))


def all_texts(most):
    """Every text that ends, or that is as long as may be."""
    others = range(1, N_VOCAB)
    for n in range(most):
        yield from ((*ids, END) for ids in product(others, repeat=n))
    yield from product(others, repeat=most)


@pytest.mark.parametrize("penalty", [0.0, 1.0, 2.0])
@pytest.mark.parametrize("seed", range(5))
def test_with_a_lane_for_each_text_the_best_of_all_is_found(seed, penalty):
    reader = TableReader(seed)
    last = list(Beam(reader, 500, penalty, MOST, END).steps())[-1]
    scores = {ids: lane_score(reader.whole(ids), len(ids), penalty) for ids in all_texts(MOST)}
    assert {lane.ids for lane in last} == set(scores)
    assert last[0].ids == max(scores, key=scores.__getitem__)
    assert [lane.score(penalty) for lane in last] == sorted(scores.values(), reverse=True) or np.allclose(
        [lane.score(penalty) for lane in last], sorted(scores.values(), reverse=True)
    )


@pytest.mark.parametrize("seed", range(5))
def test_one_lane_takes_the_likeliest_each_time(seed):
    reader = TableReader(seed)
    ids: tuple[int, ...] = ()
    while len(ids) < MOST and ids[-1:] != (END,):
        ids = (*ids, int(np.argmax(reader.logs(ids))))
    assert list(Beam(TableReader(seed), 1, 1.0, MOST, END).steps())[-1][0].ids == ids


@pytest.mark.parametrize("seed", range(5))
def test_each_step_keeps_the_best_of_all_that_its_lanes_can_become(seed):
    reader, steps = TableReader(seed), list(Beam(TableReader(seed), 3, 1.0, MOST, END).steps())
    for before, after in pairwise(steps):
        grown = [
            (lane.ids, lane_score(reader.whole(lane.ids), len(lane.ids), 1.0)) for lane in before if lane.is_over
        ] + [
            ((*lane.ids, token), lane_score(reader.whole((*lane.ids, token)), len(lane.ids) + 1, 1.0))
            for lane in before
            if not lane.is_over
            for token in range(N_VOCAB)
        ]
        best = sorted(grown, key=lambda pair: -pair[1])[:3]
        assert [lane.ids for lane in after] == [ids for ids, _ in best]
        for lane in after:
            assert before[lane.parent].ids == lane.ids[: len(before[lane.parent].ids)]


def test_forced_tokens_begin_every_lane_and_count_in_its_score():
    reader = TableReader(3)
    last = list(Beam(TableReader(3), 500, 0.0, MOST, END).steps((2, 1)))[-1]
    wanted = {ids: reader.whole(ids) for ids in all_texts(MOST) if ids[:2] == (2, 1)}
    assert {lane.ids for lane in last} == set(wanted)
    assert last[0].score(0.0) == pytest.approx(max(wanted.values()))
    assert all(len(lane.nexts) >= 2 for lane in last)


def test_a_forced_end_ends_it():
    steps = list(Beam(TableReader(3), 3, 1.0, MOST, END).steps((2, END)))
    assert [lane.ids for lane in steps[-1]] == [(2, END)]
    assert len(steps) == 1
    assert len(steps[0][0].nexts) == 2


def test_lanes_of_a_network_are_scored_as_it_scores_them_whole(network, tokenizer):
    source = [5, 80, 81, 0]
    search = OpenTranslator(network, tokenizer, frozenset()).search(source, TranslateParams(lanes=3))
    last = list(search.steps((70,)))[-1]
    for lane in last:
        target = torch.tensor([[0, *lane.ids[:-1]]])
        logs = network.decode(target, network.encode(torch.tensor([source]))).double().log_softmax(-1)[0]
        told = [float(logs[at, token]) for at, token in enumerate(lane.ids)]
        assert np.allclose(told, lane.logs, atol=1e-4)
        assert all(abs(float(one.look.sum()) - 1) < 1e-4 for one in lane.nexts)
