"""Which word mattered: its map over the picture, how much it was looked at, and what changes without it."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from PySide6.QtCore import QObject, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.api.engine import Policy
from studio.api.panel import (
    DrawnItems,
    EngineTasks,
    SteadyLabel,
    WhenSeen,
    hue_of,
    named_button,
    put_in_a_column,
    small_label,
    theme,
    theme_source,
)
from studio.core.frame import Frame
from studio.core.translation import N_, _, plural, translate
from studio.core.view import Field, FloatArray, Tokens

from ...shared.panel.editor import DiffusionEditor
from ...shared.panel.show_section import ShowSection
from ...shared.scene import DiffusionScene
from ...shared.state import ATTENTION, WORDS, StudyProgress, StudyRequest
from .overlays import HeatOverlay
from .word_bars import WordBars, WordRow

_HEIGHT_PX: Final = 24
_PADDING_PX: Final = 8
_GAP_PX: Final = 4
_ALONG: Final = {Qt.Key.Key_Left: -1, Qt.Key.Key_Up: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Down: 1}
KEY: Final = "leave out"
EXPLANATION = N_("Attention shows where the network looked. Leaving a word out shows what changed.")


class PromptWordChips(DrawnItems):
    """The same word may be there twice, so chips go by their number. Arrow keys choose, Escape chooses none.

    Signals: chosen(index), the person chose this word; -1: none any more.
    """

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("word_chips")
        self.setAccessibleName(_("Words of the prompt"))
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._words: tuple[str, ...] = ()
        self._current = -1
        theme_source().theme_changed.connect(self._on_theme_changed)

    def set_words(self, words: Sequence[str]) -> None:
        """Show these words; none is chosen then. Emits nothing."""
        self._words, self._current, self._hovered = tuple(words), -1, -1
        self._describe()
        self._on_theme_changed()

    def set_current(self, index: int) -> None:
        """Choose a word, or none with -1. Emits nothing."""
        self._current = index
        self._describe()
        self.update()

    def current(self) -> int:
        """The chosen word, -1 for none."""
        return self._current

    # Sizes

    def sizeHint(self) -> QSize:
        """One line; the height comes from heightForWidth."""
        return QSize(200, theme().scaled(_HEIGHT_PX))

    def hasHeightForWidth(self) -> bool:
        """Narrower means more lines."""
        return True

    def heightForWidth(self, width: int) -> int:
        """As many lines as the words need."""
        rects = self._rects(width)
        return round(rects[-1].bottom()) + 1 if rects else theme().scaled(_HEIGHT_PX)

    def chip_rect(self, index: int) -> QRectF:
        """Where a word is drawn."""
        return self._rects(self.width())[index]

    def _rects(self, width: int) -> list[QRectF]:
        metrics, height = QFontMetricsF(theme().font("small", QFont.Weight.DemiBold)), theme().scaled(_HEIGHT_PX)
        rects: list[QRectF] = []
        x = y = 0.0
        for word in self._words:
            own = min(max(metrics.horizontalAdvance(word) + 2 * _PADDING_PX, height), width)
            if x > 0 and x + own > width:
                x, y = 0.0, y + height + _GAP_PX
            rects.append(QRectF(x, y, own, height))
            x += own + _GAP_PX
        return rects

    # The hand

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the word, or leave it where it was chosen."""
        index = self.item_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and index >= 0:
            self._choose(-1 if index == self._current else index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go from word to word."""
        key = Qt.Key(event.key())
        if key in _ALONG and self._words:
            start = self._current if self._current >= 0 else -max(_ALONG[key], 0)
            self._choose((start + _ALONG[key]) % len(self._words))
        elif key == Qt.Key.Key_Escape and self._current >= 0:
            self._choose(-1)
        else:
            super().keyPressEvent(event)

    def item_at(self, at: QPointF) -> int:
        """The word there."""
        return next((i for i, rect in enumerate(self._rects(self.width())) if rect.contains(at)), -1)

    def _choose(self, index: int) -> None:
        self.set_current(index)
        self.chosen.emit(index)

    # Drawing

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the chips, the chosen one filled."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for index, (word, rect) in enumerate(zip(self._words, self._rects(self.width()), strict=True)):
            self._paint_chip(painter, word, rect, index)

    def _paint_chip(self, painter: QPainter, word: str, rect: QRectF, index: int) -> None:
        colour, hue, is_chosen = theme().colour, hue_of(self), index == self._current
        has_ring = self.hasFocus() and index == max(self._current, 0)
        painter.setPen(QPen(QColor(colour.focus), 2) if has_ring else Qt.PenStyle.NoPen)
        rest = colour.control_hover if index == self._hovered else colour.control
        painter.setBrush(QColor(hue.fill if is_chosen else rest))
        painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), theme().size.radius_small, theme().size.radius_small)
        painter.setPen(QColor(hue.on_fill if is_chosen else colour.text_strong))
        painter.setFont(theme().font("small", QFont.Weight.DemiBold if is_chosen else QFont.Weight.Medium))
        room = rect.adjusted(4, 0, -4, 0)
        text = painter.fontMetrics().elidedText(word, Qt.TextElideMode.ElideRight, int(room.width()))
        painter.drawText(room, Qt.AlignmentFlag.AlignCenter, text)

    def _describe(self) -> None:
        text = ", ".join(self._words)
        if self._current >= 0:
            chosen = _("Selected: {word}.").format(word=self._words[self._current])
            text = f"{chosen} {text}"
        self.setAccessibleDescription(text)

    def _on_theme_changed(self) -> None:
        self.updateGeometry()
        self.update()


class AttentionView(QWidget):
    """Chips of the words, bars for them, and the button for the check; drives the heat map over the canvas.

    Signals:
        leave_out_requested(): make the picture again without each word in turn.
        cancel_requested(): stop that.
        word_chosen(index): the map of this word stays on the picture; -1 for none. So that the panel can ask the
            engine for attention, which costs time, only while it is looked at.
    """

    leave_out_requested = Signal()
    cancel_requested = Signal()
    word_chosen = Signal(int)

    def __init__(self, heat: HeatOverlay, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._heat = heat
        self._words: tuple[str, ...] = ()
        self._maps: FloatArray | None = None
        self._changed: dict[int, float] = {}
        self._pointed = -1
        self._is_running = False
        self.chips = PromptWordChips()
        self.chips.hovered.connect(self._on_hovered)
        self.chips.chosen.connect(self._on_chosen)
        self.bars = WordBars()
        self.bars.hovered.connect(self._on_bar_hovered)
        self.status = SteadyLabel(role="small")
        self.check = named_button(
            "leave_out",
            N_("Check by leaving out each word"),
            N_("Makes the picture again from the same noise, leaving out one word at a time (leave-one-out)"),
            pressed=self._on_check_clicked,
        )
        self._maps_follow = WhenSeen(self, self._show)
        self._lay_out()
        self._show()

    def _lay_out(self) -> None:
        note = small_label(translate(EXPLANATION))
        put_in_a_column(self, (self.chips, self.bars, self.check, self.status, note))

    def show_frame(self, frame: Frame) -> None:
        """Show what a step looked at. Emits nothing."""
        words, maps = frame.views.get(WORDS), frame.views.get(ATTENTION)
        if isinstance(words, Tokens):
            self.set_words(words.pieces)
        self.set_maps(maps.values if isinstance(maps, Field) else None)

    def set_words(self, words: Sequence[str]) -> None:
        """Show the words of a prompt; what was known of others is dropped. Emits nothing."""
        if tuple(words) == self._words:
            return
        self._words, self._maps, self._changed, self._pointed = tuple(words), None, {}, -1
        self.chips.set_words(words)
        self.set_progress(None)

    def set_maps(self, maps: FloatArray | None) -> None:
        """Show the maps (L, h, w) of this step, one for each word; None where it has none. Emits nothing."""
        self._maps = maps if maps is not None and len(maps) == len(self._words) else None
        if self.chips.current() >= 0:
            self._show()  # on the picture too
        else:
            self._maps_follow.request()

    def set_leave_out(self, changes: Mapping[int, float]) -> None:
        """Show how much of the picture changes without a word, 0..1, by its number, as far as it was tried.

        Emits nothing.
        """
        self._changed = dict(changes)
        self._show()

    def set_map_shown(self, is_shown: bool) -> None:
        """Lay a map over the picture, that of the word looked at most where none is chosen, or none. Emits nothing."""
        if is_shown and self.chips.current() < 0 and self._maps is not None:
            self.chips.set_current(int(self._maps.mean((1, 2)).argmax()))
        elif not is_shown:
            self.chips.set_current(-1)
        self._show()

    def set_progress(self, progress: tuple[int, int] | None) -> None:
        """Say how many of all words have been tried; None while nothing runs. Emits nothing."""
        self._is_running = progress is not None
        self.check.setText(_("Stop") if self._is_running else _("Check by leaving out each word"))
        text = ""
        if progress is not None:
            text = plural("{n} word tested", "{n} words tested", progress[0])
            text = _("{tried} so far, {n} in total").format(tried=text, n=progress[1])
        self.status.set_text(text)
        self.status.setVisible(self._is_running)
        self._show()

    @property
    def n_words(self) -> int:
        """How many words there are."""
        return len(self._words)

    def current(self) -> int:
        """The word whose map stays on the picture, -1 for none."""
        return self.chips.current()

    def _show(self) -> None:
        masses = None if self._maps is None else self._maps.mean((1, 2))
        rows = [
            WordRow(word, None if masses is None else float(masses[index]), self._changed.get(index))
            for index, word in self._told()
        ]
        self.bars.set_rows(rows)
        chosen = self.chips.current()
        self.bars.set_marked(next((row for row, (index, _) in enumerate(self._told()) if index == chosen), -1))
        self.check.setEnabled(len(self._words) > 0)
        index = self._pointed if self._pointed >= 0 else self.chips.current()
        if self._maps is not None and index >= 0:
            self._heat.set_map(np.ascontiguousarray(self._maps[index]), self._words[index])
        else:
            self._heat.set_map(None, "")

    def _told(self) -> list[tuple[int, str]]:
        """The words that have a bar, with their numbers: commas and hyphens have none."""
        return [(index, word) for index, word in enumerate(self._words) if any(map(str.isalnum, word))]

    def _on_bar_hovered(self, row: int) -> None:
        self._on_hovered(self._told()[row][0] if row >= 0 else -1)

    def _on_hovered(self, index: int) -> None:
        self._pointed = index
        self._show()

    def _on_chosen(self, index: int) -> None:
        self._show()
        self.word_chosen.emit(index)

    def _on_check_clicked(self) -> None:
        if self._is_running:
            self.cancel_requested.emit()
        else:
            self.leave_out_requested.emit()


class WordEffectPresenter(QObject):
    """Joins the section of the words, the views that are shown, and the engine."""

    def __init__(self, view: AttentionView, show: ShowSection, editor: DiffusionEditor, tasks: EngineTasks) -> None:
        super().__init__(view)
        self._view, self._show, self._editor, self._tasks = view, show, editor, tasks
        self._prompt = ""
        view.word_chosen.connect(self._on_word_chosen)
        view.leave_out_requested.connect(self._begin)
        view.cancel_requested.connect(self._stop)
        show.views_changed.connect(self._on_views_changed)
        editor.changed.connect(self._on_scene_changed)

    def show_frame(self, frame: Frame, scene: DiffusionScene) -> None:
        """Show what a step looked at."""
        self._view.show_frame(frame)

    def _on_views_changed(self, views: tuple[str, ...]) -> None:
        self._view.set_map_shown(ATTENTION in views)

    def _on_word_chosen(self, index: int) -> None:
        """The views say that a map is shown."""
        views = [name for name in self._show.views() if name != ATTENTION]
        self._show.set_views([*views[:2], ATTENTION] if index >= 0 else views)

    def _begin(self) -> None:
        params, start = self._editor.scene.params, self._editor.scene.start()
        self._prompt = params.prompt
        self._view.set_progress((0, self._view.n_words))
        self._tasks.cancel(KEY)
        self._tasks.ask(
            KEY,
            lambda engine: engine.study(StudyRequest("words"), params, start),
            Policy.QUEUE,
            event=self._on_news,
            ended=self._on_ended,
            title=N_("Leaving out each word"),
        )

    def _on_news(self, news: StudyProgress) -> None:
        self._view.set_leave_out(news.effects)
        self._view.set_progress((len(news.effects), len(news.pictures) - 1))

    def _stop(self) -> None:
        self._tasks.cancel(KEY)
        self._view.set_progress(None)

    def _on_ended(self, _: str) -> None:
        self._view.set_progress(None)

    def _on_scene_changed(self) -> None:
        """What becomes of other words is of no use."""
        if self._prompt and self._editor.scene.params.prompt != self._prompt:
            self._prompt = ""
            self._stop()
            self._view.set_leave_out({})
