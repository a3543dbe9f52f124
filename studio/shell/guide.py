"""The side pane that shows a family's guide."""

from pathlib import Path

from PySide6.QtCore import QUrl, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QTextBrowser, QVBoxLayout, QWidget

from studio.core.error import UserError
from studio.core.text import N_, translate
from studio.widgets.button import Button
from studio.widgets.theme import theme, theme_source

WIDTH_PX = 380
MAX_GUIDE_BYTES = 1 << 20


class GuidePane(QFrame):
    """Shows a Markdown text. Signals: closed()."""

    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "inspector")
        self.setMinimumWidth(theme().scaled(WIDTH_PX) // 2)
        self._title = QLabel()
        self._title.setProperty("role", "title")
        close = Button(kind="quiet", icon_name="close", hint=N_("Close the guide (F1)"))
        close.clicked.connect(self.closed)
        self.browser = QTextBrowser()
        self.browser.setProperty("role", "guide")
        self.browser.setOpenLinks(False)
        self.browser.setAccessibleName(translate(N_("Guide")))
        self._text = ""
        head = QHBoxLayout()
        head.addWidget(self._title, 1)
        head.addWidget(close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 8, 12)
        layout.addLayout(head)
        layout.addWidget(self.browser)
        theme_source().theme_changed.connect(self._render)
        self.hide()

    def show_guide(self, title: str, path: Path) -> None:
        """Show the guide at `path`; raises UserError where it cannot be read."""
        try:
            if path.stat().st_size > MAX_GUIDE_BYTES:
                raise UserError(N_("This guide is too large to be shown."))
            self._text = path.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise UserError(N_("This family has no guide that can be read.")) from error
        self._title.setText(title)
        self.browser.document().setBaseUrl(QUrl.fromLocalFile(str(path)))
        self._render()
        self.show()

    def _render(self) -> None:
        self.browser.document().setDefaultFont(theme().font("body"))
        self.browser.setMarkdown(self._text)
