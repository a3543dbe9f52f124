"""Names give way instead of pushing controls out."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics, QTextDocument
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QListWidgetItem, QWidget

from studio.widgets.controls.label import ElidedLabel, Label, NameLabel, plain_tip, set_tip
from studio.widgets.theme import apply_theme


def test_long_text_may_become_narrow_and_ends_in_an_ellipsis(qtbot) -> None:
    box = QWidget()
    qtbot.addWidget(box)
    layout = QHBoxLayout(box)
    layout.setContentsMargins(0, 0, 0, 0)
    label, twin = ElidedLabel("An extraordinarily long name"), ElidedLabel("An extraordinarily long text")
    layout.addWidget(label)
    box.resize(80, 30)
    box.show()
    qtbot.waitExposed(box)
    assert label.width() == 80
    cut = label.grab().toImage()
    layout.replaceWidget(label, twin)
    label.hide()
    twin.resize(label.size())
    assert twin.grab().toImage() == cut  # the parts that differ are cut off


def test_names_grow_with_the_text(qtbot, qapp) -> None:
    label = NameLabel("Weight")
    qtbot.addWidget(label)
    before = label.width()
    apply_theme(qapp, "dark", 1.5)
    assert label.width() == round(before * 1.5)


HOSTILE = '<img src="/dev/zero"><b>bold</b>'


def test_a_label_shows_foreign_text_as_it_is(qtbot):
    label = Label(HOSTILE)
    qtbot.addWidget(label)
    assert label.textFormat() is Qt.TextFormat.PlainText
    plain = QFontMetrics(label.font()).horizontalAdvance(HOSTILE)
    assert label.sizeHint().width() >= plain  # marks that were obeyed would take no room


def test_a_tip_shows_foreign_text_as_it_is(qapp):
    assert plain_tip("a < b") == "a < b"
    assert "<img" not in plain_tip(HOSTILE)
    document = QTextDocument()
    document.setHtml(plain_tip(HOSTILE))
    assert document.toPlainText() == HOSTILE


def test_the_tip_of_a_widget_and_of_an_item_is_plain(qtbot):
    rows = QListWidget()
    qtbot.addWidget(rows)
    item = QListWidgetItem("row", rows)
    for tipped in (rows, item):
        set_tip(tipped, HOSTILE)
        assert "<img" not in tipped.toolTip()
        set_tip(tipped, "plain words")
        assert tipped.toolTip() == "plain words"
