"""No button of any panel cuts its words off, in any language that the program speaks."""

import pytest
from PySide6.QtWidgets import QAbstractButton

from studio.core.translation import SYSTEM, choose_language, languages

NARROW_PX = (1280, 640)
"""A panel in a window of 1280x720."""
PADDING_PX = 4


@pytest.fixture(params=languages())
def spoken(request):
    choose_language(request.param)
    yield request.param
    choose_language(SYSTEM)


def words_px(button: QAbstractButton) -> int:
    """How wide the words are, with the sign before them; what stands around them may get narrow."""
    sign_px = 0 if button.icon().isNull() else button.iconSize().width()
    return (
        PADDING_PX + sign_px + max(button.fontMetrics().horizontalAdvance(line) for line in button.text().split("\n"))
    )


def test_no_button_cuts_its_words_off(open_panel, catalog, found, stepped_worker, spoken, qtbot):
    cut: list[tuple[str, str]] = []
    kinds = {catalog.panel_class(model.source): model.id for model in catalog.list_models(found.id)}
    for name in kinds.values():
        panel = open_panel(name, worker=stepped_worker)
        panel.resize(*NARROW_PX)
        panel.grab()
        shown = [one for one in panel.findChildren(QAbstractButton) if one.isVisibleTo(panel) and one.text()]
        cut += [(name, button.text()) for button in shown if words_px(button) > button.width()]
    assert cut == []
