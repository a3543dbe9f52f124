"""Texts with gaps that an engine fills: whole and bit for bit, by the probabilities of its network, held by a bound."""

import itertools
import math
from collections import Counter
from collections.abc import Generator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from plugins.transformer.fill_in.engine import FALLBACK, FillInEngine
from plugins.transformer.fill_in.model.cutter import MaskCutter
from plugins.transformer.fill_in.model.encoder import Encoder
from plugins.transformer.fill_in.model.filling import GapReader, next_places, step
from plugins.transformer.fill_in.model.weights import load_encoder, save_encoder
from plugins.transformer.fill_in.panel.presenter import described
from plugins.transformer.fill_in.params import BY_CHANCE, LEFTMOST, SUREST, FillInParams
from plugins.transformer.fill_in.passage import GappedText, longer_words
from plugins.transformer.fill_in.state import Filling, read_state, started
from plugins.transformer.fill_in.training.evaluation import bound_in_nats
from studio.core.error import UserError
from studio.core.frame import Frame, whole_frames
from studio.core.text.gaps import UNKNOWN_ID
from studio.core.view import Tokens
from tests.plugins.transformer.fill_in.conftest import EXAMPLES


def done(work: Generator[None, None, Any]) -> Any:
    while True:
        try:
            next(work)
        except StopIteration as end:
            return end.value


def frames_of(engine: FillInEngine, params: FillInParams, text: GappedText | None = None) -> list[Frame]:
    return list(whole_frames(engine.generate(params, None if text is None else started(text).state())))


def filling_of(engine: FillInEngine, frame: Frame) -> Filling:
    assert frame.state is not None
    return read_state(frame.state, engine.config.n_vocab, engine.n_most)


