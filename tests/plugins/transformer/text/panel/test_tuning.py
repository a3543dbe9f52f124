"""Fine-tuning is switched off and on in the panel, where a model has any."""

from dataclasses import replace

from PySide6.QtTest import QTest

from plugins.transformer.text.interpret.ablation import switched_adapter
from plugins.transformer.text.model.ablation_mask import AblationMask, ablation_mask_of
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


def test_the_word_is_read_beside_others():
    ablation = ablation_mask_of("head 1.2, fine-tuning")
    assert ablation.adapter
    assert ablation.text == "head 1.2, fine-tuning"
    assert switched_adapter(ablation) == AblationMask(frozenset({(0, 1)}))
