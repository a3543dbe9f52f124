"""A foreign model's words are drawn as its files say, else as its makers published, else with care; it answers."""

from pathlib import Path

import pytest

from plugins.transformer.foreign.sampling import ANSWER_TOKENS, CAREFUL, folder_sampling, gguf_sampling
from plugins.transformer.importers import GgufImporter
from plugins.transformer.text.engine import TransformerEngine
from plugins.transformer.text.params import TransformerParams
from studio.compute.device import choose_device
from studio.core.param import first_params
from studio.core.pausing import result_of
from tests.plugins.transformer.foreign.made_gguf import write_gguf
from tests.plugins.transformer.foreign.test_gguf import made


def test_what_files_say_comes_first() -> None:
    told = {"do_sample": True, "temperature": 0.3, "top_k": 7, "repetition_penalty": 1.2, "eos_token_id": 2}
    wanted = {"temperature": 0.3, "top_k": 7, "top_p": 1.0, "repetition": 1.2}
    assert folder_sampling(told, "Qwen2.5-7B", False) == wanted
    settings = {"general.sampling.temp": 0.5, "general.sampling.min_p": 0.1, "general.name": "Qwen3"}
    assert gguf_sampling(settings, "x", True) == {"temperature": 0.5, "min_p": 0.1, "length": ANSWER_TOKENS}


@pytest.mark.parametrize("wrong", [{"temperature": "hot"}, {"temperature": 99}, {"top_k": -1}, {"top_p": None}, {}])
def test_what_cannot_be_is_passed_over(wrong: dict[str, object]) -> None:
    assert folder_sampling(wrong, "unknown", False) == CAREFUL


def test_a_known_name_has_its_makers_settings_where_it_learnt_to_talk() -> None:
    assert gguf_sampling({}, "Qwen2.5 0.5B_Instruct", True)["top_k"] == 20
    assert gguf_sampling({}, "Qwen2.5 0.5B", False) == CAREFUL
    assert folder_sampling({"temperature": 0}, "x", False) == {"is_greedy": True}


def test_the_template_is_around_a_prompt_unless_it_is_to_stay_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "tiny.gguf"
    template = "{{ bos_token }}ab{{ messages[0].content }}ba"
    write_gguf(path, made(), tokenizer__chat_template=template)
    source = result_of(GgufImporter().load(path))
    engine = TransformerEngine.open(source, choose_device("cpu"))

    def read(params: TransformerParams) -> str:
        first = next(engine.generate(params))
        assert first.state is not None
        return engine.tokenizer.decode(first.state["prompt"].tolist())

    assert first_params(TransformerParams, source.card).length == ANSWER_TOKENS
    assert read(TransformerParams(prompt="cab")) == "abcabba"
    assert read(TransformerParams(prompt="cab", is_raw=True)) == "cab"
    assert read(TransformerParams(prompt="<s>cab")) == "cab"  # it has markers already
