"""The die on the bars: with the settings of the run it falls on what stands there, also far from the likeliest."""

import pytest

from plugins.transformer.text.model.token_constraints import sampling_of
from plugins.transformer.text.params import TransformerParams
from plugins.transformer.text.trace import TextTrace
from plugins.transformer.text.view_model import choice_at
from tests.plugins.transformer.text.decoder_made import SENTENCE, small_engine, whole


@pytest.mark.parametrize("settings", [{}, {"temperature": 1.6}, {"temperature": 0.7, "top_p": 0.9}, {"top_k": 5}])
def test_it_falls_on_what_stands_there_until_a_setting_changes(settings):
    engine = small_engine()
    params = TransformerParams(prompt=SENTENCE[:9], seed=4, length=16, **settings)
    trace, vocabulary = TextTrace(whole(engine.generate(params))[-1].state), engine.vocabulary
    written = range(len(trace.prompt), len(trace))
    for place in written:
        die = die_at(trace, place, params, vocabulary)
        assert die.would == trace.ids[place]
        assert die.word == vocabulary.name(int(trace.ids[place]))
    sure = [die_at(trace, place, TransformerParams(temperature=0.05), vocabulary).would for place in written]
    assert sure != trace.ids[len(trace.prompt) :].tolist()


def die_at(trace, place, params, vocabulary):
    choice = choice_at(trace, place, sampling_of(params, vocabulary), vocabulary)
    assert choice is not None
    assert choice.die is not None
    return choice.die
