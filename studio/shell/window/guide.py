"""The side pane that shows a family's guide."""

from pathlib import Path

from PySide6.QtCore import QSize, Qt, QUrl, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextLength,
    QTextTable,
)
from PySide6.QtWidgets import QFrame, QHBoxLayout, QTextBrowser, QVBoxLayout, QWidget

from studio.core.translation import N_, _
from studio.registry.guide import EXPERIMENT, Guide, page_with_links, read_guide
from studio.widgets.controls.button import Button
from studio.widgets.controls.label import Label
from studio.widgets.controls.section_parts import named_button
from studio.widgets.theme import theme, theme_source

WIDTH_PX = 380
MIN_WIDTH_PX = 260
GAP_PX = 8
PICTURE_AIR_PX = 56  # the pane's margins, the scroll bar and a little more
LINE_PERCENT = 125
PICTURE = "\ufffc"
"""What stands in a document where a picture is."""


class GuidePane(QFrame):
    """Shows a guide, and pages that it leads to.

    Signals: closed(), tour_requested(), experiment_requested(Experiment).
    """

    closed = Signal()
    tour_requested = Signal()
    experiment_requested = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "inspector")
        self.setMinimumWidth(MIN_WIDTH_PX)
        self._title = Label()
        self._title.setProperty("role", "title")
        close = Button(kind="quiet", icon_name="close", hint=N_("Close the guide (F1)"))
        close.clicked.connect(self.closed)
        self.browser = QTextBrowser()
        self.browser.setProperty("role", "guide")
        self.browser.setOpenLinks(False)
        self.browser.setAccessibleName(_("Guide"))
        self.browser.anchorClicked.connect(self._on_link_clicked)
        self.take_tour = named_button("guide_tour", N_("Take the tour"), kind="primary", pressed=self.tour_requested)
        self._guide, self._path, self._text = Guide("", (), ()), Path(), ""
        head = QHBoxLayout()
        head.addWidget(self._title, 1)
        head.addWidget(close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 8, 12)
        layout.addLayout(head)
        layout.addWidget(self.take_tour, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addWidget(self.browser)
        theme_source().theme_changed.connect(self._render)
        self.hide()

    def sizeHint(self) -> QSize:
        """Wide enough for comfortable lines."""
        return QSize(theme().scaled(WIDTH_PX), 400)

    def show_guide(self, title: str, path: Path) -> None:
        """Show the guide at `path`; raises UserError where it cannot be read."""
        self._guide, self._path = read_guide(path), path
        self._title.setText(title)
        self.take_tour.setVisible(bool(self._guide.steps))
        self._show_page(page_with_links(self._guide.page, path.parent, _("Try it")), path)
        self.show()

    def _show_page(self, text: str, path: Path) -> None:
        self._text = text
        self.browser.document().setBaseUrl(QUrl.fromLocalFile(str(path)))
        self._render()

    def _on_link_clicked(self, link: QUrl) -> None:
        """Set an experiment up, show a page beside the guide, or go back to the guide."""
        if link.scheme() == EXPERIMENT:
            self.experiment_requested.emit(self._guide.experiments[int(link.path())])
        elif not link.scheme() or link.isLocalFile():
            path = self._path.parent / link.path()
            back = "" if path == self._path else f"[{_('Back to the guide')}]({self._path.name})\n\n"
            page = read_guide(path).page
            self._show_page(back + page_with_links(page, path.parent, _("Try it")), path)

    def _render(self) -> None:
        document = self.browser.document()
        document.setDefaultFont(theme().font("body"))
        document.setDocumentMargin(0)
        self.browser.setMarkdown(self._text)
        edit = QTextCursor(document)
        edit.beginEditBlock()  # or all would be laid out anew after every paragraph
        _set_blocks(document)
        _set_tables(document)
        _set_pictures(document, theme().scaled(WIDTH_PX) - PICTURE_AIR_PX)
        edit.endEditBlock()
        self.browser.moveCursor(QTextCursor.MoveOperation.Start)


def _set_blocks(document: QTextDocument) -> None:
    """Give headings and paragraphs the sizes and the air of the rest of the window."""
    look = theme()
    sizes = {1: "title", 2: "lead", 3: "body"}
    block = document.begin()
    while block.isValid():
        cursor = QTextCursor(block)
        level = block.blockFormat().headingLevel()
        spacing = QTextBlockFormat()
        percent = 100 if PICTURE in block.text() else LINE_PERCENT  # a picture is a line as high as itself
        spacing.setLineHeight(percent, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
        is_in_table = cursor.currentTable() is not None
        spacing.setTopMargin(GAP_PX * 2 if level > 1 else 0)
        spacing.setBottomMargin(0 if is_in_table else GAP_PX)
        cursor.mergeBlockFormat(spacing)
        if level:
            letters = QTextCharFormat()
            letters.setFont(look.font(sizes.get(level, "body"), QFont.Weight.DemiBold))
            letters.setForeground(QColor(look.colour.text_strong))
            cursor.select(QTextCursor.SelectionType.BlockUnderCursor)
            cursor.mergeCharFormat(letters)
        block = block.next()


def _set_pictures(document: QTextDocument, width_px: int) -> None:
    """Let every picture be as wide as the text."""
    cursor = document.find(PICTURE)
    while not cursor.isNull():
        if cursor.charFormat().isImageFormat():
            picture = cursor.charFormat().toImageFormat()
            picture.setWidth(width_px)
            cursor.setCharFormat(picture)
        cursor = document.find(PICTURE, cursor)


def _set_tables(document: QTextDocument) -> None:
    """Thin lines, and a narrow first column for the names."""
    for frame in document.rootFrame().childFrames():
        if isinstance(frame, QTextTable):
            shape = frame.format().toTableFormat()
            shape.setBorderBrush(QColor(theme().colour.border))
            shape.setBorderCollapse(True)
            shape.setBorder(1)
            shape.setCellPadding(GAP_PX * 0.75)
            shape.setBottomMargin(GAP_PX)
            shape.setWidth(QTextLength(QTextLength.Type.PercentageLength, 100))
            percent = QTextLength.Type.PercentageLength
            if frame.columns() == 2:
                shape.setColumnWidthConstraints([QTextLength(percent, 32), QTextLength(percent, 68)])
            frame.setFormat(shape)
