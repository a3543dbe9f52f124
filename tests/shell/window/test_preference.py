"""The preferences: every option has a control, and every change holds at once."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QPushButton

from studio.core.option import (
    CAPTIONS_SHOWN,
    DATA_FOLDER,
    DEVICE,
    N_THREADS,
    SETTINGS,
    SOUND_DEVICE,
    TEXT_SCALE,
    THEME,
)
from studio.core.setting import Settings
from studio.shell.window import device_box
from studio.shell.window.look import Look
from studio.shell.window.preference import PreferencePage
from studio.widgets.controls.number_field import NumberField
from studio.widgets.theme import theme

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def settings():
    return Settings()


@pytest.fixture
def page(qtbot, qapp, settings):
    look = Look(qapp, settings)
    page = PreferencePage(settings)
    qtbot.addWidget(page)
    page.resize(900, 700)
    page.show()
    yield page
    settings.reset(THEME)
    settings.reset(TEXT_SCALE)
    page.close_page()
    look.deleteLater()


def row(page, option):
    return next(row for row in page.rows if row.option is option)


def control(page, option, kind):
    editor = row(page, option).editor
    return editor if isinstance(editor, kind) else editor.findChild(kind)


def test_every_option_that_people_set_has_a_row(page):
    assert [row.option for row in page.rows] == [option for option in SETTINGS if option.group]
    assert all(row.editor.accessibleName() for row in page.rows)


def test_a_choice_holds_at_once_and_can_be_reset(page, settings, qtbot):
    box = control(page, THEME, QComboBox)
    qtbot.keyClick(box, Qt.Key.Key_Down)
    assert settings.get(THEME) == theme().name == "light"
    reset = row(page, THEME).reset
    assert reset.isVisible()
    qtbot.mouseClick(reset, LEFT)
    assert settings.get(THEME) == theme().name == "dark"
    assert box.currentText() == "Dark"
    assert not reset.isVisible()


def test_numbers_are_typed_or_stepped(page, settings, qtbot):
    less, more = row(page, TEXT_SCALE).editor.findChildren(QPushButton)
    qtbot.mouseClick(more, LEFT)
    assert settings.get(TEXT_SCALE) == theme().text_scale == pytest.approx(1.1)
    for _ in range(9):
        qtbot.mouseClick(less, LEFT)
    assert settings.get(TEXT_SCALE) == TEXT_SCALE.low
    threads = control(page, N_THREADS, NumberField)
    threads.setFocus()
    threads.selectAll()
    qtbot.keyClicks(threads, "3")
    qtbot.keyClick(threads, Qt.Key.Key_Return)
    assert settings.get(N_THREADS) == 3


def test_switches_and_folders(page, settings, qtbot):
    control(page, CAPTIONS_SHOWN, QCheckBox).click()
    assert settings.get(CAPTIONS_SHOWN) is False
    folder = control(page, DATA_FOLDER, QLineEdit)
    qtbot.keyClicks(folder, "/tmp/da ta")
    qtbot.keyClick(folder, Qt.Key.Key_Return)
    assert settings.get(DATA_FOLDER) == "/tmp/da ta"


def test_search_finds_titles_and_descriptions(page, qtbot):
    qtbot.keyClicks(page.search, "nvidia")
    assert [row.option for row in page.rows if row.isVisible()] == [DEVICE]
    page.search.clear()
    qtbot.keyClicks(page.search, "qqq")
    assert not any(row.isVisible() for row in page.rows)


def test_the_wheel_scrolls_the_page_and_changes_nothing(page, settings, qtbot):
    from PySide6.QtCore import QPoint, QPointF
    from PySide6.QtGui import QWheelEvent
    from PySide6.QtWidgets import QApplication

    box = control(page, THEME, QComboBox)
    page.search.setFocus()
    nothing = Qt.KeyboardModifier.NoModifier
    event = QWheelEvent(
        QPointF(5, 5),
        QPointF(5, 5),
        QPoint(0, -120),
        QPoint(0, -120),
        Qt.MouseButton.NoButton,
        nothing,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(box, event)
    assert settings.get(THEME) == "dark"


def chosen_in_popup(qtbot, box, n_down):
    """Open the list with a click and take the entry that is so many below the present one."""
    qtbot.mouseClick(box, LEFT)
    for _ in range(n_down):
        qtbot.keyClick(box.view(), Qt.Key.Key_Down)
    qtbot.keyClick(box.view(), Qt.Key.Key_Return)


def test_a_sound_device_is_chosen_among_those_that_are_there_now(page, settings, qtbot, monkeypatch):
    box = control(page, SOUND_DEVICE, QComboBox)
    assert box.currentText() == "System default"
    monkeypatch.setattr(device_box, "output_names", lambda: ["Speakers", "HDMI"])
    chosen_in_popup(qtbot, box, 2)
    assert settings.get(SOUND_DEVICE) == "HDMI"
    monkeypatch.setattr(device_box, "output_names", lambda: ["Speakers"])
    qtbot.mouseClick(box, LEFT)
    assert [box.itemText(place) for place in range(box.count())] == ["System default", "Speakers", "HDMI"]
    qtbot.keyClick(box.view(), Qt.Key.Key_Escape)
    qtbot.mouseClick(row(page, SOUND_DEVICE).reset, LEFT)
    assert (settings.get(SOUND_DEVICE), box.currentText()) == ("", "System default")


def test_without_a_sound_device_a_sentence_says_so_and_is_no_choice(page, settings, qtbot, monkeypatch):
    box = control(page, SOUND_DEVICE, QComboBox)
    monkeypatch.setattr(device_box, "output_names", list)
    chosen_in_popup(qtbot, box, 1)
    assert box.itemText(1) == "No sound device was found."
    assert (settings.get(SOUND_DEVICE), box.currentText()) == ("", "System default")
