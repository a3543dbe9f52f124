"""The card in the canvas that says in plain words what is on screen now."""

import html

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QWidget

from studio.core.translation import N_, translate
from studio.widgets.controls.button import Button
from studio.widgets.controls.label import hint_with_words, set_tip
from studio.widgets.theme import theme

_WIDTH_PX = 560


class Caption(QFrame):
    """A bold question and one or two sentences; hidden, it leaves a small button that brings it back.

    Signals:
        hidden_changed(is_hidden): the person hid it or brought it back; worth remembering.
        link_activated(): the person clicked the link in the text, or pressed Enter on it.
    """

    hidden_changed = Signal(bool)
    link_activated = Signal()

    def __init__(self, lead: str = N_("What am I looking at?"), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lead = translate(lead)
        self._text = self._note = ""
        self._link = ""
        self._is_hidden, self._can_hide = False, True
        self.setObjectName("caption")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self._label = QLabel(self)
        self._label.setWordWrap(True)
        self._label.setTextFormat(Qt.TextFormat.RichText)
        self._label.linkActivated.connect(self._on_link_activated)
        self._hide_button = Button(kind="quiet", icon_name="close", hint=N_("Hide this text"))
        self._show_button = Button(self._lead, kind="quiet", icon_name="help")
        self._layout = QHBoxLayout(self)
        self._lay_out()
        self._hide_button.clicked.connect(self._on_hide_clicked)
        self._show_button.clicked.connect(self._on_show_clicked)
        self._arrange()

    def set_lead(self, lead: str) -> None:
        """Begin with other words in bold, such as "Step 32 of 50."; call it before `set_text`."""
        if lead != self._lead:
            self._lead = lead
            self._write()

    def set_text(self, text: str, term: str = "", link: str = "") -> None:
        """Say `text`, a finished sentence or two; `term` is the word of the field, shown as a tooltip.

        `link` are words of the text that can be clicked.
        """
        if text == self._text and term == self._label.toolTip() and link == self._link:
            return
        self._text, self._link = text, link
        set_tip(self._label, term)
        self.setAccessibleDescription(term)
        self._write()

    def set_note(self, note: str) -> None:
        """Say a finished sentence before the text, whatever that becomes; empty for none."""
        if note != self._note:
            self._note = note
            self._write()

    def text(self) -> str:
        """The sentences on show."""
        return f"{self._note} {self._text}".strip()

    @property
    def is_hidden(self) -> bool:
        """Whether only the small button shows."""
        return self._is_hidden

    def set_hidden(self, is_hidden: bool) -> None:
        """Hide the card or bring it back; emits nothing."""
        self._is_hidden = is_hidden
        self._arrange()

    def set_hideable(self, can_hide: bool) -> None:
        """Whether a person can hide it and bring it back."""
        self._can_hide = can_hide
        self._arrange()

    def sizeHint(self) -> QSize:
        """As high as the words are at the width that there is: no layout gives it more than that."""
        return hint_with_words(self, super().sizeHint())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width takes another height."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()

    def changeEvent(self, event: QEvent) -> None:
        """Write the rich text again in the colours and the size of a new theme."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self._write()
            self._limit_width()

    def _lay_out(self) -> None:
        grid = theme().size.grid
        self._layout.setSpacing(grid)
        self._layout.addWidget(self._label, 1)
        self._layout.addWidget(self._hide_button, 0, Qt.AlignmentFlag.AlignTop)
        self._layout.addWidget(self._show_button)

    def _arrange(self) -> None:
        grid = theme().size.grid
        self._label.setVisible(not self._is_hidden)
        self._hide_button.setVisible(not self._is_hidden and self._can_hide)
        self._show_button.setVisible(self._is_hidden and self._can_hide)
        margins = (0, 0, 0, 0) if self._is_hidden else (4 * grid, 2 * grid, 2 * grid, 2 * grid)
        self._layout.setContentsMargins(*margins)
        self._limit_width()
        self.setProperty("role", "" if self._is_hidden else "caption")
        self.style().unpolish(self)
        self.style().polish(self)

    def _limit_width(self) -> None:
        hidden_px = self._show_button.sizeHint().width()
        self.setMaximumWidth(hidden_px if self._is_hidden else theme().scaled(_WIDTH_PX))

    def _write(self) -> None:
        strong = theme().colour.text_strong
        lead = f'<b style="color:{strong}">{html.escape(self._lead)}</b>'
        self.setAccessibleName(f"{self._lead} {self.text()}".strip())
        text, link = html.escape(self.text()), html.escape(self._link)
        if link:
            text = text.replace(link, f'<a href="#" style="color:{strong}">{link}</a>', 1)
        self._label.setText(f'<div style="line-height:140%">{lead} {text}</div>')
        flags = Qt.TextInteractionFlag
        self._label.setTextInteractionFlags(
            flags.LinksAccessibleByMouse | flags.LinksAccessibleByKeyboard if link else flags.NoTextInteraction
        )

    def _on_link_activated(self) -> None:
        self.link_activated.emit()

    def _on_hide_clicked(self) -> None:
        self.set_hidden(True)
        self.hidden_changed.emit(True)

    def _on_show_clicked(self) -> None:
        self.set_hidden(False)
        self.hidden_changed.emit(False)
