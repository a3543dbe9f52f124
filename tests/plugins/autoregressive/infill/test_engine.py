"""Texts filled in any order: frames that keep everything, dice, branches, orders held together."""

import math
from dataclasses import replace
from itertools import permutations
from typing import Any

import numpy as np
import pytest

from plugins.autoregressive.infill.engine import FALLBACK, InfillEngine
from plugins.autoregressive.infill.model.infill_decoding import bits_of, log_probabilities, some_orders
from plugins.autoregressive.infill.panel.mask_matrices import masks
from plugins.autoregressive.infill.passage import MAX_BLANKS, Passage, carried, middle_words
from plugins.autoregressive.infill.scene import InfillParams
from plugins.autoregressive.infill.state import InfillTrace, passage_of, read_state, started, tokens_of, with_token
from plugins.autoregressive.shared.model.relative_network import save_with_cutter
from plugins.autoregressive.shared.next_token import Choosing, die_roll, likeliest
from studio.api.engine import Device, ModelSource
from studio.api.gapped_text.queries import dropped
from studio.core.error import UserError
from studio.core.pausing import result_of
from studio.core.text.gaps import UNKNOWN_ID
from tests.plugins.autoregressive.infill.infill_made import EXAMPLES, made_engine, made_network
from tests.plugins.autoregressive.text.xl_made import made_cutter

PARAMS = InfillParams(seed=7, temperature=0.8, top_p=0.9)
IDS = tuple(made_cutter().encode("To be, or not to be"))
PASSAGE = Passage(IDS, (3, 1, 5, 2))


@pytest.fixture(scope="module")
def engine():
    return made_engine()


@pytest.fixture(scope="module")
def frames(engine):
    return list(engine.generate(PARAMS, started(PASSAGE)))


def same(one, two):
    return set(one) == set(two) and all(np.array_equal(one[name], two[name]) for name in one)


def test_every_blank_has_a_frame_with_the_conditional_of_the_order(engine, frames):
    trace = InfillTrace(frames[-1].state)
    said = log_probabilities(engine.network, trace.filled(), PASSAGE.order).numpy()
    assert [frame.step for frame in frames] == list(range(5))
    assert {frame.n_steps for frame in frames} == {5}
    for turn, place in enumerate(PASSAGE.order):
        token = int(trace.told[turn])
        roll = die_roll(7, place)
        assert token == Choosing(0.8, 0.9).chances(said[turn]).drawn(roll)
        assert trace.roll[turn] == pytest.approx(roll)
        assert trace.surprise[turn] == pytest.approx(-said[turn, token] / math.log(2), abs=1e-4)
        assert trace.rank[turn] == np.count_nonzero(said[turn] > said[turn, token])
        assert frames[turn + 1].scalars["surprise"] == pytest.approx(trace.surprise[turn])
        assert set(trace.next_ids[turn, :5].tolist()) <= set(likeliest(said[turn])[:8].tolist())
        np.testing.assert_allclose(trace.next_raw[turn], np.sort(np.exp(said[turn]))[::-1][:50], rtol=5e-3, atol=1e-5)


def test_frames_show_blanks_that_are_filled_one_by_one(frames):
    first, last = frames[0].views["text"], frames[-1].views["text"]
    assert [first.pieces[place] for place in PASSAGE.order] == [" ▁1▁", " ▁2▁", " ▁3▁", " ▁4▁"]
    assert not any("▁" in piece for piece in last.pieces)
    assert frames[1].views["text"].pieces[1] == " ▁2▁"
    assert frames[1].views["text"].weights[3] == pytest.approx(frames[1].scalars["surprise"])
    assert frames[0].scalars["surprise"] == 0
    assert frames[2].label == "2 of 4 blanks filled"
    assert len(frames[2].views["next"].labels) == 10


def test_what_is_not_told_yet_has_no_influence(engine):
    other = [*IDS]
    for place in PASSAGE.order:
        other[place] = (other[place] + 1) % engine.config.n_vocab
    one, two = (list(engine.generate(PARAMS, started(Passage(tuple(ids), PASSAGE.order)))) for ids in (IDS, other))
    assert all(np.array_equal(a.state["told"], b.state["told"]) for a, b in zip(one, two, strict=True))
    assert np.array_equal(one[-1].state["next_raw"], two[-1].state["next_raw"])


def test_a_filling_goes_on_bit_for_bit_from_any_frame(engine, frames):
    for turn in range(5):
        again = list(engine.generate(PARAMS, frames[turn].state))
        assert [frame.step for frame in again] == list(range(turn, 5))
        for one, two in zip(again, frames[turn:], strict=True):
            assert same(one.state, two.state)
            assert one.views == two.views
            assert one.scalars == two.scalars


