"""A small picture of what was on screen when a tab was closed, kept for the things that were open last."""

import hashlib
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QImage, QPainter

from studio.core.error import UserError
from studio.core.option import RECENT
from studio.core.place import cache_dir
from studio.core.setting import Settings
from studio.widgets.views.picture import frame_thumbnail

if TYPE_CHECKING:
    from studio.shell.tabs.model_tab import ModelTab

log = logging.getLogger(__name__)

SIZE_PX: Final = QSize(312, 208)
_QUALITY: Final = 80


def kept_picture(target: str) -> Path | None:
    """The picture of a model's id or of a file, None where none was kept."""
    path = _folder() / _name(target)
    return path if path.is_file() else None


def keep_picture(tab: "ModelTab", settings: Settings) -> None:
    """Keep what a tab shows; a tab that shows no picture, or a disk that refuses, changes nothing."""
    snapshot = tab.snapshot() if tab.has_snapshot() else None
    if snapshot is None:
        return
    try:
        picture = _on_ground(frame_thumbnail(snapshot.frame, SIZE_PX.height()))
        _folder().mkdir(parents=True, exist_ok=True)
    except (UserError, OSError) as error:
        log.info("no picture of %s is kept: %s", tab.source.id, error)
        return
    recent: list[str] = settings.get(RECENT)
    for target in {tab.source.id, str(tab.source.path.absolute())}.intersection(recent):
        picture.save(str(_folder() / _name(target)), quality=_QUALITY)
    _forget_others(recent)


def _forget_others(recent: list[str]) -> None:
    names = {_name(target) for target in recent}
    for path in _folder().glob("*.webp"):
        if path.name not in names:
            path.unlink(missing_ok=True)


def _folder() -> Path:
    return cache_dir() / "recent"


def _name(target: str) -> str:
    return f"{hashlib.sha256(target.encode()).hexdigest()[:24]}.webp"


def _on_ground(square: QImage) -> QImage:
    """A square picture in the middle of a wider one, on the colour of its corner."""
    wide = QImage(SIZE_PX, QImage.Format.Format_ARGB32_Premultiplied)
    wide.fill(square.pixelColor(0, 0) if square.pixelColor(0, 0).alpha() == 255 else Qt.GlobalColor.transparent)
    painter = QPainter(wide)
    painter.drawImage(QPoint((SIZE_PX.width() - square.width()) // 2, 0), square)
    painter.end()
    return wide
