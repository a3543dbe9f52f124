"""The bar at the top: name, tabs, command search, and the few buttons that hold everywhere."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPixmap, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QSizePolicy, QWidget

from studio.commands.command import CommandRegistry
from studio.commands.undo import UndoStack
from studio.core.place import asset
from studio.core.translation import N_, _, translate
from studio.shell.tabs.tab_strip import TabStrip
from studio.widgets.controls.button import Button
from studio.widgets.controls.label import Label, set_tip
from studio.widgets.theme import theme, theme_source

LOGO_PX = 18
HEIGHT_PX = 44


INVITATIONS = (N_("Search or run a command"), N_("Search"), "")
SPACE_PX = 8
NARROW_PX = 1100
SEARCH_SHARE = 100
"""Of the room that is left, before any stays empty."""


class SearchButton(QPushButton):
    """Looks like a search field and opens the palette; in a narrow bar it says less."""

    def __init__(self, keys: str) -> None:
        super().__init__()
        self.setProperty("kind", "quiet")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(_("Search or run a command"))
        label = Label(translate(INVITATIONS[0]))
        label.setProperty("role", "muted")
        key_label = Label(keys)
        key_label.setProperty("role", "keys")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(SPACE_PX, 0, SPACE_PX, 0)
        layout.setSpacing(SPACE_PX)
        for part in (label, key_label):
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            layout.addWidget(part, 0, Qt.AlignmentFlag.AlignVCenter)
        label.setAlignment(Qt.AlignmentFlag.AlignRight)
        label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        key_label.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        self._label, self._keys = label, key_label
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)

    def fit(self) -> None:
        """Take no more room than the words and the keys need, once everything else has its own."""
        self.setMaximumWidth(self._text_px(INVITATIONS[0]) + self.sizeHint().width())

    def sizeHint(self) -> QSize:
        """In a narrow bar the keys alone have to do."""
        height_px = theme().scaled(theme().size.control_height)
        return QSize(self._keys.sizeHint().width() + 3 * SPACE_PX, height_px)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Say as much as there is room for."""
        super().resizeEvent(event)
        room_px = self.width() - self.sizeHint().width()
        fitting = next(text for text in INVITATIONS if self._text_px(text) <= max(room_px, 0))
        self._label.setText(translate(fitting))

    def _text_px(self, text: str) -> int:
        return self._label.fontMetrics().horizontalAdvance(translate(text)) if text else 0


class TopBar(QFrame):
    """Lays out the tabs and the buttons; every button runs a command by its id."""

    def __init__(self, commands: CommandRegistry, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._commands = commands
        self.setProperty("role", "bar")
        self.tabs = TabStrip(self)
        self._search = SearchButton(_("Ctrl K"))
        self._search.clicked.connect(lambda: self._commands.run("studio.palette"))
        self.plus = self._button("", "quiet", "plus", N_("Open a model (Ctrl+T)"), "studio.models")
        self._undo = self._button(N_("Undo"), "secondary", "undo", N_("Nothing to undo"), "edit.undo")
        self._redo = self._button("", "secondary", "redo", N_("Nothing to redo"), "edit.redo")
        for button in (self._undo, self._redo):
            button.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
            button.customContextMenuRequested.connect(lambda: self._commands.run("edit.history"))
        self._open = self._button(N_("Open…"), "secondary", "", N_("Open a file (Ctrl+O)"), "studio.open_file")
        self._export = self._button(
            N_("Export"), "secondary", "", N_("Save a picture, a video or numbers (Ctrl+E)"), "studio.export"
        )
        self._present = self._button(
            N_("Present"), "secondary", "", N_("Full screen, for visitors (F11)"), "present.begin"
        )
        self._guide = self._button("", "secondary", "help", N_("Show or hide the guide (F1)"), "studio.guide")
        self._lay_out()
        theme_source().theme_changed.connect(self._fit_height)
        self._fit_height()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow window tabs have the room of what goes without saying."""
        super().resizeEvent(event)
        is_narrow = self.width() < theme().scaled(NARROW_PX)
        self._name.setVisible(not is_narrow)
        self._undo.setText("" if is_narrow else _("Undo"))

    def _fit_height(self) -> None:
        self.setFixedHeight(theme().scaled(HEIGHT_PX))
        self._search.fit()

    def _button(self, text: str, kind: str, icon_name: str, hint: str, command_id: str) -> Button:
        button = Button(text, "quiet" if kind == "quiet" else "secondary", icon_name, hint, self)
        button.setObjectName(command_id)
        button.clicked.connect(lambda: self._commands.run(command_id))
        return button

    def _lay_out(self) -> None:
        logo = Label()
        pixmap = QPixmap(str(asset("icons/manifold-studio.png")))
        pixmap.setDevicePixelRatio(pixmap.width() / LOGO_PX)
        logo.setPixmap(pixmap)
        self._name = name = Label(_("Manifold Studio"))
        name.setProperty("role", "title")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 0, 12, 0)
        layout.setSpacing(8)
        layout.addWidget(logo)
        layout.addWidget(name)
        layout.addSpacing(8)
        layout.addWidget(self.tabs)
        layout.addWidget(self.plus)
        layout.addStretch(1)
        layout.addWidget(self._search, SEARCH_SHARE)
        buttons = (self._undo, self._redo, self._open, self._export, self._present, self._guide)
        for button in buttons:
            layout.addWidget(button)

    def show_undo(self, undo: UndoStack | None) -> None:
        """Say what can be taken back in the tab in front; None hides both buttons."""
        self._undo.setVisible(undo is not None)
        self._redo.setVisible(undo is not None)
        if undo is not None:
            _show_step(self._undo, undo.undo_title, N_("Undo: {step}"), N_("Nothing to undo"))
            _show_step(self._redo, undo.redo_title, N_("Redo: {step}"), N_("Nothing to redo"))

    def show_guide(self, is_possible: bool) -> None:
        """Show the button of the guide while there is a guide."""
        self._guide.setVisible(is_possible)

    def show_export(self, is_possible: bool) -> None:
        """Show the Export button while there is a picture to save."""
        self._export.setVisible(is_possible)


def _show_step(button: Button, step: str | None, title: str, nothing: str) -> None:
    button.setEnabled(step is not None)
    text = translate(nothing) if step is None else translate(title).format(step=translate(step))
    text = _("{text}. All steps: right-click, or Ctrl+H.").format(text=text)
    set_tip(button, text)
    button.setAccessibleDescription(text)
