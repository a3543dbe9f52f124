"""The preferences, made from the declared options: every change holds at once."""

from itertools import groupby

from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from studio.core.option import SETTINGS
from studio.core.setting import Settings
from studio.core.text import N_, translate
from studio.shell.option_row import OptionRow
from studio.widgets.theme import theme

PAGE_WIDTH_PX = 760


class PreferencePage(QScrollArea):
    """All options that have a group, under their headings, with a search field above."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self._headings: dict[str, QLabel] = {}
        self.rows: list[OptionRow] = []
        self.search = QLineEdit()
        self.search.setPlaceholderText(translate(N_("Search the preferences")))
        self.search.setAccessibleName(translate(N_("Search the preferences")))
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._on_search_changed)
        self._nothing = QLabel(translate(N_("No setting has this word. Try another one.")))
        self._nothing.setProperty("role", "muted")
        self._nothing.hide()
        self._lay_out(settings)
        self._forget = settings.on_change(self._on_setting_changed)

    def _lay_out(self, settings: Settings) -> None:
        column = QWidget()
        column.setMaximumWidth(theme().scaled(PAGE_WIDTH_PX))
        layout = QVBoxLayout(column)
        layout.setContentsMargins(24, 32, 24, 32)
        layout.setSpacing(8)
        title = QLabel(translate(N_("Preferences")))
        title.setProperty("role", "heading")
        layout.addWidget(title)
        layout.addWidget(self.search)
        shown = [option for option in SETTINGS if option.group]
        for group, options in groupby(shown, key=lambda option: option.group):
            heading = QLabel(translate(group))
            heading.setProperty("role", "title")
            heading.setContentsMargins(0, 16, 0, 0)
            self._headings[group] = heading
            layout.addWidget(heading)
            for option in options:
                row = OptionRow(option, settings)
                self.rows.append(row)
                layout.addWidget(row)
        layout.addWidget(self._nothing)
        layout.addStretch(1)
        page = QWidget()
        around = QHBoxLayout(page)
        around.setContentsMargins(0, 0, 0, 0)
        around.addStretch(1)
        around.addWidget(column, 1000)
        around.addStretch(1)
        self.setWidget(page)

    def close_page(self) -> None:
        """Stop listening to the settings."""
        self._forget()

    def _on_setting_changed(self, key: str) -> None:
        for row in self.rows:
            if row.option.key == key:
                row.refresh()

    def _on_search_changed(self, text: str) -> None:
        words = text.lower().split()
        found = [row for row in self.rows if row.matches(words)]
        for row in self.rows:
            row.setVisible(row in found)
        for group, heading in self._headings.items():
            heading.setVisible(any(row.option.group == group for row in found))
        self._nothing.setVisible(not found)
