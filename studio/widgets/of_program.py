"""Objects of which the program has one each."""

from typing import TypeVar

from PySide6.QtCore import QCoreApplication, QObject

T = TypeVar("T", bound=QObject)


def of_program(kind: type[T], name: str) -> T:
    """The one object of its kind, made when it is first asked for; the QApplication has it as the property `name`.

    Raises RuntimeError where there is no QApplication.
    """
    app = QCoreApplication.instance()
    if app is None:
        raise RuntimeError(f"{name} needs a QApplication")
    found: T | None = app.property(name)
    if found is None:
        found = kind(app)
        app.setProperty(name, found)
    return found
