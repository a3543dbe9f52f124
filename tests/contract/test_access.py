"""Whoever does not see the window, or has no mouse, finds every control of every panel: named, described, in order."""

from itertools import pairwise

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QWidget

from studio.widgets.inspector import Inspector
from studio.widgets.spoken_role import offer_roles

SILENT = (QAccessible.Role.NoRole, QAccessible.Role.Client, QAccessible.Role.Pane)


@pytest.fixture(autouse=True)
def _roles(qapp):
    offer_roles()


@pytest.fixture
def panels(open_panel, catalog, found, stepped_worker):
    """One panel of each kind, before its model is open."""
    kinds = {catalog.panel_class(model.source): model.id for model in catalog.list_models(found.id)}
    return {name: open_panel(name, worker=stepped_worker) for name in kinds.values()}


def reached_by_tab(panel):
    """The controls on which Tab stops, in its order."""
    stops, widget = [], panel.nextInFocusChain()
    while widget is not panel:
        takes_tab = widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.focusProxy() is None
        if takes_tab and widget.isEnabled() and panel.isAncestorOf(widget) and widget.isVisibleTo(panel):
            stops.append(widget)
        widget = widget.nextInFocusChain()
    return stops


def test_every_control_says_what_it_is(panels):
    for name, panel in panels.items():
        for control in reached_by_tab(panel):
            spoken = QAccessible.queryAccessibleInterface(control)
            assert spoken.text(QAccessible.Text.Name), (name, control)
            assert spoken.role() not in SILENT, (name, control)


def test_tab_goes_down_the_inspector(panels, qtbot):
    for name, panel in panels.items():
        inspector = panel.findChild(Inspector)
        if inspector is None:
            continue

        def heights(inspector=inspector, panel=panel):
            stops = [one for one in reached_by_tab(panel) if inspector.isAncestorOf(one)]
            return [_top(one, inspector) for one in stops]

        qtbot.waitUntil(lambda heights=heights: not rising(heights()), timeout=5000)
        assert heights(), name


def rising(heights):
    """Where Tab would go up again; what stands in one row may differ by a few pixels."""
    return [(before, after) for before, after in pairwise(heights) if before > after + 12]


def _top(widget: QWidget, inspector: QWidget) -> int:
    return widget.mapTo(inspector, widget.rect().center()).y()
