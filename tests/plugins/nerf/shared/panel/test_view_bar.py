"""The row over the canvas: its views are those that can be drawn."""

from PySide6.QtTest import QTest

from plugins.nerf.shared.panel.overlay import VIEWS, ViewBar
from plugins.nerf.shared.panel.stats_card import FIELD_HINTS
from plugins.nerf.shared.params import VIEW_KINDS
from studio.widgets.controls.segmented import Segment
from tests.plugins.nerf.field.panel.widget_tools import LEFT, heard, shown


def test_it_offers_every_view_that_can_be_drawn_in_the_order_of_the_keys() -> None:
    assert tuple(VIEWS) == tuple(FIELD_HINTS) == VIEW_KINDS
    assert all(f"({place})" in hint for place, hint in enumerate(FIELD_HINTS.values(), 1))


def test_a_click_chooses_a_view(qtbot) -> None:
    bar = shown(qtbot, ViewBar(FIELD_HINTS))
    said = heard(bar.view_changed)
    QTest.mouseClick(next(one for one in bar.findChildren(Segment) if one.text() == "Cost"), LEFT)
    assert (said, bar.value()) == (["cost"], "cost")
