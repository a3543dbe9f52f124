"""The engine: frames of a text, branches bit for bit, long prompts and texts, wishes, and looks into the network."""

import itertools
import json
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from transformers import RepetitionPenaltyLogitsProcessor

from plugins.transformer.text.engine import TransformerEngine
from plugins.transformer.text.model.kernels.fused_step import FusedStep
from plugins.transformer.text.model.prompt_cut import end_of_heading, kept_from
from plugins.transformer.text.model.reader import DecoderReader, portion_end
from plugins.transformer.text.model.sampler import STAGES, Sampling, ordered, probabilities, stages
from plugins.transformer.text.params import TransformerParams
from plugins.transformer.text.state import start_from_json, text_to_json
from plugins.transformer.text.trace import TextTrace, state_with
from studio.api.engine import EngineHandle, ModelSource
from studio.core import pausing
from studio.core.error import UserError
from studio.core.pausing import result_of
from studio.core.recording.recording import Recording, RunInfo
from studio.core.text.token import goes_on
from studio.core.text.vocabulary import TextVocabulary
from studio.nn.pausing_layers import pause_between_layers

from .decoder_made import SENTENCE, small_engine, whole

PARAMS: Any = TransformerParams(prompt=SENTENCE[:30], seed=7, length=14, temperature=1.2, top_p=0.95)
N_LONG = 60  # of a text that is longer than the context of 32


@pytest.fixture(scope="module")
def engine():
    return small_engine()


@pytest.fixture(scope="module")
def frames(engine: Any) -> Any:
    return whole(engine.generate(PARAMS))


@pytest.fixture(scope="module")
def long_frames(engine: Any) -> Any:
    return whole(engine.generate(replace(PARAMS, length=N_LONG)))


def fresh(engine):
    return TransformerEngine(engine.decoder, engine.tokenizer)


def assert_same(one, other):
    assert (one.step, one.n_steps, one.label, one.scalars) == (other.step, other.n_steps, other.label, other.scalars)
    assert one.views == other.views
    assert one.state.keys() == other.state.keys()
    for name, array in one.state.items():
        assert array.dtype == other.state[name].dtype
        assert np.array_equal(array, other.state[name]), name


def test_there_is_a_frame_for_each_token(engine, frames):
    n_prompt = len(engine.tokenizer.encode(PARAMS.prompt))
    assert [frame.step for frame in frames] == list(range(n_prompt + 14))
    assert {frame.n_steps for frame in frames} == {n_prompt + 14}
    for place, frame in enumerate(frames):
        trace = TextTrace(frame.state)
        assert len(trace) == place + 1
        assert "attention" not in frame.state  # it would grow with the square of the text
        assert trace.norms.shape == (place + 1, 4)


def test_the_pieces_are_the_text(engine, frames):
    pieces = frames[-1].views["text"].pieces
    n_prompt = len(engine.tokenizer.encode(PARAMS.prompt))
    assert "".join(pieces[:n_prompt]) == PARAMS.prompt
    assert "".join(pieces) == engine.tokenizer.decode(frames[-1].state["ids"].tolist())


def test_what_is_said_of_a_token_is_what_was_expected_in_its_place(engine, frames):
    trace = TextTrace(frames[-1].state)
    ids = torch.tensor(trace.ids)[None].long()
    with torch.inference_mode():
        expected = engine.decoder(ids)[0].log_softmax(-1).numpy()
    for place in range(1, len(trace)):
        values = expected[place - 1]
        found = trace.instead_of(place)
        assert found is not None
        assert trace.surprise[place] == pytest.approx(-values[trace.ids[place]] / np.log(2), abs=1e-3)
        assert trace.entropy[place] == pytest.approx(-(np.exp(values) * values).sum() / np.log(2), abs=1e-3)
        assert np.allclose(found.log_probabilities, np.sort(values)[::-1][:50], atol=1e-4)
        if trace.ids[place] in found.ids:
            assert found.ids.tolist().index(trace.ids[place]) == trace.rank[place]
    assert (trace.surprise[0], trace.rank[0]) == (-1, -1)
    assert trace.instead_of(0) is None
    n_prompt = len(trace.prompt)
    assert (trace.roll[:n_prompt] == -1).all()
    assert ((trace.roll[n_prompt:] >= 0) & (trace.roll[n_prompt:] < 1)).all()


