"""Talking to a model in the panel: two boxes, its template between them and the text; none where it has no template."""

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from plugins.transformer.importers import HuggingFaceImporter
from plugins.transformer.text.chat_template import Message
from plugins.transformer.text.engine import TransformerEngine
from plugins.transformer.text.panel.chat_section import ChatSection
from plugins.transformer.text.panel.panel import TransformerPanel
from studio.core.error import UserError
from studio.core.pausing import result_of
from tests.plugins.transformer.foreign.bare_folder import put, write_bare
from tests.plugins.transformer.text.decoder_made import small_engine
from tests.plugins.transformer.text.text_made import CPU, MadeWriter, encode, handle_of

from .text_panel_made import LEFT, ids_of, shown

CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def talk(qtbot: Any, host: Any) -> Any:
    panel = TransformerPanel(handle_of(MadeWriter(), has_chat=True), host)
    qtbot.addWidget(panel)
    panel.resize(1200, 800)
    panel.show()
    qtbot.waitUntil(lambda: len(shown(panel)) == 10 and panel.is_settled)
    yield panel
    panel.timeline.close()
    assert not host.errors


def test_a_model_without_a_template_has_no_boxes(panel):
    assert panel.controls.chat is None
    assert not panel.findChildren(ChatSection)


def test_the_boxes_fill_the_prompt_and_the_answer_is_written(qtbot, talk):
    section, before = talk.controls.chat, ids_of(talk)
    assert not section.ask.isEnabled()
    QTest.keyClicks(section.system, "That is")
    QTest.keyClicks(section.user, " a question")
    QTest.mouseClick(section.ask, LEFT)
    prompt = "That is. a question"
    assert talk.params().prompt == prompt
    n_all = len(encode(prompt)) + talk.params().length
    qtbot.waitUntil(lambda: len(shown(talk)) == n_all)
    assert ids_of(talk)[: len(encode(prompt))] == encode(prompt)
    assert [one.is_written for one in shown(talk)] == [False] * len(encode(prompt)) + [True] * 6
    first = ids_of(talk)
    QTest.keyClick(section.user, Qt.Key.Key_Return, CTRL)
    qtbot.waitUntil(lambda: ids_of(talk) == first)
    talk.host.undo.undo()
    qtbot.waitUntil(lambda: ids_of(talk) == before)


def test_what_the_template_refuses_is_said_beside_the_boxes(talk):
    section, before = talk.controls.chat, ids_of(talk)
    QTest.keyClicks(section.user, " king")
    QTest.keyClick(section.user, Qt.Key.Key_Return, CTRL)
    assert section.said.text() == "No kings."
    assert ids_of(talk) == before
    QTest.keyClicks(section.user, ".")
    assert "chat template" in section.said.text()


def test_the_engine_talks_by_the_template_of_its_folder(tmp_path):
    folder = write_bare(tmp_path / "made")
    template = "{% for m in messages %}{{ m.role[0] + m.content + eos_token }}{% endfor %}"
    put(folder, "tokenizer_config.json", {"eos_token": "</s>", "chat_template": template})
    source = result_of(HuggingFaceImporter().load(folder))
    assert source.card["has_chat"]
    engine = TransformerEngine.open(source, CPU)
    assert engine.chat((Message("system", "ab"), Message("user", "cd"))) == "sab</s>ucd</s>"
    engine.close()
    with pytest.raises(UserError, match="no chat template"):
        small_engine().chat((Message("user", "a"),))
