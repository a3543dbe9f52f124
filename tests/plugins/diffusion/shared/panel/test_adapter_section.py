"""Adapters in the panel: a file joins the list if it fits, is switched and pulled, and goes; each is a step of undo."""

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from plugins.diffusion.shared.adapters import Adapter, adapters_of
from studio.core.error import UserError
from studio.widgets.controls.label import Label
from tests.plugins.diffusion.conftest import CARD
from tests.plugins.diffusion.foreign.lora.made_lora import write_bare
from tests.plugins.diffusion.panel_hand import press
from tests.plugins.diffusion.tiny_model import TinyModel


class AdaptableModel(TinyModel):
    """Wears whatever it is given, but for one file."""

    def wearing(self, adapters: tuple[Adapter, ...]) -> "AdaptableModel":
        return self

    def check_adapter(self, path: Path) -> None:
        if path.stem == "wide":
            raise UserError("“wide” does not fit.")


@pytest.fixture
def panel(make_panel: Any, sync_worker: Any) -> Any:
    return make_panel(sync_worker, {**CARD, "takes_adapters": True}, AdaptableModel())


def worn(panel: Any) -> list[tuple[str, float, bool]]:
    return [(one.title, one.strength, one.is_on) for one in adapters_of(panel.params().adapters)]


@pytest.mark.long("opens a panel and draws with its model")
def test_a_dropped_file_is_worn_switched_and_taken_away(panel: Any, qtbot: Any, tmp_path: Path) -> None:
    path = write_bare(tmp_path / "ink.safetensors")
    assert panel.open_path(path)
    assert worn(panel) == [("ink", 1.0, True)]
    (row,) = panel.controls.adapters.rows
    QTest.mouseClick(row.switch, Qt.MouseButton.LeftButton, pos=QPoint(8, row.switch.height() // 2))
    assert worn(panel) == [("ink", 1.0, False)]
    panel.host.undo.undo()
    assert worn(panel) == [("ink", 1.0, True)]
    assert row.switch.isChecked()
    press(row.strength._track, Qt.Key.Key_Left, Qt.Key.Key_Left)
    assert worn(panel) == [("ink", 0.9, True)]
    QTest.mouseClick(row.remove, Qt.MouseButton.LeftButton)
    assert worn(panel) == []
    assert panel.controls.adapters.rows == []
    panel.host.undo.undo()
    assert worn(panel) == [("ink", 0.9, True)]
    qtbot.waitUntil(lambda: panel.is_settled)
    assert "ink" in panel.timeline.recording.info.params["adapters"]


def test_a_second_one_stands_beside_it_and_none_twice(panel: Any, tmp_path: Path) -> None:
    for name in ("ink", "oil", "ink"):
        panel.open_path(write_bare(tmp_path / f"{name}.safetensors"))
    assert [name for name, *_ in worn(panel)] == ["ink", "oil"]
    panel.host.undo.undo()
    assert [name for name, *_ in worn(panel)] == ["ink"]


def test_one_that_does_not_fit_is_refused_in_a_sentence(panel: Any, tmp_path: Path) -> None:
    assert panel.open_path(write_bare(tmp_path / "wide.safetensors"))
    assert worn(panel) == []
    assert any("does not fit" in one.text() for one in panel.messages.findChildren(Label))


def test_other_models_take_none(make_panel: Any, sync_worker: Any, tmp_path: Path) -> None:
    panel = make_panel(sync_worker)
    assert not panel.open_path(write_bare(tmp_path / "ink.safetensors"))
    assert not panel.controls.adapters.isVisible()
