"""Fine-tuning is switched off and on in the panel, where a model has any."""

from dataclasses import replace

import pytest
from PySide6.QtTest import QTest

from plugins.transformer.text.interpret.ablation import switched_adapter
from plugins.transformer.text.model.ablation_mask import AblationMask, ablation_mask_of
from studio.widgets.compare.text_pair import TextPair
from tests.plugins.transformer.text.panel.text_panel_made import LEFT
from tests.plugins.transformer.text.text_made import MadeWriter


def test_fine_tuning_is_absent_without_any(panel):
    panel.editor.set_tab("attention")
    assert not panel.controls.ablations.tuning.isVisible()


def test_a_click_switches_fine_tuning_off_and_undo_brings_it_back(panel):
    found = replace(MadeWriter().about(), is_tuned=True)
    panel.inside.opened(found)
    panel.editor.set_tab("attention")
    section = panel.controls.ablations
    assert section.tuning.isVisible()
    QTest.mouseClick(section.tuning, LEFT)
    assert panel.params().muted == "fine-tuning"
    assert "fine-tuning" in section.off.text()
    panel.host.undo.undo()
    assert panel.params().muted == ""
    panel.host.undo.redo()
    QTest.mouseClick(section.tuning, LEFT)
    assert panel.params().muted == ""


@pytest.mark.parametrize(
    ("muted", "other", "title"),
    [("", "fine-tuning", "Before fine-tuning"), ("head 1.2, fine-tuning", "head 1.2", "After fine-tuning")],
)
def test_a_click_writes_the_same_text_before_and_after_side_by_side(qtbot, panel, muted, other, title):
    section = panel.controls.pair
    assert not section.tuning.isVisible()
    panel.presenter.opened(replace(MadeWriter().about(), is_tuned=True))
    panel.editor.set_params("Switch off", muted=muted)
    panel.editor.surprise()  # what was written before stays as it is
    qtbot.waitUntil(lambda: panel.is_settled)
    panel.frame.inspector.reveal(section.tuning)
    assert section.tuning.isVisible()
    QTest.mouseClick(section.tuning, LEFT)
    first, second = panel.timeline.comparison.pair
    assert second.name == title
    shown, written = (one.recording.info.params for one in (first, second))
    assert dict(written) == {**shown, "muted": other}
    (pair,) = panel.findChildren(TextPair)
    texts = [column.text for column in pair._columns]
    qtbot.waitUntil(lambda: not panel.timeline.playback.is_playing)
    assert all(text.toPlainText() for text in texts)


def test_the_word_is_read_beside_others():
    ablation = ablation_mask_of("head 1.2, fine-tuning")
    assert ablation.adapter
    assert ablation.text == "head 1.2, fine-tuning"
    assert switched_adapter(ablation) == AblationMask(frozenset({(0, 1)}))