def test_a_branch_has_the_forced_token_and_the_same_dice_behind_it(engine, frames):
    before = InfillTrace(frames[-1].state)
    other = next(int(token) for token in before.next_ids[1] if token != before.told[1])
    branch = list(engine.generate(PARAMS, with_token(frames[-1].state, 1, other)))
    trace = InfillTrace(branch[-1].state)
    assert branch[0].step == 2
    assert trace.told[:2].tolist() == [before.told[0], other]
    assert (trace.is_forced(0), trace.is_forced(1), trace.is_forced(2)) == (False, True, False)
    assert np.array_equal(trace.roll[2:], before.roll[2:])
    assert tokens_of(trace, engine.vocabulary, 4)[1].is_forced


def test_chips_are_blanks_given_words_and_told_ones(engine, frames):
    trace = InfillTrace(frames[-1].state)
    tokens = tokens_of(trace, engine.vocabulary, 2)
    assert [token.is_written for token in tokens] == [place in (3, 1) for place in range(len(tokens))]
    assert tokens[5].piece == " ▁3▁"
    assert tokens[3].surprise_bits == pytest.approx(trace.surprise[0])
    assert tokens[0].surprise_bits is None
    assert tokens[3].expected is not None
    assert tokens[3].expected[0] == engine.vocabulary.name(int(trace.next_ids[0, 0]))


def test_without_a_state_five_words_in_the_middle_are_left_out(engine):
    first = next(iter(engine.generate(PARAMS)))
    passage, text = passage_of(first.state), "".join(engine.vocabulary.texts(first.state["true"].tolist()))
    assert text == EXAMPLES[0]
    left = "".join(engine.vocabulary.texts([passage.ids[place] for place in passage.order]))
    assert left.strip() == "or not to be, that"
    other = next(iter(engine.generate(replace(PARAMS, prompt="Whether ’tis nobler"))))
    assert len(passage_of(other.state).order) > 0
    assert InfillEngine(engine.network, engine.cutter).examples == (FALLBACK,)


def test_another_seed_fills_otherwise_and_the_same_one_alike(engine):
    told = [list(engine.generate(InfillParams(seed=seed)))[-1].state["told"].tolist() for seed in (1, 1, 2)]
    assert told[0] == told[1] != told[2]


def test_a_text_that_is_too_long_is_cut_and_underlines_are_blanks(engine):
    long = engine.cut("that is the question " * 20)
    assert (len(long.gapped), long.n_tokens > 32) == (32, True)
    written = engine.cut("To be, __ not ___ be")
    assert [written.gapped.ids[place] for place in written.gapped.order] == [UNKNOWN_ID] * 2
    assert not written.gapped.is_known
    last = list(engine.generate(PARAMS, started(written.gapped)))[-1]
    assert (InfillTrace(last.state).told >= 0).all()
    many = made_engine(n_context=200).cut("to __ " * 60).gapped
    assert len(many.order) == MAX_BLANKS
    assert UNKNOWN_ID not in many.ids[max(many.order) + 1 :]
    assert engine.cut("").gapped == Passage((), ())


def test_a_text_without_blanks_is_one_frame(engine):
    told = list(engine.generate(PARAMS, started(Passage(IDS, ()))))
    assert [frame.step for frame in told] == [0]
    assert "".join(told[0].views["text"].pieces) == "To be, or not to be"


def test_score_and_comparison_are_sums_over_orders(engine):
    passage = PASSAGE.in_order((3, 1, 5))
    told = [5, 6, 7]
    found = result_of(engine.compare(passage, told, "key"))
    bits = found.true.bits
    assert (found.key, found.true.n_orders, found.true.is_all) == ("key", 6, True)
    for way, order in (("right", (1, 3, 5)), ("left", (5, 3, 1)), ("present", (3, 1, 5))):
        assert bits[way] == pytest.approx(sum(bits_of(engine.network, IDS, order)), rel=1e-6)
    each = [2 ** -sum(bits_of(engine.network, IDS, order)) for order in permutations((1, 3, 5))]
    assert bits["mean"] == pytest.approx(-math.log2(np.mean(each)), rel=1e-5)
    ids = [*IDS]
    ids[3], ids[1], ids[5] = told
    assert found.filled.bits["present"] == pytest.approx(sum(bits_of(engine.network, ids, (3, 1, 5))), rel=1e-6)


def test_a_comparison_leaves_out_what_is_not_known(engine):
    blank = Passage((*IDS[:3], UNKNOWN_ID, *IDS[4:]), (3, 1))
    found = result_of(engine.compare(blank, (4, 5)))
    assert (found.true, found.filled is None) == (None, False)
    assert result_of(engine.compare(PASSAGE, ())).filled is None
    told = [IDS[place] for place in PASSAGE.order]
    same_words = result_of(engine.compare(PASSAGE, told))
    assert same_words.filled is same_words.true


def test_all_orders_of_a_few_and_some_of_many():
    assert len(list(some_orders(range(4)))) == 24
    many = list(some_orders(range(7)))
    assert (len(many), len(set(many)) > 20, many == list(some_orders(range(7)))) == (24, True, True)


