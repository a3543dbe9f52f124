"""Whether pictures may move by themselves; what a person starts plays in any case."""

from typing import Final

from PySide6.QtCore import QObject, Signal

from studio.widgets.of_program import of_program

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
    return of_program(Motion, _PROPERTY)
