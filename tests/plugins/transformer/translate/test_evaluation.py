"""BLEU against sacrebleu, the alignment against two words that always stand together, and the peers."""

from collections.abc import Sequence

import numpy as np
import pytest
import torch

from plugins.transformer.translate.training.alignment import alignment_of, learnt_table
from plugins.transformer.translate.training.data import PADDING, PairBatches, batch_of, batch_sizes
from plugins.transformer.translate.training.evaluation import NearestVerses, bleu, by_dictionary, dictionary
from studio.api.training import Split, load_verses
from studio.datasets.verses import Verses

SAID = ["Y dijo Dios: Sea la luz, y fué la luz.", "el rey de la casa", "¿Qué es 3,500 - 20.5 “esto”?", "a b"]
WANTED = ["Y dijo Dios: Sea la luz: y fué la luz.", "el rey salió de la casa", "¿Qué es 3,500-20.5 «esto»?", "c d e"]


def finished(work):
    while True:
        try:
            next(work)
        except StopIteration as end:
            return end.value


def test_bleu_is_that_of_sacrebleu():
    sacrebleu = pytest.importorskip("sacrebleu")
    verses = load_verses(Split.TEST)
    pairs: list[tuple[Sequence[str], Sequence[str]]] = [
        (SAID, WANTED),
        (SAID[:1], WANTED[:1]),
        (SAID[1:2], WANTED[1:2]),
    ]
    pairs += [(verses.spanish[1:200], verses.spanish[:199]), (verses.english[:200], verses.spanish[:200])]
    for said, wanted in pairs:
        expected = sacrebleu.corpus_bleu(list(said), [list(wanted)]).score
        assert bleu(said, wanted) == pytest.approx(expected, abs=1e-6)


def test_bleu_of_the_same_is_100_and_of_nothing_0():
    assert bleu(WANTED, WANTED) == pytest.approx(100)
    assert bleu(["x"], ["y"]) == 0


def test_words_that_always_stand_together_are_aligned():
    pairs = [(np.array([1, 2, 0]), np.array([5, 6])), (np.array([1, 3, 0]), np.array([5, 7]))] * 5
    table = finished(learnt_table(pairs, 8, 8, 20))
    assert [int(table[one].argmax()) for one in (1, 2, 3)] == [5, 6, 7]
    assert np.allclose(table[1:4].sum(1), 1, atol=1e-5)
    source, target = torch.tensor([[1, 2, 0, 0]]), torch.tensor([[5, 6]])
    shares = alignment_of(torch.from_numpy(table), source, torch.tensor([3]), target)[0]
    assert shares.argmax(1).tolist() == [0, 1]
    assert torch.allclose(shares.sum(1), torch.ones(2))
    assert float(shares[:, 3].max()) == 0


def test_a_round_of_batches_has_each_pair_once_and_no_batch_too_many_tokens():
    random = np.random.default_rng(0)
    pairs = [
        (random.integers(1, 9, random.integers(2, 30)), random.integers(1, 9, random.integers(2, 30)))
        for _ in range(90)
    ]
    for number, pair in enumerate(pairs):
        pair[0][0] = 100 + number
    batches = PairBatches(pairs, 128, 1, torch.device("cpu"))
    drawn = [batches.draw(number) for number in range(batches.n_batches)]
    assert sorted(int(one) for batch in drawn for one in batch[0][:, 0]) == list(range(100, 190))
    assert all(max(batch[0].numel(), batch[2].numel()) <= 128 for batch in drawn)
    again = batches.draw(1)
    assert all(torch.equal(one, other) for one, other in zip(drawn[1], again, strict=True))
    assert batch_sizes([4, 4, 8, 8], 16) == [2, 2]


def test_targets_of_a_batch_begin_with_an_end_and_are_followed_by_themselves():
    source, lengths, target, following = batch_of(
        [(np.array([3, 0]), np.array([5, 6, 0])), (np.array([3, 4, 0]), np.array([7, 0]))], torch.device("cpu")
    )
    assert source.tolist() == [[3, 0, 0], [3, 4, 0]]
    assert lengths.tolist() == [2, 3]
    assert target.tolist() == [[0, 5, 6], [0, 7, 0]]
    assert following.tolist() == [[5, 6, 0], [7, 0, PADDING]]


def test_what_needs_no_network_translates_a_little():
    verses = Verses(
        ("a", "b", "c", "d"),
        ("the king said", "the house", "the king", "my house"),
        ("el rey dijo", "la casa", "el rey", "mi casa"),
    )
    known = finished(dictionary(verses))
    assert known["king"] == "rey"
    assert known["house"] == "casa"
    assert by_dictionary(known, "The king, Adam") == "el rey, Adam" or known["the"] == "la"
    many = Verses(
        tuple(map(str, range(30))),
        tuple(f"word{n} here" for n in range(30)),
        tuple(f"palabra{n}" for n in range(30)),
    )
    assert NearestVerses(many).spanish("there is word7") == "palabra7"
