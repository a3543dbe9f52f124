"""The caption can be hidden and brought back."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from studio.widgets.caption import Caption
from studio.widgets.theme import apply_theme, theme
from tests.widgets.hand import part


def visible_buttons(caption: Caption) -> list[QPushButton]:
    return [button for button in caption.findChildren(QPushButton) if button.isVisible()]


def test_hides_leaves_a_way_back_and_tells(qtbot) -> None:
    caption = Caption()
    qtbot.addWidget(caption)
    caption.set_text("Step 3 of 9.", "diffusion step")
    caption.show()
    spy = QSignalSpy(caption.hidden_changed)
    states = []
    for _ in range(2):
        QTest.mouseClick(visible_buttons(caption)[0], Qt.MouseButton.LeftButton)
        states.append((caption.is_hidden, part(caption, QLabel).isVisible()))
    assert states == [(True, False), (False, True)]
    assert [spy.at(i)[0] for i in range(2)] == [True, False]


def test_remembered_state_is_set_silently(qtbot) -> None:
    caption = Caption()
    qtbot.addWidget(caption)
    spy = QSignalSpy(caption.hidden_changed)
    caption.set_hidden(True)
    assert caption.is_hidden
    assert spy.count() == 0


def test_names_are_text_and_the_term_is_a_tooltip(qtbot, qapp: QApplication) -> None:
    caption = Caption()
    qtbot.addWidget(caption)
    caption.set_text("Nearest: <Font & Co>", "nearest neighbour")
    label = part(caption, QLabel)
    assert "&lt;Font &amp; Co&gt;" in label.text()
    assert label.toolTip() == "nearest neighbour"
    assert caption.text() == "Nearest: <Font & Co>"
    assert "Nearest: <Font & Co>" in caption.accessibleName()


def test_all_words_are_seen_in_a_narrow_panel(qtbot) -> None:
    page, caption = QWidget(), Caption()
    qtbot.addWidget(page)
    column, row = QVBoxLayout(page), QHBoxLayout()
    column.addWidget(QWidget(), 1)
    row.addWidget(caption, 1)
    row.addStretch(0)
    column.addLayout(row)
    caption.set_text("These letters are in no typeface. " * 4)
    page.resize(220, 500)
    page.show()
    label = part(caption, QLabel)
    qtbot.waitUntil(lambda: label.height() >= label.heightForWidth(label.width()))


def test_takes_the_colours_of_a_new_theme(qtbot, qapp: QApplication) -> None:
    caption = Caption()
    qtbot.addWidget(caption)
    caption.show()
    caption.set_text("Hello.")
    apply_theme(qapp, "light")
    qtbot.waitUntil(lambda: theme().colour.text_strong in part(caption, QLabel).text())


def test_a_part_of_the_text_can_be_clicked(qtbot) -> None:
    caption = Caption()
    qtbot.addWidget(caption)
    caption.set_lead("Step 3 of 9.")
    caption.set_text("Half is gone. Branch from here to try again.", link="Branch from here")
    caption.resize(560, 80)
    caption.show()
    spy = QSignalSpy(caption.link_activated)
    label = part(caption, QLabel)
    assert label.text().count("<a ") == 1
    assert "Step 3 of 9." in label.text()
    label.setFocus()
    QTest.keyClick(label, Qt.Key.Key_Tab)
    QTest.keyClick(label, Qt.Key.Key_Return)
    assert spy.count() == 1
    caption.set_text("Half is gone.")
    assert "<a " not in label.text()
