"""The panel of a model of faces shows the full caption beside the prompt, and a click makes it the prompt."""

from collections.abc import Callable
from typing import Any

from plugins.diffusion.pictures.face_caption import EXAMPLES, complete

CARD = {"examples": list(EXAMPLES), "completion": "faces", "defaults": {"steps": 2}}


def test_a_short_prompt_is_shown_completed_for_its_seed(make_panel: Callable[..., Any], sync_worker: Any) -> None:
    panel = make_panel(sync_worker, CARD)
    completed = panel.controls.prompt.completed
    assert not completed.isHidden()
    assert completed.edit.text() == complete(EXAMPLES[0], panel.params().seed)
    before = panel.params().seed
    panel.editor.surprise()
    assert panel.params().seed != before
    assert completed.edit.text() == complete(EXAMPLES[0], panel.params().seed)


def test_the_full_caption_can_be_made_the_prompt(make_panel: Callable[..., Any], sync_worker: Any) -> None:
    panel = make_panel(sync_worker, CARD)
    full = complete(EXAMPLES[0], panel.params().seed)
    panel.controls.prompt.completed.use.click()
    assert panel.params().prompt == full
    assert panel.controls.prompt.completed.isHidden()


def test_other_models_complete_nothing(panel: Any) -> None:
    assert panel.controls.prompt.completed.isHidden()