@pytest.mark.parametrize("place", [0, 5, -15, -14, -3, -1])
def test_a_branch_repeats_its_run_bit_for_bit(engine, frames, place):
    state = frames[place].state
    index = place % len(frames)
    for one in (engine, fresh(engine)):
        for branch, frame in zip(whole(one.generate(PARAMS, state)), frames[index:], strict=True):
            assert_same(branch, frame)


def test_repetition_acts_on_logits_as_the_transformers_library_does(engine):
    params = replace(PARAMS, repetition=1.6)
    for frame in whole(engine.generate(params)):
        trace = TextTrace(frame.state)
        with torch.inference_mode():
            logits = engine.decoder(torch.tensor(trace.ids)[None].long())[:, -1]
        process = RepetitionPenaltyLogitsProcessor(1.6)
        wanted = process(torch.tensor(trace.ids)[None].long(), logits)[0].softmax(-1).numpy()
        found = trace.next(len(trace) - 1)
        after = found.after[STAGES.index("repetition")]
        assert np.abs(after - wanted[found.ids]).max() < 1e-3
        tried = found.tried(trace.ids, Sampling(repetition=1.6))[-1].logits
        assert np.abs(probabilities(tried)[: len(found.ids)] - wanted[found.ids]).max() < 1e-3


def test_a_run_saved_before_levels_were_kept_is_shown_as_it_was_drawn_and_goes_on(engine, frames):
    kept = frames[20].state
    old = {name: array for name, array in kept.items() if name != "log_normalisers"}
    found, sampling = TextTrace(old).next(20), Sampling(repetition=1.6)
    assert (found.log_normaliser, found.ids.tolist()) == (0.0, TextTrace(kept).next(20).ids.tolist())
    seen = [found.ids.tolist().index(token) for token in old["ids"] if token in found.ids]
    plain = stages(found.sketched(), seen, sampling)[-1].logits
    assert np.array_equal(found.tried(old["ids"], sampling)[-1].logits, plain)
    for branch, frame in zip(whole(fresh(engine).generate(PARAMS, old)), frames[20:], strict=True):
        assert branch.views == frame.views
        assert branch.state["ids"].tolist() == frame.state["ids"].tolist()
        assert branch.state["log_normalisers"][21:].tolist() == frame.state["log_normalisers"][21:].tolist()
    changed = state_with(old, 12, 3)
    assert len(whole(engine.go_on(replace(PARAMS, length=2), changed))) == 3


@pytest.mark.parametrize("place", [20, 33, 34, 50, -1])
def test_so_does_a_branch_of_a_text_that_is_longer_than_the_context(engine, long_frames, place):
    params = replace(PARAMS, length=N_LONG)
    branch = whole(fresh(engine).generate(params, long_frames[place].state))
    for one, other in zip(branch, long_frames[place % len(long_frames) :], strict=True):
        assert_same(one, other)


def test_going_back_over_a_slide_repeats_it(engine, long_frames):
    params = replace(PARAMS, length=N_LONG)
    for place in (50, 34, 20):  # one engine, backwards
        again = whole(engine.generate(params, long_frames[place].state))
        for one, other in zip(again, long_frames[place:], strict=True):
            assert_same(one, other)


def test_the_window_slides_openly(engine, long_frames):
    windows = [TextTrace(frame.state).window for frame in long_frames]
    assert windows[:32] == [0] * 32
    assert windows == sorted(windows)
    assert windows[32] == 16
    for frame, window in zip(long_frames, windows, strict=True):
        assert frame.step + 1 - window <= 32


@pytest.mark.parametrize("stride", [1, 2, 3])
def test_texts_that_are_written_in_turns_do_not_disturb_each_other(engine, stride):
    """Two at once, also with a prompt in several portions and beyond the context, where the memory slides."""
    many = [TransformerParams(prompt=("zqxjvkw" * 4)[:n], seed=n, length=20) for n in (5, 23)]
    alone = [whole(engine.generate(params)) for params in many]
    runs = [engine.generate(params) for params in many]
    found: list[list[Any]] = [[], []]
    for _ in range(max(map(len, alone))):
        for one, run in zip(found, runs, strict=True):
            one.extend(itertools.islice(run, stride))
    for one, wanted in zip(found, alone, strict=True):
        frames = whole(one)
        assert len(frames) == len(wanted)
        for mine, theirs in zip(frames, wanted, strict=True):
            assert all(np.array_equal(mine.state[name], theirs.state[name]) for name in theirs.state)


