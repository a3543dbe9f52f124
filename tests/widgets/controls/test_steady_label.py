"""A line of text that changes often and moves nothing."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from studio.widgets.controls.steady_label import SteadyLabel


class LayoutWatch(QObject):
    """Counts how often a widget is asked to arrange its children."""

    n_requests = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.n_requests += event.type() is QEvent.Type.LayoutRequest
        return False


def test_a_new_text_is_painted_and_asks_no_layout(qtbot, qapp) -> None:
    page = QWidget()
    label = SteadyLabel("Picture 999.9 ms")
    QHBoxLayout(page).addWidget(label)
    qtbot.addWidget(page)
    page.show()
    qtbot.waitExposed(page)
    qapp.processEvents()
    before, watch = label.grab().toImage(), LayoutWatch(page)
    page.installEventFilter(watch)
    label.set_text("Picture 2.1 ms")
    qapp.processEvents()
    assert label.grab().toImage() != before
    assert watch.n_requests == 0
    assert (label.text(), label.accessibleName()) == ("Picture 2.1 ms", "Picture 2.1 ms")


def test_it_has_room_for_its_widest_text_and_gives_way(qtbot) -> None:
    label = SteadyLabel("Memory 9,999 MB")
    qtbot.addWidget(label)
    assert label.sizeHint().width() > SteadyLabel("Memory").sizeHint().width()
    assert label.minimumSizeHint().width() == 0


def test_over_a_picture_it_has_a_sheet_behind_the_text_and_only_there(qtbot) -> None:
    page = QWidget()
    page.setStyleSheet("background: #ff00ff")
    label = SteadyLabel(alignment=Qt.AlignmentFlag.AlignHCenter, parent=page)
    qtbot.addWidget(page)
    page.resize(400, 40)
    label.set_plated(True)
    label.set_text("Drag to orbit")
    label.resize(400, label.sizeHint().height())
    picture = page.grab().toImage()
    y = label.height() // 2
    is_covered = [picture.pixelColor(x, y).name() != "#ff00ff" for x in range(400)]
    assert is_covered == is_covered[::-1]
    assert 80 < sum(is_covered) < 200
    label.set_text("")
    assert page.grab().toImage().pixelColor(200, y).name() == "#ff00ff"
