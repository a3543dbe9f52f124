"""A bar that shows how loud a sound is now, with a mark that stays at the loudest for a moment."""

from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.core.translation import _
from studio.widgets.controls.label import set_tip
from studio.widgets.sound_player import SILENCE_DB
from studio.widgets.theme import hue_of, theme

_HEIGHT_PX: Final = 8
_LOUD_DB: Final = -3.0
_FALL_DB: Final = 0.6  # of the mark, at each news of the level


class LevelMeter(QWidget):
    """A level between SILENCE_DB and 0 dB, quiet at the left."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._level_db = SILENCE_DB
        self._peak_db = SILENCE_DB
        self.setObjectName("level_meter")
        self.setAccessibleName(_("Level"))
        set_tip(self, _("How loud the sound is now (RMS in dB below full scale)"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._tell()

    @property
    def peak_db(self) -> float:
        """Where the mark stands."""
        return self._peak_db

    def set_level(self, level_db: float) -> None:
        """Show a level in dB; silence takes the mark away."""
        self._level_db = min(0.0, max(SILENCE_DB, level_db))
        fallen = SILENCE_DB if level_db <= SILENCE_DB else self._peak_db - _FALL_DB
        self._peak_db = max(self._level_db, fallen)
        self._tell()
        self.update()

    def _tell(self) -> None:
        self.setAccessibleDescription(_("{level} dB").format(level=round(self._level_db)))

    def sizeHint(self) -> QSize:
        """A thin bar."""
        return QSize(theme().scaled(160), theme().scaled(_HEIGHT_PX))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the groove, the bar and the mark."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        colour, area = theme().colour, QRectF(self.rect())
        radius = area.height() / 2
        painter.setBrush(QColor(colour.groove))
        painter.drawRoundedRect(area, radius, radius)
        share = 1 - self._level_db / SILENCE_DB
        if share > 0:
            painter.setBrush(QColor(colour.warning if self._level_db > _LOUD_DB else hue_of(self).fill))
            painter.drawRoundedRect(
                QRectF(area.left(), area.top(), area.width() * share, area.height()), radius, radius
            )
        if self._peak_db > SILENCE_DB:
            x = area.left() + (1 - self._peak_db / SILENCE_DB) * (area.width() - 2)
            painter.setBrush(QColor(colour.text_strong))
            painter.drawRect(QRectF(x, area.top(), 2, area.height()))