def test_a_saved_run_branches_like_it(engine, frames):
    recording = Recording(RunInfo("transformer/made", {}, 7))
    for frame in engine.generate(PARAMS):
        recording.append(frame)
    for index in (3, len(frames) - 5):
        for one, other in zip(fresh(engine).generate(PARAMS, recording[index].state), frames[index:], strict=False):
            assert one.step == other.step
            assert_same(recording[other.step], other)


def test_a_forced_token_leaves_what_came_before(engine, frames):
    last = frames[-1].state
    place = len(last["prompt"]) + 3
    forced = state_with(last, place, 65)
    branch = whole(engine.generate(PARAMS, forced))
    trace = TextTrace(branch[0].state)
    assert trace.ids.tolist() == [*last["ids"][:place].tolist(), 65]
    assert np.array_equal(trace.roll[:place], last["facts"][:place, 3])
    assert trace.roll[place] == -1
    assert len(branch) == len(frames) - place
    other = 66 if int(last["ids"][2]) != 66 else 67
    in_prompt = list(engine.generate(PARAMS, state_with(last, 2, other)))
    assert in_prompt[0].state["prompt"].tolist() == [*last["ids"][:2].tolist(), other]
    assert in_prompt[0].n_steps == 3 + PARAMS.length
    with pytest.raises(ValueError, match="no place"):
        state_with(last, len(last["ids"]) + 1, 65)


def test_going_on_writes_so_many_more(engine, frames):
    more = list(engine.go_on(replace(PARAMS, length=3), frames[-1].state))
    assert [frame.step for frame in more] == list(range(len(frames) - 1, len(frames) + 3))


def test_a_long_prompt_is_cut_with_a_sentence(engine):
    first, *_, last = whole(engine.generate(replace(PARAMS, prompt=SENTENCE * 1200, length=2)))
    trace, all_ids = TextTrace(last.state), engine.tokenizer.encode(SENTENCE * 1200)
    assert f"only its last {len(trace.prompt)} tokens" in first.label
    assert 8 <= len(trace.prompt) <= 24
    assert last.step == len(trace.prompt) + 1
    assert trace.prompt.tolist() == [all_ids[0], *all_ids[-len(trace.prompt) + 1 :]]  # the start stays
    kept = "".join(engine.vocabulary.texts(trace.prompt.tolist()))
    assert trace.cut + kept == SENTENCE * 1200
    assert not goes_on(trace.cut, kept)  # a word is whole


def test_a_template_stays_whole_around_words_that_are_cut():
    engine, words = small_engine(64), SENTENCE * 20
    engine.template = SimpleNamespace(prompt=lambda messages: f"U:\n{messages[0].content}\nA:\n")
    *_, last = whole(engine.generate(replace(PARAMS, prompt=words, length=2)))
    trace = TextTrace(last.state)
    kept = "".join(engine.vocabulary.texts(trace.prompt.tolist()))
    assert len(trace.prompt) <= 48
    assert kept.startswith("U:\n")
    assert kept.endswith("\nA:\n")
    assert (trace.cut + kept[3:-4]).strip() == words.strip()


def test_in_a_conversation_the_longest_words_are_cut_behind_their_speaker():
    pieces = (b"", b"user", b"\n", b"system", b" word", b"assistant")
    ids = [0, 3, 2, 4, 4, 0, 1, 2, *[4] * 30, 0, 5, 2]
    marks = [at for at, one in enumerate(ids) if one == 0]
    assert end_of_heading(ids, marks, TextVocabulary(pieces)) == 8
    assert end_of_heading([0, 4, 4, 4], [0], TextVocabulary(pieces)) == 1
    assert end_of_heading([4] * 9, [], TextVocabulary(pieces)) == 0


