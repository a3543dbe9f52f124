"""Whether pictures may move by themselves; what a person starts plays in any case."""

from typing import Final

from PySide6.QtCore import QCoreApplication, QObject, Signal

_PROPERTY: Final = "manifold_motion"


class Motion(QObject):
    """Signals: changed() when it is another. Attributes: is_reduced."""

    changed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.is_reduced = False

    def reduce(self, is_reduced: bool) -> None:
        """From now on nothing moves by itself, or everything may."""
        if is_reduced != self.is_reduced:
            self.is_reduced = is_reduced
            self.changed.emit()


def motion() -> Motion:
    """The one of the program; belongs to the QApplication."""
    app = QCoreApplication.instance()
    if app is None:
        raise RuntimeError("motion needs a QApplication")
    source = app.property(_PROPERTY)
    if not isinstance(source, Motion):
        source = Motion(app)
        app.setProperty(_PROPERTY, source)
    return source
