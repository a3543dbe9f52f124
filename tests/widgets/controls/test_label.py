"""Names give way instead of pushing controls out."""

from PySide6.QtWidgets import QHBoxLayout, QWidget

from studio.widgets.controls.label import ElidedLabel, NameLabel
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