def test_what_was_cut_off_stays_known_in_branches_and_saved_texts(engine):
    params = replace(PARAMS, prompt=SENTENCE * 20, length=3)
    frames = whole(engine.generate(params))
    cut = TextTrace(frames[-1].state).cut
    assert cut
    for frame in frames:
        assert TextTrace(frame.state).cut == cut
    for branch, frame in zip(whole(engine.generate(params, frames[5].state)), frames[5:], strict=True):
        assert_same(branch, frame)
    changed = state_with(frames[-1].state, 10, 3)
    assert TextTrace(whole(engine.go_on(params, changed))[-1].state).cut == cut
    saved = json.loads(json.dumps(text_to_json(TextTrace(frames[-1].state))))
    assert TextTrace(whole(engine.go_on(params, start_from_json(saved)))[-1].state).cut == cut
    short = text_to_json(TextTrace(whole(engine.generate(PARAMS))[-1].state))
    assert set(short) == {"ids", "n_prompt", "rolls"}
    with pytest.raises(UserError):
        start_from_json({**short, "cut": 5})


@pytest.mark.parametrize(
    "text", ["שלום עולם " * 30, "नमस्ते दुनिया " * 30, "日本語の文章" * 40, "a" * 200, "🙂👩\N{ZERO WIDTH JOINER}🚀 " * 40]
)
def test_a_cut_falls_before_a_word_and_never_into_a_character(text):
    pieces = [bytes([byte]) for byte in text.encode()]
    vocabulary = TextVocabulary(tuple(bytes([byte]) for byte in range(256)))
    ids = [piece[0] for piece in pieces]
    for most in range(20, 90, 7):
        first = kept_from(ids, most, vocabulary)
        kept = bytes(ids[first:]).decode()  # whole characters
        assert len(ids) - most <= first <= len(ids) - most + 64
        assert text.endswith(kept)
        left_out = text[: -len(kept)]
        if text[0].isalpha() and " " in text and most > 40:
            assert left_out.endswith(" ") or kept.startswith(" ")
        assert "\N{ZERO WIDTH JOINER}" not in (left_out[-1], kept[0])
    assert kept_from(ids, len(ids), vocabulary) == 0


def test_without_a_prompt_it_begins_with_the_end(engine):
    frames = whole(engine.generate(TransformerParams(length=3)))
    assert frames[0].state["ids"].tolist() == [0]
    assert frames[0].views["text"].pieces == ("",)
    assert len(frames) == 4


def test_characters_that_are_split_come_with_their_last_token(engine):
    prompt = "“Aé” ’tis 𝄞 so"
    frames = whole(engine.generate(replace(PARAMS, prompt=prompt, length=0)))
    pieces = frames[-1].views["text"].pieces
    assert "".join(pieces) == prompt
    assert "" in pieces[1:]
    for frame, piece in zip(frames, pieces, strict=True):
        assert frame.views["text"].pieces[-1] == piece


def test_a_ban_a_bias_and_choices_are_kept(engine):
    texts: list[str] = []
    for wish in ({"banned": "be, question", "bias": "to +100"}, {"choices": "not to be\nthe question"}):
        *_, last = whole(engine.generate(replace(PARAMS, **wish)))
        texts.append("".join(last.views["text"].pieces).removeprefix(PARAMS.prompt))
    assert texts[0].replace(" ", "").replace("to", "") == ""
    assert texts[1] in ("not to be", "the question")
    with pytest.raises(UserError, match="ruled out"):
        list(engine.generate(replace(PARAMS, choices="n", banned="n")))
    for wrong in ({"bias": "king"}, {"bias": "king +1000"}, {"bias": "+2"}, {"muted": "head 9.1"}, {"muted": "all"}):
        with pytest.raises(UserError):
            next(engine.generate(replace(PARAMS, **wrong)))


def test_a_state_of_another_model_is_refused(engine):
    for ids, prompt in (([0, 5], [0, 6]), ([0, 10**6], [0]), ([], []), ([-1], [-1])):
        state = {"ids": np.array(ids, np.int32), "prompt": np.array(prompt, np.int32)}
        with pytest.raises(UserError, match="another model"):
            next(engine.generate(PARAMS, state))


