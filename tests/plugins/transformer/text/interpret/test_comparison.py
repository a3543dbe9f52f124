"""Two texts at once: a divergence with a closed form, places that two tokenizers have in common, and the panel."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from plugins.transformer.text.engine import TransformerEngine
from plugins.transformer.text.interpret.divergence import ReadText, differences, divergence_bits, scored
from plugins.transformer.text.model.tokenizer import own_tokenizer
from plugins.transformer.text.params import TransformerParams
from studio.core.pausing import result_of
from studio.core.text.byte_tokens import learnt_tokenizer
from tests.plugins.transformer.text.decoder_made import LLAMA, SENTENCE, decoder, small_engine
from tests.plugins.transformer.text.panel.text_panel_made import shown
from tests.plugins.transformer.text.text_made import MadeWriter, handle_of

SHARES = st.dictionaries(st.sampled_from("abcdef"), st.floats(0.01, 1), min_size=1)


def normal(shares):
    total = sum(shares.values())
    return {name: share / total for name, share in shares.items()}


def test_a_divergence_that_is_known():
    assert divergence_bits({"a": 1.0}, {"b": 1.0}) == pytest.approx(1)
    assert divergence_bits({"a": 0.5, "b": 0.5}, {"b": 0.5, "a": 0.5}) == 0
    entropy_of_the_mean, mean_of_entropies = -(0.75 * np.log2(0.75) + 0.25 * np.log2(0.25)), 0.5
    known = entropy_of_the_mean - mean_of_entropies
    assert divergence_bits({"a": 1.0}, {"a": 0.5, "b": 0.5}) == pytest.approx(known)


@given(SHARES, SHARES)
def test_a_divergence_is_symmetric_and_at_most_a_bit(p, q):
    p, q = normal(p), normal(q)
    assert divergence_bits(p, q) == pytest.approx(divergence_bits(q, p), abs=1e-12)
    assert -1e-12 <= divergence_bits(p, q) <= 1 + 1e-12
    assert divergence_bits(p, p) == pytest.approx(0, abs=1e-12)


def heard(engine, prompt, written, **params):
    wanted = TransformerParams(prompt=prompt, **params)
    return ReadText(result_of(scored(engine, wanted, written)), engine.vocabulary)


WRITTEN = SENTENCE[12:30]


def test_a_text_differs_from_itself_nowhere_and_by_temperature_everywhere():
    engine = small_engine()
    one = heard(engine, SENTENCE[:12], WRITTEN)
    same = differences(one, heard(engine, SENTENCE[:12], WRITTEN), len(WRITTEN))
    assert set(same.values()) == {0.0}
    bits = differences(one, heard(engine, SENTENCE[:12], WRITTEN, temperature=0.3), len(WRITTEN))
    pieces = engine.vocabulary.texts(one.trace.ids.tolist())
    behind = [token for token in bits if len("".join(pieces[:token])) >= 12]
    assert behind == list(bits)
    assert all(0 < value <= 1 for value in bits.values())


def test_the_chances_are_those_of_the_network_after_the_samplers():
    engine = small_engine()
    one = heard(engine, SENTENCE[:12], WRITTEN, top_k=3)
    chances = one.chances(len(one.trace.ids) - 1)
    assert sum(chances.values()) == pytest.approx(1, abs=1e-3)
    assert sum(share > 1e-3 for share in chances.values()) == 3


def test_two_tokenizers_are_compared_where_tokens_of_both_begin():
    engine = small_engine()
    other_tokens = own_tokenizer(learnt_tokenizer(["To be"], 260))
    other = TransformerEngine(decoder(replace(LLAMA, n_vocab=other_tokens.n_tokens, n_context=64)), other_tokens)
    a, b = heard(engine, "To", WRITTEN), heard(other, "Be it", WRITTEN)
    bits = differences(a, b, len(WRITTEN))
    assert bits
    starts_b = {len(WRITTEN) - left for left in b.distances_to_end()}
    for token in bits:
        assert len(WRITTEN) - a.distances_to_end()[token] in starts_b


def test_write_both_lays_a_second_text_beside_the_first_from_the_same_seed(qtbot, panel):
    section, first = panel.controls.pair, panel.timeline.track
    section.temperature.set_value(2.0)
    QTest.mouseClick(section.write, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(section.strip._bits))
    second = next(track for track in panel.timeline.tracks if track.id != first.id)
    assert {track.id for track in panel.timeline.tracks.pinned} == {first.id, second.id}
    assert panel.timeline.track.id == first.id
    assert second.recording.info.params["temperature"] == 2.0
    assert second.recording.info.seed == first.recording.info.seed
    assert len(second.recording[-1].state["ids"]) == len(shown(panel))
    assert "bits on average" in section.said.text()
    panel.host.undo.undo()
    assert panel.timeline.tracks.pinned == ()


def test_another_model_writes_the_second_text(qtbot, panel):
    panel.host.handles["transformer/other"] = handle_of(MadeWriter(), id="transformer/other")
    section = panel.controls.pair
    section.model.value_chosen.emit("transformer/other")
    section.prompt.setText("To be")
    QTest.mouseClick(section.write, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(section.strip._bits))
    assert panel.timeline.tracks.pinned[1].recording.info.model_id == "transformer/made"


def test_the_same_again_and_no_text_are_told(qtbot, panel):
    section = panel.controls.pair
    section.temperature.set_value(panel.params().temperature)
    QTest.mouseClick(section.write, Qt.MouseButton.LeftButton)
    assert "the same" in section.said.text()
    assert len(panel.timeline.tracks) == 1
