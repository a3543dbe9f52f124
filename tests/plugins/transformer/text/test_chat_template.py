"""Conversations are written as the `transformers` library writes them; a stranger's template can do no harm."""

from pathlib import Path

import pytest

from plugins.transformer.foreign.hf.folder import read_chat_template
from plugins.transformer.text import chat_template
from plugins.transformer.text.chat_template import ChatTemplate, Message
from studio.core.error import UserError
from tests.plugins.transformer.foreign.bare_folder import put

TALK = (Message("system", "Be kind."), Message("user", " “Hi” \n"), Message("assistant", "Yes?"), Message("user", "x"))
TOKENS = {"bos_token": "<s>", "eos_token": "</s>"}
CHATML = (
    "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}"
    "{{ '<|im_start|>system\\nHelp.<|im_end|>\\n' }}{% endif %}"
    "{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)
LLAMA2 = (
    "{% if messages[0]['role'] == 'system' %}{% set system = messages[0]['content'] %}"
    "{% set messages = messages[1:] %}{% else %}{% set system = false %}{% endif %}"
    "{% for message in messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('Roles must alternate') }}{% endif %}"
    "{% if loop.index0 == 0 and system != false %}{% set text = '<<SYS>>' + system + '<</SYS>>' + message['content'] %}"
    "{% else %}{% set text = message['content'] %}{% endif %}"
    "{% if message['role'] == 'user' %}{{ bos_token + '[INST] ' + text.strip() + ' [/INST]' }}"
    "{% else %}{{ ' ' + text | trim + ' ' + eos_token }}{% endif %}{% endfor %}"
)


@pytest.mark.parametrize("source", [CHATML, LLAMA2])
def test_talks_are_written_as_by_the_library(source: str) -> None:
    library = pytest.importorskip("transformers.utils.chat_template_utils", reason="transformers is not installed")
    talk = [{"role": one.role, "content": one.content} for one in TALK]
    wanted, _ = library.render_jinja_template([talk], chat_template=source, add_generation_prompt=True, **TOKENS)
    assert ChatTemplate(source, TOKENS).prompt(TALK) == wanted[0]


def test_what_the_template_refuses_is_told() -> None:
    with pytest.raises(UserError, match="The chat template says: “Roles must alternate”"):
        ChatTemplate(LLAMA2, TOKENS).prompt(TALK[1:2] * 2)


def test_marks_of_training_say_nothing() -> None:
    source = "{% generation %}{{ messages[0].content }}{% endgeneration %}{% for m in [1] %}{% break %}{% endfor %}."
    assert ChatTemplate(source, {}).prompt(TALK) == "Be kind.."


HARM = {
    "the classes of Python": "{{ ''.__class__.__mro__ }}",
    "the globals of a function": "{{ cycler.__init__.__globals__ }}",
    "a file": "{% include '/etc/passwd' %}",
    "another's messages": "{{ messages.append(1) }}",
    "a long text at once": "{{ 'a' * 999999999999 }}",
    "a power": "{{ 9 ** 9 ** 9 ** 9 }}",
    "padding without end": "{{ 'a'.ljust(99999999999) }}",
    "a range without end": "{% for a in range(999999999) %}{% endfor %}",
    "a call of itself": "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
    "what is no template": "{% for %}",
    "what is not there": "{{ messages.0.nothing.more }}",
}


@pytest.mark.parametrize("name", HARM)
def test_harm_is_refused(name: str) -> None:
    with pytest.raises(UserError, match="chat template of this model"):
        ChatTemplate(HARM[name], TOKENS).prompt(TALK)


def test_formats_reach_nothing() -> None:
    assert "class" not in ChatTemplate("{{ '{0.__class__}'.format(1) }}", TOKENS).prompt(TALK)


@pytest.mark.long("starts processes of its own")
@pytest.mark.parametrize(
    "source",
    [
        "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
        "{% set n = namespace(x='aaaa') %}{% for a in range(60) %}{% set n.x = n.x ~ n.x %}{% endfor %}{{ n.x }}",
    ],
)
def test_bombs_are_ended(source: str) -> None:
    with pytest.raises(UserError, match="never stops"):
        ChatTemplate(source, {}).prompt(TALK, limit_s=1.0)


def test_a_long_answer_is_refused() -> None:
    source = "{% for a in range(70000) %}" + "x" * 30 + "{% endfor %}"
    with pytest.raises(UserError, match="never stops"):
        ChatTemplate(source, {}).prompt(TALK)
    with pytest.raises(UserError, match="never stops"):
        ChatTemplate("x" * (chat_template.MAX_TEMPLATE + 1), {}).prompt(TALK)


def test_the_template_is_found_where_a_folder_has_it(tmp_path: Path) -> None:
    assert read_chat_template(tmp_path) is None
    put(tmp_path, "chat_template.json", {"chat_template": "table"})
    put(tmp_path, "tokenizer_config.json", {"bos_token": {"content": "<s>"}, "eos_token": None})
    found = read_chat_template(tmp_path)
    assert found == ChatTemplate("table", {"bos_token": "<s>"})
    several = [{"name": "tool_use", "template": "no"}, {"name": "default", "template": "settings"}]
    put(tmp_path, "tokenizer_config.json", {"chat_template": several})
    assert read_chat_template(tmp_path) == ChatTemplate("settings", {})
    (tmp_path / "chat_template.jinja").write_text("file", encoding="utf-8")
    assert read_chat_template(tmp_path) == ChatTemplate("file", {})
    (tmp_path / "chat_template.jinja").write_text("x" * 300_000, encoding="utf-8")
    with pytest.raises(UserError, match="too large"):
        read_chat_template(tmp_path)