def test_looks_agree_with_the_frames(engine, frames):
    trace = TextTrace(frames[-1].state)
    ids = trace.ids.tolist()
    attention = engine.attention(ids)
    assert attention.shape == (3, 4, len(ids), len(ids))
    assert np.allclose(attention.astype(np.float32).sum(-1), 1, atol=0.02)
    guess = result_of(engine.layers(ids, pinned=65))
    last = trace.next(len(ids) - 1)
    assert guess.tokens.shape == guess.pinned_ranks.shape == (4, len(ids))
    assert guess.tokens[-1, -1] == last.ids[0]
    assert guess.probabilities[-1, -1] == pytest.approx(last.raw[0], abs=1e-4)
    assert not result_of(engine.layers(ids)).pinned_probabilities.size
    path = engine.path(ids, "")
    assert path.tokens.tolist() == guess.tokens[:, -1:].tolist()
    assert np.allclose(path.probabilities, guess.probabilities[:, -1:], atol=1e-6)
    off = engine.path(ids, "layer 1, layer 2, layer 3")
    assert len(set(off.tokens[:, 0].tolist())) == 1


def test_a_grown_tree_is_what_single_steps_find(engine, frames):
    ids = frames[8].state["ids"].tolist()
    blocks = result_of(engine.tree(ids, 3, 3))
    assert len(blocks) == 3 + 9 + 27
    reader = DecoderReader(engine.decoder)
    for number in (0, 4, 20, 38):
        parent = blocks[number].parent
        way: list[int] = []
        while parent >= 0:
            way.insert(0, blocks[parent].token)
            parent = blocks[parent].parent
        values = reader.last_log_probabilities([*ids, *way], len(ids))
        assert blocks[number].token in ordered(values, 3)
        assert blocks[number].share == pytest.approx(np.exp(values[blocks[number].token]), abs=1e-4)


def test_what_is_off_changes_what_comes_next(engine, frames):
    ids = frames[-1].state["ids"].tolist()
    assert engine.effect(ids, "").distance == 0
    effect = engine.effect(ids, "head 1.1, layer 3, word 4")
    assert effect.distance > 1e-3
    assert effect.muted.sum() == pytest.approx(1, abs=1e-4)
    assert np.allclose(engine.attention(ids, "word 4")[:, :, 4:, 3], 0)
    with pytest.raises(UserError, match="3 layers with 4 heads"):
        engine.effect(ids, "layer 4")


def test_what_mattered_is_measured_by_leaving_out_and_by_the_slope(engine, frames):
    ids, token = frames[10].state["ids"].tolist(), 65
    found = result_of(engine.mattered(ids, token))
    whole = engine.effect(ids, "").whole[token]
    for word in (0, 3, 10):
        share = engine.effect(ids, f"word {word + 1}").muted[token]
        assert found.left_out[word] == pytest.approx(np.log2(whole / share), abs=1e-4)
    assert np.abs(found.gradient).sum() == pytest.approx(1, abs=1e-4)
    decoder, x = engine.decoder, engine.decoder.embedded(torch.tensor([ids])).double()
    double = decoder.double()
    try:
        slopes = []
        for place in range(len(ids)):
            values = []
            for step in (1 - 1e-4, 1 + 1e-4):
                moved = x.clone()
                moved[0, place] *= step
                values.append(double.logits(double.hidden(moved))[0, -1].log_softmax(-1)[token])
            slopes.append(float(values[1] - values[0]))
    finally:
        decoder.float()
    expected = np.array(slopes) / np.abs(slopes).sum()
    assert np.abs(found.gradient - expected).max() < 0.01


def test_portions_cover_the_prompt_and_then_go_token_by_token():
    assert [portion_end(begin, 5, 2) for begin in (0, 2, 4, 5, 6)] == [2, 4, 5, 6, 7]
    assert portion_end(0, 3, 16) == 3


@pytest.mark.parametrize("has_fused_step", [True, False])
def test_a_large_decoder_pauses_between_its_layers_and_writes_the_same(monkeypatch, tmp_path, has_fused_step):
    monkeypatch.setattr(pausing, "LONGEST_S", 0.0)
    if not has_fused_step:
        monkeypatch.setattr(FusedStep, "of", lambda decoder: None)
    plain, large = small_engine(), small_engine()
    large.pauses = pause_between_layers(large.decoder, large=0)
    handle = EngineHandle(ModelSource("transformer/made", tmp_path), lambda _: large)
    yielded = list(handle.work(lambda engine: engine.generate(PARAMS))())
    expected = whole(plain.generate(PARAMS))
    for one, other in zip(whole(frame for frame in yielded if frame is not None), expected, strict=True):
        assert_same(one, other)
    assert yielded.count(None) >= large.decoder.config.n_layers * PARAMS.length