@pytest.mark.parametrize("order", [SUREST, BY_CHANCE, LEFTMOST])
def test_a_whole_text_appears_in_any_order_a_frame_for_each_step(engine: FillInEngine, order: str) -> None:
    text = engine.cut(EXAMPLES[0]).gapped.emptied()
    frames = frames_of(engine, FillInParams(order=order, at_once=3), text)
    fillings = [filling_of(engine, frame) for frame in frames]
    n_open = [len(filling.open_places) for filling in fillings]
    assert n_open == [*range(len(text), 0, -3), 0]
    assert [frame.n_steps for frame in frames] == [len(frames)] * len(frames)
    turns = fillings[-1].turn.tolist()
    assert sorted(turns) == [1 + at // 3 for at in range(len(text))]
    assert (turns == sorted(turns)) == (order == LEFTMOST)
    assert frames[-1].views["text"] == Tokens(
        tuple(engine.vocabulary.texts(fillings[-1].now.tolist())),
        tuple(max(float(bits), 0.0) for bits in fillings[-1].bits),
    )


def test_a_frame_goes_on_as_its_run_did(engine: FillInEngine) -> None:
    params = FillInParams(order=BY_CHANCE, seed=4)
    frames = frames_of(engine, params, engine.cut(EXAMPLES[0]).gapped.emptied())
    again = list(whole_frames(engine.generate(params, frames[3].state)))
    for one, other in zip(frames[3:], again, strict=True):
        assert one.state is not None
        assert other.state is not None
        for name, values in one.state.items():
            assert np.array_equal(values, other.state[name])


def test_a_word_that_a_person_put_stays_and_is_read(engine: FillInEngine) -> None:
    text = engine.cut(EXAMPLES[0]).gapped.emptied()
    put = 7 if engine.reader.mask != 7 else 8
    last = filling_of(engine, frames_of(engine, FillInParams(order=LEFTMOST), text.filled_with({5: put}))[-1])
    plain = filling_of(engine, frames_of(engine, FillInParams(order=LEFTMOST), text)[-1])
    assert (last.now[5], last.turn[5]) == (put, 0)
    assert last.text().put == {5: put}
    assert last.now.tolist() != plain.now.tolist()


def test_texts_are_cut_and_underlines_are_gaps(engine: FillInEngine) -> None:
    cut = engine.cut("the __ of the ___ is dead")
    gaps = [place for place, token in enumerate(cut.gapped.ids) if token == UNKNOWN_ID]
    assert list(cut.gapped.gaps) == gaps
    assert len(gaps) == 2
    long = engine.cut("the king of the house " * 20)
    assert len(long.gapped) == engine.n_most < long.n_tokens
    assert engine.cut("").gapped == GappedText(())
    assert frames_of(engine, FillInParams(prompt="  "))[0].state is not None


def test_some_of_the_longest_words_are_left_out() -> None:
    pieces = ("But", " soft", ",", " what", " light", " through", " yon", "der", " window", " breaks", "?")
    assert longer_words(pieces) == (5, 8)
    assert longer_words(("Good", " night")) == ()
    assert longer_words(("a", " b", " c")) == (1,)
    assert longer_words(("12", ",", " !")) == ()


@pytest.mark.long("computes for long")
def test_it_opens_what_was_saved_and_says_what_it_is(engine: FillInEngine, tmp_path: Path) -> None:
    save_encoder(tmp_path / "made.safetensors", engine.network, engine.cutter)
    again = FillInEngine(*load_encoder(tmp_path / "made.safetensors"))
    assert again.examples == (FALLBACK,)
    assert (again.about().n_layers, again.about().n_context) == (2, 48)
    assert again.cutter.mask == engine.cutter.mask
    row = [engine.cut(EXAMPLES[0]).gapped.ids]
    assert torch.allclose(again.reader.logs(row).exp(), engine.reader.logs(row).exp(), atol=0.03)
    text = again.passage(3)
    assert 100 < len(text) <= 220
    assert text != again.passage(4)


@pytest.mark.parametrize("harm", ["cut", "another", "none", "large"])
def test_files_that_are_no_good_are_refused(engine: FillInEngine, tmp_path: Path, harm: str) -> None:
    path = tmp_path / "made.safetensors"
    save_encoder(path, engine.network, engine.cutter)
    data = path.read_bytes()
    changed = {
        "cut": data[: len(data) // 2],
        "another": data.replace(b'"architecture":"Encoder"', b'"architecture":"Decoder"'),
        "none": b"",
        "large": data.replace(b'\\"n_layers\\": 2', b'\\"n_layers\\": 512').replace(
            b'\\"width\\": 16', b'\\"width\\": 4096'
        ),
    }[harm]
    assert changed != data
    path.write_bytes(changed)
    with pytest.raises(UserError):
        load_encoder(path)


def test_candidates_look_at_both_sides_and_have_shares(engine: FillInEngine) -> None:
    row = list(engine.cut(EXAMPLES[0]).gapped.ids)
    row[2] = -1
    key, found = done(engine.gap_words(row, (2,), "asked"))
    logs = engine.reader.logs([row])[0, 2]
    assert key == "asked"
    assert found.shares == pytest.approx(logs.exp().topk(10).values.tolist())
    assert found.tokens == tuple((one,) for one in logs.topk(10).indices.tolist())
    other = [*row[:-1], row[0]]
    assert done(engine.gap_words(other, (2,), 0))[1].shares != found.shares


def test_fit_is_the_pseudo_likelihood_by_brute_force(engine: FillInEngine) -> None:
    """Each token among all that could stand there, all others given (Salazar et al. 2020, equation 1)."""
    row = list(engine.cut(EXAMPLES[1]).gapped.ids)
    _key, bits = done(engine.fit(row, None))
    allowed = [one for one in range(engine.config.n_vocab) if one not in engine.reader.barred]
    for place, found in bits.items():
        masked = torch.tensor([[engine.reader.mask if at == place else token for at, token in enumerate(row)]])
        logits = engine.network(masked)[0, place].double()
        chances = {one: math.exp(float(logits[one])) for one in allowed}
        assert found == pytest.approx(-math.log2(chances[row[place]] / sum(chances.values())), abs=1e-4)
    assert set(bits) == set(range(len(row)))


TWO = (3, 5)
"""The only tokens that the toy may write."""


@pytest.fixture(scope="module")
def toy(made: Encoder, cutter: MaskCutter) -> GapReader:
    """A reader that may write two tokens alone, so that all texts of three can be listed."""
    barred = tuple(one for one in range(made.config.n_vocab) if one not in TWO)
    return GapReader(made, cutter.mask, (), (), barred)


def written_chances(reader: GapReader, n_tokens: int) -> dict[tuple[int, ...], float]:
    """How likely each text is where the next place is drawn by chance: the mean over all orders of its products."""
    chances: dict[tuple[int, ...], float] = dict.fromkeys(itertools.product(TWO, repeat=n_tokens), 0.0)
    orders = list(itertools.permutations(range(n_tokens)))
    for text, order in itertools.product(chances, orders):
        row, share = [-1] * n_tokens, 1.0
        for place in order:
            share *= float(reader.logs([row])[0, place, text[place]].exp())
            row[place] = text[place]
        chances[text] += share / len(orders)
    return chances


@pytest.mark.long("computes for long")
def test_it_writes_texts_as_often_as_its_network_says(toy: GapReader) -> None:
    chances, n_texts = written_chances(toy, 2), 600
    assert sum(chances.values()) == pytest.approx(1)
    counts: Counter[tuple[int, ...]] = Counter()
    for seed in range(n_texts):
        row = [-1, -1]
        while -1 in row:
            logs = toy.logs([row])[0].numpy()
            open_places = [place for place, token in enumerate(row) if token < 0]
            tokens, _bits = step(logs, next_places(open_places, logs, BY_CHANCE, 1, seed), 1.0, seed)
            for place, token in tokens.items():
                row[place] = token
        counts[tuple(row)] += 1
    for text, share in chances.items():
        assert counts[text] / n_texts == pytest.approx(share, abs=4 * math.sqrt(share * (1 - share) / n_texts))


def test_the_bound_is_no_less_than_what_a_text_costs(made: Encoder, cutter: MaskCutter) -> None:
    """The bound is the mean of logarithms over orders, so by Jensen it is above that of the mean (Hoogeboom 2022)."""
    reader, text = GapReader(made, cutter.mask, (), (), ()), (3, 5, 4)
    costs = []
    for order in itertools.permutations(range(3)):
        row, cost = [-1] * 3, 0.0
        for place in order:
            cost -= float(reader.logs([row])[0, place, text[place]])
            row[place] = text[place]
        costs.append(cost)
    bound = 3 * done(bound_in_nats(made, torch.tensor([text]).repeat(96, 1), cutter.mask, 40, 2))
    assert bound == pytest.approx(np.mean(costs), rel=0.03)
    assert -math.log(np.mean(np.exp(-np.array(costs)))) <= np.mean(costs)


def test_the_caption_says_what_came_and_what_stood_there(engine: FillInEngine) -> None:
    vocabulary, text = engine.vocabulary, engine.cut(EXAMPLES[0]).gapped
    frames = frames_of(engine, FillInParams(order=LEFTMOST), text)
    n_gaps = len(text.gaps)
    lead, _words = described(filling_of(engine, frames[0]), vocabulary, {})
    assert lead == f"{n_gaps} gaps."
    lead, words = described(filling_of(engine, frames[1]), vocabulary, {})
    assert lead == f"{n_gaps - 1} gap{'s are' if n_gaps > 2 else ' is'} still open."
    assert "came last" in words
    assert "original" in words
    assert described(filling_of(engine, frames[-1]), vocabulary, {})[0] == "Every gap is filled."
    assert described(started(text.restored()), vocabulary, {})[0] == "The text is whole."


def test_the_caption_of_a_whole_text_tells_what_its_words_cost_by_the_character(engine: FillInEngine) -> None:
    whole = started(engine.cut(EXAMPLES[1]).gapped.restored())
    row = tuple(whole.now.tolist())
    _key, fit = done(engine.fit(row, None))
    wanted = sum(fit.values()) / len("".join(engine.vocabulary.texts(row)))
    assert f"its words cost {wanted:.2f} bits a character." in described(whole, engine.vocabulary, fit)[1]
