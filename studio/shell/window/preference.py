"""The preferences, made from the declared options: a row each, of which every change holds at once."""

from collections.abc import Callable
from functools import partial
from itertools import groupby
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from studio.core.option import SETTINGS, Option
from studio.core.setting import Settings
from studio.core.translation import LANGUAGES, N_, _, translate
from studio.shell.window.device_box import DeviceBox
from studio.widgets.controls.button import Button
from studio.widgets.controls.label import Label
from studio.widgets.controls.number_field import NumberField
from studio.widgets.controls.value_range import ValueRange
from studio.widgets.theme import theme

CHOICE_TEXTS = {
    "dark": N_("Dark"),
    "light": N_("Light"),
    "system": N_("Same as the system"),
    "full": N_("Full"),
    "reduced": N_("Reduced"),
    "auto": N_("Whichever is faster"),
    "cpu": N_("Processor (CPU)"),
    "cuda": N_("NVIDIA card (CUDA)"),
    "torch": N_("Always PyTorch"),
}
EDITOR_WIDTH_PX = 260
FLOAT_STEP = 0.1
PAGE_WIDTH_PX = 760


class OptionRow(QWidget):
    """Title, description, editor, reset; a change holds at once."""

    def __init__(self, option: Option[Any], settings: Settings) -> None:
        super().__init__()
        self.option = option
        self._settings = settings
        title, about = Label(translate(option.title)), Label(translate(option.description))
        title.setProperty("role", "strong")
        about.setProperty("role", "muted")
        about.setWordWrap(True)
        self.editor, self._show = _make_editor(option, self._on_edited)
        self.editor.setObjectName(option.key)
        self.editor.setAccessibleName(translate(option.title))
        self.editor.setAccessibleDescription(translate(option.description))
        self.editor.setFixedWidth(theme().scaled(EDITOR_WIDTH_PX))
        for part in (self.editor, *self.editor.findChildren(QWidget)):
            part.installEventFilter(self)
        self.reset = Button(kind="quiet", icon_name="reset", hint=N_("Back to the default"))
        self.reset.clicked.connect(self._on_reset_clicked)
        keep_place = self.reset.sizePolicy()
        keep_place.setRetainSizeWhenHidden(True)
        self.reset.setSizePolicy(keep_place)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(title)
        words.addWidget(about)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 8)
        layout.setSpacing(16)
        layout.addLayout(words, 1)
        layout.addWidget(self.editor, 0, Qt.AlignmentFlag.AlignVCenter)
        layout.addWidget(self.reset, 0, Qt.AlignmentFlag.AlignVCenter)
        self.refresh()

    def refresh(self) -> None:
        """Show the value that holds now."""
        value = self._settings.get(self.option)
        self._show(value)
        self.reset.setVisible(value != self.option.default)

    def matches(self, words: list[str]) -> bool:
        """Whether every word occurs in what people read about it."""
        option = self.option
        text = " ".join(translate(part) for part in (option.group, option.title, option.description)).lower()
        return all(word in text for word in words)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let the wheel scroll the page unless the control has the focus."""
        if event.type() is QEvent.Type.Wheel and isinstance(watched, QWidget) and not watched.hasFocus():
            event.ignore()
            return True
        return False

    def _on_edited(self, value: Any) -> None:
        self._settings.set(self.option, value)

    def _on_reset_clicked(self) -> None:
        self._settings.reset(self.option)


class NumberEditor(QWidget):
    """A number that can be typed, with a minus and a plus button. Signals: edited(value)."""

    edited = Signal(object)

    def __init__(self, option: Option[Any]) -> None:
        super().__init__()
        self._is_whole = option.kind == "int"
        step = 1 if self._is_whole else FLOAT_STEP
        self._range = ValueRange(option.low, option.high, step, option.default, is_whole=self._is_whole)
        self._value = option.default
        self.field = NumberField(self._range)
        self.field.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.field.setAccessibleName(translate(option.title))
        self.field.value_typed.connect(self._on_value_wanted)
        less = Button(icon_name="minus", hint=N_("Less"))
        less.clicked.connect(lambda: self._on_value_wanted(self._value - step))
        more = Button(icon_name="plus", hint=N_("More"))
        more.clicked.connect(lambda: self._on_value_wanted(self._value + step))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for part in (less, self.field, more):
            layout.addWidget(part)
        layout.addStretch(1)
        self.setFocusProxy(self.field)

    def show_value(self, value: float) -> None:
        """Show the value that holds; tells nobody."""
        self._value = value
        self.field.set_value(value)

    def _on_value_wanted(self, value: float) -> None:
        within = min(max(value, self._range.low), self._range.high)
        self.edited.emit(int(within) if self._is_whole else round(within, 2))


Edited = Callable[[Any], None]
Show = Callable[[Any], None]


def _make_editor(option: Option[Any], edited: Edited) -> tuple[QWidget, Show]:
    """Return the control for this kind of option and the function that shows a value in it."""
    makers = {
        "bool": _bool_editor,
        "int": _number_editor,
        "float": _number_editor,
        "choice": _choice_editor,
        "folder": _folder_editor,
        "device": _device_editor,
        "text": _text_editor,
    }
    editor, show = makers[option.kind](option, edited)
    editor.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    return editor, show


def _bool_editor(option: Option[Any], edited: Edited) -> tuple[QWidget, Show]:
    box = QCheckBox(_("On"))
    box.toggled.connect(edited)
    return box, box.setChecked


def _number_editor(option: Option[Any], edited: Edited) -> tuple[QWidget, Show]:
    editor = NumberEditor(option)
    editor.edited.connect(edited)
    return editor, editor.show_value


def _choice_editor(option: Option[Any], edited: Edited) -> tuple[QWidget, Show]:
    box = QComboBox()
    for choice in option.choices:
        box.addItem(LANGUAGES.get(choice) or translate(CHOICE_TEXTS[choice]), choice)
    box.currentIndexChanged.connect(lambda index: edited(box.itemData(index)))
    return box, lambda value: box.setCurrentIndex(box.findData(value))


def _device_editor(option: Option[Any], edited: Edited) -> tuple[QWidget, Show]:
    box = DeviceBox()
    box.activated.connect(lambda: edited(box.currentData()))
    return box, box.show_device


def _text_editor(option: Option[Any], edited: Edited) -> tuple[QWidget, Show]:
    field = QLineEdit()
    field.textEdited.connect(edited)
    return field, field.setText


def _folder_editor(option: Option[Any], edited: Edited) -> tuple[QWidget, Show]:
    editor, field = QWidget(), QLineEdit()
    field.setPlaceholderText(_("The default place"))
    field.setAccessibleName(translate(option.title))
    field.editingFinished.connect(lambda: edited(field.text().strip()))
    choose = Button(kind="secondary", icon_name="open", hint=N_("Choose a folder"))
    choose.clicked.connect(partial(_choose_folder, field, edited))
    layout = QHBoxLayout(editor)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.addWidget(field)
    layout.addWidget(choose)
    choose.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
    return editor, field.setText


def _choose_folder(field: QLineEdit, edited: Edited) -> None:
    folder = QFileDialog.getExistingDirectory(field, _("Choose a folder"), field.text())
    if folder:
        edited(folder)


class PreferencePage(QScrollArea):
    """All options that have a group, under their headings, with a search field above."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self._headings: dict[str, Label] = {}
        self.rows: list[OptionRow] = []
        self.search = QLineEdit()
        self.search.setPlaceholderText(_("Search the preferences"))
        self.search.setAccessibleName(_("Search the preferences"))
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._on_search_changed)
        self._nothing = Label(_("No setting contains this word. Try another one."))
        self._nothing.setProperty("role", "muted")
        self._nothing.hide()
        self._lay_out(settings)
        self._forget = settings.on_change(self._on_setting_changed)
        self.destroyed.connect(self._forget)

    def _lay_out(self, settings: Settings) -> None:
        column = QWidget()
        column.setMaximumWidth(theme().scaled(PAGE_WIDTH_PX))
        layout = QVBoxLayout(column)
        layout.setContentsMargins(24, 32, 24, 32)
        layout.setSpacing(8)
        title = Label(_("Preferences"))
        title.setProperty("role", "heading")
        layout.addWidget(title)
        layout.addWidget(self.search)
        shown = [option for option in SETTINGS if option.group]
        for group, options in groupby(shown, key=lambda option: option.group):
            heading = Label(translate(group))
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

    def show_option(self, option: Option[Any]) -> None:
        """Let keys go to the control of an option, and let it be seen."""
        for row in self.rows:
            if row.option is option:
                row.editor.setFocus()
                self.ensureWidgetVisible(row)

    def close_page(self) -> None:
        """Stop listening to the settings before it goes."""
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
