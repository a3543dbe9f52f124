"""The graphics card is remembered from start to start, and the status bar says what draws."""

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QLabel, QWidget

from studio.core.option import GRAPHICS
from studio.core.setting import Settings
from studio.render.gl_status import found_status, missing_status
from studio.shell.session.graphics_card import GraphicsCard
from studio.shell.window.status_bar import StatusBar
from studio.widgets.views.graphics import Graphics

CARD = "Some Graphics 7"
pytestmark = pytest.mark.qt_log_ignore("QOpenGLWidget is not supported on this platform")


@pytest.fixture
def graphics(qapp, monkeypatch) -> Iterator[Graphics]:
    """What is known of a machine with a screen, before anything was found."""
    monkeypatch.setattr("studio.widgets.views.graphics._WITHOUT_GL", ())
    monkeypatch.setattr("studio.widgets.views.graphics.ask", lambda: {"renderer": CARD})
    made = Graphics(qapp)
    monkeypatch.setattr("studio.shell.session.graphics_card.graphics", lambda: made)
    yield made
    made.deleteLater()


@pytest.fixture
def start(qtbot, dispatcher, stepped_worker):
    """Starts the part with some settings; returns its window and its status bar."""

    def make(settings: Settings) -> tuple[QWidget, StatusBar]:
        window = QWidget()
        qtbot.addWidget(window)
        status = StatusBar(dispatcher, stepped_worker, window)
        GraphicsCard(settings, window, status)
        return window, status

    return make


def _shown(status: StatusBar) -> list[tuple[str, str]]:
    labels = [label for label in status.findChildren(QLabel) if "OpenGL" in label.text()]
    return [(label.text(), label.toolTip()) for label in labels if not label.isHidden()]


def test_nothing_is_said_before_a_scene_is_opened(start, graphics) -> None:
    window, status = start(Settings())
    assert _shown(status) == []
    assert window.findChild(QWidget, "gl_anchor") is None


def test_a_card_is_remembered_and_draws_from_the_next_start_on(start, graphics) -> None:
    settings = Settings()
    window, status = start(settings)
    graphics.tell(found_status((4, 6), CARD))
    ((title, sentence),) = _shown(status)
    assert title == "OpenGL 4.6"
    assert sentence.startswith("From the next start")
    assert settings.get(GRAPHICS) == CARD
    assert not graphics.can_draw_in(window)


def test_a_remembered_card_gets_a_window_that_it_can_draw_in(start, graphics) -> None:
    settings = Settings()
    settings.set(GRAPHICS, CARD)
    window, status = start(settings)
    assert graphics.can_draw_in(window)
    graphics.tell(found_status((4, 6), CARD))
    assert _shown(status) == [("OpenGL 4.6", f"The graphics card draws the scenes ({CARD}).")]
    assert graphics.can_draw_in(window)


def test_a_card_that_is_no_longer_there_gets_no_window(start, graphics, monkeypatch) -> None:
    monkeypatch.setattr("studio.widgets.views.graphics.ask", dict)
    settings = Settings()
    settings.set(GRAPHICS, CARD)
    window, _ = start(settings)
    assert window.findChild(QWidget, "gl_anchor") is None
    assert not graphics.can_draw_in(window)


@pytest.mark.parametrize(
    ("status", "title"),
    [
        (found_status((4, 5), "llvmpipe (LLVM 19)"), "OpenGL 4.5 in software"),
        (found_status((2, 1), CARD), "No OpenGL"),
        (missing_status("It is gone."), "No OpenGL"),
    ],
)
def test_a_card_that_is_gone_is_forgotten(start, graphics, status, title) -> None:
    settings = Settings()
    settings.set(GRAPHICS, CARD)
    window, bar = start(settings)
    graphics.tell(status)
    ((shown, sentence),) = _shown(bar)
    assert shown == title
    assert "the processor draws" in sentence.lower()
    assert settings.get(GRAPHICS) == ""
    assert not graphics.can_draw_in(window)


def test_a_card_that_fails_is_not_used_again(start, graphics) -> None:
    settings = Settings()
    settings.set(GRAPHICS, CARD)
    window, bar = start(settings)
    graphics.give_up("It failed.")
    assert settings.get(GRAPHICS) == ""
    assert not graphics.can_draw_in(window)
    assert _shown(bar)[0][1].startswith("It failed.")
