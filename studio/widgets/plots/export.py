"""Takes a plot out of the program: copied or saved as a picture, a drawing or a table."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPoint, QRect, Qt
from PySide6.QtGui import QGuiApplication, QImage, QImageWriter, QPainter
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QFileDialog, QMenu, QMessageBox, QWidget

from studio.core.atomic import atomic_write
from studio.core.error import UserError
from studio.core.translation import N_, _, translate
from studio.widgets.plots.reading import as_csv
from studio.widgets.plots.spec import PlotSpec

_FINE: Final = 2.0  # pixels of a saved picture for each on the screen


def add_export(menu: QMenu, plot: QWidget, spec: PlotSpec) -> None:
    """Offer in a menu to copy and to save what a plot shows."""
    clipboard = QGuiApplication.clipboard()
    menu.addAction(_("Copy picture"), lambda: clipboard.setImage(plot_image(plot)))
    menu.addAction(_("Copy values"), lambda: clipboard.setText(as_csv(spec)))
    menu.addSeparator()
    for title, suffix in ((N_("Save as PNG…"), "png"), (N_("Save as SVG…"), "svg"), (N_("Save values as CSV…"), "csv")):
        menu.addAction(translate(title), partial(_ask_and_save, plot, spec, suffix))


def plot_image(plot: QWidget) -> QImage:
    """A plot as a picture, finer than on the screen."""
    image = QImage(plot.size() * _FINE, QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(_FINE)
    image.fill(Qt.GlobalColor.transparent)
    plot.render(image)
    return image


def plot_png(plot: QWidget) -> bytes:
    """A plot as a PNG file."""
    return _bytes_of(lambda buffer: QImageWriter(buffer, b"png").write(plot_image(plot)))


def plot_svg(plot: QWidget) -> bytes:
    """A plot as a drawing of lines."""

    def draw(buffer: QBuffer) -> None:
        generator = QSvgGenerator()
        generator.setOutputDevice(buffer)
        generator.setViewBox(QRect(QPoint(0, 0), plot.size()))
        generator.setSize(plot.size())
        generator.setTitle(plot.accessibleName())
        painter = QPainter(generator)
        plot.render(painter, QPoint(0, 0))
        painter.end()

    return _bytes_of(draw)


def save_plot(plot: QWidget, spec: PlotSpec, path: Path) -> None:
    """Write a plot as its file's ending says; raises UserError where it cannot be written."""
    writers: dict[str, Callable[[], bytes]] = {
        ".png": lambda: plot_png(plot),
        ".svg": lambda: plot_svg(plot),
        ".csv": lambda: as_csv(spec).encode(),
    }
    atomic_write(path, writers[path.suffix.lower()]())


def _ask_and_save(plot: QWidget, spec: PlotSpec, suffix: str) -> None:
    start = f"{plot.accessibleName()}.{suffix}"
    chosen, _filter = QFileDialog.getSaveFileName(plot, _("Save the plot"), start, f"*.{suffix}")
    if not chosen:
        return
    path = Path(chosen)
    try:
        save_plot(plot, spec, path if path.suffix.lower() == f".{suffix}" else Path(f"{chosen}.{suffix}"))
    except UserError as error:
        QMessageBox.warning(plot, _("Save the plot"), str(error))


def _bytes_of(write: Callable[[QBuffer], object]) -> bytes:
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    write(buffer)
    buffer.close()
    return bytes(content.data())
