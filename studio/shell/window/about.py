"""Says what this program is, in which version, and whose work it stands on."""

import platform
from importlib import metadata
from pathlib import Path

from PySide6.QtCore import Qt, qVersion
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from studio.core.place import asset
from studio.core.translation import N_, _
from studio.widgets.controls.button import Button
from studio.widgets.controls.label import Label

LOGO_PX = 64
DISTRIBUTION = "manifold-studio"


class AboutDialog(QDialog):
    """Name, version, licence, and where the log file lies."""

    def __init__(self, log_folder: Path, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("About Manifold Studio"))
        logo = Label()
        pixmap = QPixmap(str(asset("icons/manifold-studio.png")))
        pixmap.setDevicePixelRatio(pixmap.width() / LOGO_PX)
        logo.setPixmap(pixmap)
        name = Label(_("Manifold Studio"))
        name.setProperty("role", "heading")
        self.text = Label(about_text(log_folder))
        self.text.setWordWrap(True)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        close = Button(N_("Close"), kind="primary")
        close.clicked.connect(self.accept)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(28, 28, 28, 20)
        layout.setSpacing(12)
        for part in (logo, name, self.text):
            layout.addWidget(part)
        layout.addWidget(close, 0, Qt.AlignmentFlag.AlignRight)
        self.setMinimumWidth(460)


def about_text(log_folder: Path) -> str:
    """What the dialog says."""
    try:
        version = metadata.version(DISTRIBUTION)
    except metadata.PackageNotFoundError:
        version = _("from a source tree that is not installed")
    return _(
        "Open any generative model and steer it with your hands. Everything runs on this computer; "
        "nothing is sent anywhere.\n\n"
        "Version: {version}\nPython {python}, Qt {qt}\n"
        "Licence: MIT. Fonts: Inter and JetBrains Mono (SIL Open Font License). "
        "The credits are in the file CREDITS.md.\nLog files: {log}"
    ).format(version=version, python=platform.python_version(), qt=qVersion(), log=log_folder)