def test_the_surest_blank_comes_first(engine):
    order, told = result_of(engine.surest(PASSAGE)), list[int]()
    left = sorted(PASSAGE.order)
    ids = list(IDS)
    for place in order:
        sure = {}
        for one in left:
            rest = [other for other in left if other != one]
            said = log_probabilities(engine.network, ids, [*told, one, *rest])[len(told)]
            sure[one] = float(-(said.exp() * said).sum()), int(said.argmax())
        assert place == min(left, key=lambda one: sure[one][0])
        ids[place] = sure[place][1]
        told.append(place)
        left.remove(place)


@pytest.mark.parametrize("name", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_dropped_text_is_read_in_any_usual_encoding(engine, tmp_path, name):
    text = "Größe, “so” oder so:\nMaß – und Ziel"
    (tmp_path / "mine.txt").write_bytes(text.replace("\n", "\r\n").encode(name))
    assert dropped(engine, tmp_path / "mine.txt").text == text


@pytest.mark.parametrize("data", [b"", b" \n", b"a\0b", bytes(range(256)), b"\xff\xfe\x00\xd8a\0"])
def test_what_is_no_text_is_not_read(engine, tmp_path, data):
    (tmp_path / "mine.txt").write_bytes(data)
    with pytest.raises(UserError, match="contains no text"):
        dropped(engine, tmp_path / "mine.txt")


@pytest.mark.parametrize("order", [*permutations((0, 2, 3))])
def test_masks_follow_the_permutation(order):
    made = masks(4, order)
    rank = {place: turn for turn, place in enumerate(order, 1)}
    for i in range(4):
        for j in range(4):
            assert made.content[i, j] == (rank.get(j, 0) <= rank.get(i, 0))
            assert made.query[i, j] == (rank.get(j, 0) < rank.get(i, 0))


def test_states_of_other_models_are_refused(engine, frames):
    state, size = frames[2].state, (engine.config.n_vocab, 32)
    assert read_state(state, *size).told == tuple(state["told"][:2].tolist())
    changes: Any = (
        {"true": state["true"] + 300},
        {"facts": state["facts"][:-1]},
        {"order": state["order"] * 0},
        {"told": None},
        {"order": state["order"] + 90},
        {"told": state["told"] + 400},
        {"true": state["true"].astype(float)},
        {"true": state["true"] * 0 - 1},
    )
    for change in changes:
        with pytest.raises(UserError, match="another model"):
            read_state({**state, **change}, *size)
    with pytest.raises(UserError):
        read_state({}, 9, 9)
    with pytest.raises(UserError):
        read_state(state, size[0], 4)


def test_it_opens_from_a_file(tmp_path):
    path = tmp_path / "made.safetensors"
    save_with_cutter(path, made_network(), made_cutter())
    source = ModelSource("autoregressive/text-xlnet", path, {"examples": ["that is the question"]})
    engine = InfillEngine.open(source, Device("cpu", "float32", 1))
    assert engine.about().n_context == 32
    assert engine.examples == ("that is the question",)
    engine.close()


@pytest.mark.long("computes for long")
def test_passages_come_from_works_that_were_never_learnt(engine):
    assert engine.passage(1) == engine.passage(1) != engine.passage(2)
    assert 100 < len(engine.passage(3)) <= 260


# Passages


def test_blanks_are_made_given_back_and_moved():
    passage = Passage(IDS, ()).toggled((4, 2))
    assert passage.order == (2, 4)
    assert passage.toggled((1, 2)).order == (2, 4, 1)
    assert passage.toggled((2,)).order == (4,)
    assert passage.moved(1, 0).order == (4, 2)
    assert passage.leftwards().order == (4, 2)
    assert passage.leftwards().rightwards() == passage
    assert {passage.shuffled(seed).order for seed in range(9)} == {(4, 2)}
    written = Passage((1, UNKNOWN_ID, 2), (1,))
    assert written.toggled((1,)) == written
    assert written.toggled((0,)).toggled((0, 1)).order == (1,)


def test_blanks_stay_where_the_text_is_not_changed():
    before = Passage((1, 2, 3, 4, 5, 6), (4, 1, 3))
    assert carried(before, Passage((1, 2, 3, 9, 9, 5, 6), (2,))).order == (5, 1)
    assert carried(before, Passage((7, 8), (1,))).order == (1,)
    assert carried(before, Passage((1, 2, UNKNOWN_ID, 6), (2,))).order == (1, 2)
    assert carried(before, before.in_order(())).order == (4, 1, 3)


def test_a_short_text_has_a_short_gap():
    assert middle_words(["one", " two", " three"]) == (1,)
    assert middle_words(["one", " two"]) == ()
    assert middle_words([]) == ()
    assert middle_words(["a", " b", " c", ",", " d", " e", "f", " g", " h"]) == (1, 2, 3, 4, 5, 6, 7)
