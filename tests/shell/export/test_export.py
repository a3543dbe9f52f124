"""Exporting as a person does it: with the dialog, by mouse and keyboard."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PilImage
from PySide6.QtCore import QPoint, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QDrag, QGuiApplication
from PySide6.QtWidgets import QApplication, QPushButton, QWidget

from studio.core.frame import Frame
from studio.core.option import EXPORT
from studio.core.picture import read_picture, read_png_metadata
from studio.core.provenance import read_metadata
from studio.core.recording.clip import Clip, clip_of_frames
from studio.core.recording.recording import RunInfo
from studio.core.setting import Settings
from studio.core.view import Audio, Image
from studio.render.export.film import film_of
from studio.render.export.option import ExportOptions, done
from studio.render.export.sound import wave_picture
from studio.shell.export import trial
from studio.shell.export.dialog import ExportDialog, time_text
from studio.shell.export.exporter import Exporter, free_path, write, write_drawn
from studio.shell.export.memory import ExportChoice, keep_choice, last_choice
from studio.shell.export.source import ExportSource
from studio.shell.export.trial import Estimate, estimate, preview
from studio.widgets.controls.chip import Chip
from studio.widgets.dispatcher import Dispatcher
from studio.widgets.task_scope import TaskScope
from studio.widgets.theme import THEME_NAMES, apply_theme
from tests.render.export.clips import BY_ID, INFO, letters, pictures, plots, tone
from tests.shell.export.exporting import export_picture, wish_for
from tests.sync_worker import SteppedWorker, SyncWorker

CTRL = Qt.KeyboardModifier.ControlModifier
LEFT = Qt.MouseButton.LeftButton
MODEL = "good/waves"


@pytest.fixture
def folder(tmp_path: Path, services) -> Path:
    """The folder that was exported to last."""
    folder = tmp_path / "my files äöü"
    folder.mkdir()
    keep_choice(services.settings, ExportChoice(options=ExportOptions(side_px=128), folder=str(folder)))
    return folder


@pytest.fixture
def run(tab):
    """A run on the timeline of the tab."""
    tab.panel._record()
    clip = tab.clip()
    assert clip is not None
    assert clip.n_frames > 1
    return clip


def open_dialog(window, qtbot) -> ExportDialog:
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    qtbot.keyClick(window, Qt.Key.Key_E, CTRL)
    dialog = window.exporter.dialog
    assert dialog is not None
    qtbot.waitUntil(dialog.isActiveWindow)
    return dialog


def click_chip(qtbot, parent: QWidget, text: str) -> None:
    qtbot.waitUntil(lambda: chips_named(parent, text) != [])
    (chip,) = chips_named(parent, text)
    qtbot.mouseClick(chip, LEFT)


def chips_named(parent: QWidget, text: str) -> list[Chip]:
    return [one for one in parent.findChildren(Chip) if one.text() == text and one.isVisible()]


def chip_texts(dialog: ExportDialog) -> list[str]:
    return [one.text() for one in dialog.kinds.findChildren(Chip) if one.isVisible()]


def test_a_single_picture_is_exported_with_one_key_and_enter(window, tab, folder, qtbot):
    dialog = open_dialog(window, qtbot)
    assert chip_texts(dialog) == ["Picture"]
    assert dialog.preview.n_pictures == 1
    qtbot.waitUntil(lambda: "KB" in dialog.cost.text() or "bytes" in dialog.cost.text())
    qtbot.keyClick(dialog, Qt.Key.Key_Return)
    (path,) = folder.iterdir()
    assert path.name.startswith("good-waves-")
    assert read_picture(path).rgb.shape[0] == 128
    metadata = read_png_metadata(path)
    assert metadata is not None
    assert metadata["model"] == MODEL
    assert window.toast.isVisible()
    assert tab.panel.messages.keys() == []
    assert window.exporter.dialog is None or not window.exporter.dialog.isVisible()


def test_escape_and_cancel_write_nothing(window, tab, folder, qtbot):
    qtbot.keyClick(open_dialog(window, qtbot), Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: window.exporter.dialog is None)
    qtbot.mouseClick(open_dialog(window, qtbot).cancel, LEFT)
    assert list(folder.iterdir()) == []
    assert tab.panel.messages.keys() == []


def test_a_run_becomes_a_gif(window, tab, folder, run, qtbot):
    dialog = open_dialog(window, qtbot)
    assert {"Video", "GIF", "WebP", "Numbers", "Contact sheet", "Recording"} <= set(chip_texts(dialog))
    click_chip(qtbot, dialog, "GIF")
    click_chip(qtbot, dialog, "256 px")
    dialog.form.first.setFocus()
    dialog.form.first.selectAll()
    qtbot.keyClicks(dialog.form.first, "2")
    qtbot.keyClick(dialog.form.first, Qt.Key.Key_Tab)
    qtbot.mouseClick(dialog.form.loop, LEFT, pos=QPoint(8, dialog.form.loop.height() // 2))
    dialog.name.field.selectAll()
    qtbot.keyClicks(dialog.name.field, "my waves")
    qtbot.waitUntil(lambda: dialog.preview.n_pictures == run.n_frames - 1)
    qtbot.keyClick(dialog.name.field, Qt.Key.Key_Return)
    path = folder / "my waves.gif"
    assert [path] == list(folder.iterdir())
    with PilImage.open(path) as image:
        assert (getattr(image, "n_frames", 1), image.height) == (run.n_frames - 1, 256)
        assert "loop" not in image.info
    assert read_metadata(path) == run.made_from()


def test_the_dialog_remembers(window, tab, folder, run, qtbot):
    dialog = open_dialog(window, qtbot)
    click_chip(qtbot, dialog, "WebP")
    click_chip(qtbot, dialog, "Transparent")
    qtbot.mouseClick(dialog.form.caption, LEFT, pos=QPoint(8, dialog.form.caption.height() // 2))
    qtbot.mouseClick(dialog.export, LEFT)
    qtbot.waitUntil(lambda: window.exporter.dialog is None)
    dialog = open_dialog(window, qtbot)
    assert (dialog.kind.id, dialog.choice().folder) == ("webp", str(folder))
    options = dialog.form.options()
    assert (options.side_px, options.has_caption, options.background) == (128, True, "transparent")
    click_chip(qtbot, dialog, "GIF")
    assert dialog.form.options().background == "paper"
    click_chip(qtbot, dialog, "WebP")
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)


def test_arrows_go_from_format_to_format(window, tab, folder, run, qtbot):
    dialog = open_dialog(window, qtbot)
    chip = next(one for one in dialog.kinds.findChildren(Chip) if one.text() == "Picture")
    chip.setFocus()
    qtbot.keyClick(chip, Qt.Key.Key_Right)
    assert dialog.kind.id == "sheet"
    assert dialog.form.count.isVisible()
    assert not dialog.form.fps.isVisible()
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)


def test_an_existing_file_is_replaced_only_on_purpose(window, tab, folder, qtbot):
    dialog = open_dialog(window, qtbot)
    path = dialog.name.path
    assert path is not None
    path.write_bytes(b"old")
    export_picture(window, tab, path, may_replace=False)
    assert path.read_bytes() == b"old"
    assert free_path(path).name == f"{path.stem} 3.png"
    dialog.name.set_suffix(".png")
    qtbot.waitUntil(lambda: dialog.export.text() == "Replace")
    assert "replaced" in dialog.name.warning.text()
    qtbot.mouseClick(dialog.export, LEFT)
    assert path.read_bytes() != b"old"


@pytest.mark.parametrize("name", ["", "  ", "a/b", "a\\b"])
def test_a_name_that_is_none_cannot_be_exported(window, tab, folder, qtbot, name):
    dialog = open_dialog(window, qtbot)
    dialog.name.field.selectAll()
    qtbot.keyClick(dialog.name.field, Qt.Key.Key_Delete)
    qtbot.keyClicks(dialog.name.field, name)
    assert not dialog.export.isEnabled()
    qtbot.keyClick(dialog.name.field, Qt.Key.Key_Return)
    assert list(folder.iterdir()) == []
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)


def test_a_folder_that_went_away_is_said_so(window, tab, folder, qtbot):
    dialog = open_dialog(window, qtbot)
    dialog.name.set_folder(folder / "gone")
    qtbot.waitUntil(lambda: "does not exist" in dialog.name.warning.text())
    assert not dialog.export.isEnabled()
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    export_picture(window, tab, folder / "gone" / "a.png")
    assert tab.panel.messages.keys() == ["error"]


def test_the_note_shows_the_folder_and_moves_nothing(window, tab, folder, qtbot, monkeypatch):
    opened: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", opened.append)
    for _ in range(2):
        export_picture(window, tab, folder / "a.png")
    height_px = tab.panel.canvas.height()
    qtbot.mouseClick(window.toast.findChild(QPushButton, "toast_action"), LEFT)
    assert tab.panel.canvas.height() == height_px
    assert not window.toast.isVisible()
    assert [Path(url.toLocalFile()) for url in opened] == [folder]


def test_an_export_that_is_stopped_leaves_nothing(qtbot, window, services, stepped_worker: SteppedWorker, tmp_path):
    exporter = Exporter(replace(services, worker=stepped_worker), window.tabs, window)
    failures: list[object] = []
    exporter.failed.connect(failures.append)
    exporter.save(wish_for("mp4", pictures(50), tmp_path / "a.mp4"))
    (job,) = stepped_worker.jobs()
    assert "a.mp4" in job.title
    for _ in range(4):
        stepped_worker.step()
    assert any(one.name.endswith(".tmp") for one in tmp_path.iterdir())
    job.cancel()
    stepped_worker.run_all()
    assert list(tmp_path.iterdir()) == []
    assert failures == []


def test_an_export_keeps_its_frames_when_its_tab_is_closed(
    window, run, services, stepped_worker: SteppedWorker, tmp_path
):
    exporter = Exporter(replace(services, worker=stepped_worker), window.tabs, window)
    failures: list[object] = []
    exporter.failed.connect(failures.append)
    exporter.save(wish_for("gif", run, tmp_path / "a.gif"))
    stepped_worker.step()
    window.close_front()
    stepped_worker.run_all()
    assert failures == []
    assert [path.name for path in tmp_path.iterdir()] == ["a.gif"]


def test_an_export_that_needs_its_closed_tab_says_so(window, tab, services, stepped_worker: SteppedWorker, tmp_path):
    """Frames of a path are drawn by the panel's engine, which goes with the tab."""

    def frames(start: int, stop: int):
        assert tab.panel is not None
        yield from pictures(3).frames(start, stop)

    exporter = Exporter(replace(services, worker=stepped_worker), window.tabs, window)
    failures: list[object] = []
    exporter.failed.connect(failures.append)
    exporter.save(wish_for("gif", type(pictures(1))(3, frames, 30.0, INFO), tmp_path / "a.gif"))
    window.close_front()
    stepped_worker.run_all()
    assert [str(error) for error in failures] == ["The export was stopped because its tab was closed."]
    assert list(tmp_path.iterdir()) == []


def test_a_mistake_of_a_family_is_reported_and_leaves_nothing(window, services, tmp_path, reports):
    def frames(start: int, stop: int):
        return (one for one in [pictures(1).frame(0)] if 1 / start)

    broken = type(pictures(1))(3, frames, 30.0, INFO)
    window.exporter.save(wish_for("gif", broken, tmp_path / "a.gif"))
    assert [type(error) for error in reports] == [ZeroDivisionError]
    reports.clear()
    assert list(tmp_path.iterdir()) == []


def test_the_picture_is_copied(window, tab, qtbot):
    qtbot.keyClick(window, Qt.Key.Key_C, CTRL | Qt.KeyboardModifier.ShiftModifier)
    mime = QGuiApplication.clipboard().mimeData()
    assert mime.hasImage()
    png = bytes(mime.data("image/png").data())
    assert read_picture(png).height_px == 512
    assert b"good/waves" in png
    assert "clipboard" in window.toast.accessibleName()
    QGuiApplication.clipboard().clear()


def test_the_preview_is_dragged_out_as_a_png(window, tab, folder, qtbot, monkeypatch):
    dragged: list[Path] = []
    monkeypatch.setattr(
        QDrag, "exec", lambda drag, action: dragged.append(Path(drag.mimeData().urls()[0].toLocalFile()))
    )
    dialog = open_dialog(window, qtbot)
    preview = dialog.preview
    qtbot.mousePress(preview, LEFT, pos=QPoint(100, 100))
    qtbot.mouseMove(preview, QPoint(101, 100))
    assert dragged == []
    qtbot.mouseMove(preview, QPoint(100 + 2 * QApplication.startDragDistance(), 100))
    qtbot.mouseRelease(preview, LEFT)
    qtbot.mouseMove(preview, QPoint(200, 200))
    assert len(dragged) == 1
    metadata = read_png_metadata(dragged[0])
    assert metadata is not None
    assert metadata["model"] == MODEL
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)


@pytest.mark.long("starts processes of its own")
def test_a_video_dropped_back_restores_the_settings(window, tab, folder, qtbot):
    tab.panel.set_params(type(tab.panel.params())(seed=41, strength=0.5))
    tab.panel._record()
    dialog = open_dialog(window, qtbot)
    click_chip(qtbot, dialog, "Video")
    qtbot.mouseClick(dialog.export, LEFT)
    (path,) = folder.glob("*.mp4")
    tab.panel.set_params(type(tab.panel.params())())
    window.opener.open_path(path)
    params = window.tabs.front_tab.panel.params()
    assert (params.seed, params.strength) == (41, 0.5)


@pytest.mark.long("starts processes of its own")
@pytest.mark.parametrize("chip", ["Page", "Page to explore"])
def test_a_page_dropped_back_restores_the_settings(window, tab, folder, qtbot, monkeypatch, chip: str):
    tab.panel.set_params(type(tab.panel.params())(seed=41, strength=0.5))
    tab.panel._record()
    around = replace(pictures(6), columns=3, info=tab.clip().info)
    monkeypatch.setattr(tab.panel, "around", lambda: around)
    click_chip(qtbot, dialog := open_dialog(window, qtbot), chip)
    qtbot.mouseClick(dialog.export, LEFT)
    (path,) = folder.glob("*.html")
    assert "Licence of the model" in path.read_text("utf-8")
    tab.panel.set_params(type(tab.panel.params())())
    window.opener.open_path(path)
    params = window.tabs.front_tab.panel.params()
    assert (params.seed, params.strength) == (41, 0.5)


def test_a_page_that_would_be_too_large_is_said_before(qtbot, sync_worker: SyncWorker, dispatcher: Dispatcher):
    parent = QWidget()
    qtbot.addWidget(parent)
    dialog = ExportDialog(ExportSource(letters(1), pictures(5)), ExportChoice("film_page"), parent)
    dialog._on_estimated(Estimate(80_000_000, 3.0, False))
    assert dialog.cost.text() == "About 80 MB: too large. Choose a smaller size or fewer frames."


@pytest.mark.long("starts processes of its own")
def test_a_video_of_a_missing_model_is_a_sentence(window, tab, tmp_path):
    clip = clip_of_frames([pictures(1).frame(0)], RunInfo("vae/foo", {}, 1))
    window.exporter.save(wish_for("mp4", clip, tmp_path / "a.mp4"))
    errors: list[object] = []
    window.opener.failed.connect(errors.append)
    window.opener.open_path(tmp_path / "a.mp4")
    assert [str(error).partition(". ")[0] for error in errors] == [
        "This video was made with vae/foo, which is not on this computer"
    ]


@pytest.mark.parametrize("theme_name", THEME_NAMES)
@pytest.mark.parametrize("scale", [1.0, 1.5])
@pytest.mark.parametrize(
    ("source", "format_id"),
    [
        (ExportSource(letters(1), letters(9)), "mp4"),
        (ExportSource(letters(1), letters(9)), "strip"),
        (ExportSource(plots(), plots()), "svg"),
        (ExportSource(pictures(1, sound=tone()), pictures(4, sound=tone())), "wav"),
    ],
)
def test_everything_fits_in_every_look(
    qapp, qtbot, sync_worker: SyncWorker, dispatcher: Dispatcher, theme_name: str, scale: float, source, format_id: str
):
    apply_theme(qapp, theme_name, scale)
    parent = QWidget()
    qtbot.addWidget(parent)
    dialog = ExportDialog(source, ExportChoice(format_id), parent)
    dialog.start(TaskScope(dialog, sync_worker, dispatcher))
    dialog.show()
    assert dialog.kind.id == format_id
    assert dialog.preview.n_pictures >= 1
    assert dialog.cost.text()
    inside = [one for one in dialog.findChildren(QWidget) if one.isVisible()]
    for widget in inside:
        corner = widget.mapTo(dialog, QPoint(widget.width(), widget.height()))
        assert corner.x() <= dialog.width(), widget
        assert corner.y() <= dialog.height(), widget
    apply_theme(qapp, "dark")


def test_a_path_is_taken_home_as_a_film_that_is_long_enough_whatever_was_exported_last(
    qtbot, sync_worker: SyncWorker, dispatcher: Dispatcher, tmp_path: Path
):
    way = pictures(20)  # two seconds
    path = replace(way, info=replace(INFO, kind="path"))
    for clip, remembered, kind, times in (
        (path, "png", "mp4", 2),
        (path, "gif", "gif", 2),
        (replace(path, is_loop=True), "npz", "mp4", 3),
        (way, "png", "png", 1),
    ):
        parent = QWidget()
        qtbot.addWidget(parent)
        dialog = ExportDialog(ExportSource(letters(1), clip), ExportChoice(remembered), parent)
        assert (dialog.kind.id, dialog.form.times.value()) == (kind, times)
        assert dialog.form.back.isChecked() == (clip is path)
        film, options = ExportSource(letters(1), clip).film_for(dialog.kind, dialog.form.options())
        assert film.n_frames == {"gif": 38, "png": 1}.get(kind, 76 if clip is path else 60)
        assert not options.is_back


def test_the_preview_plays_and_stops_at_the_end(qtbot, sync_worker: SyncWorker, dispatcher: Dispatcher):
    parent = QWidget()
    qtbot.addWidget(parent)
    source = ExportSource(letters(1), pictures(5))
    dialog = ExportDialog(source, ExportChoice("gif", ExportOptions(is_looped=False)), parent)
    dialog.start(TaskScope(dialog, sync_worker, dispatcher))
    dialog.show()
    assert dialog.preview.is_playing
    qtbot.waitUntil(lambda: dialog.preview.index == 4 and not dialog.preview.is_playing)
    dialog.close()


def calming(n: int) -> Clip:
    """Pictures that begin as noise and end as a flat grey."""
    random, info = np.random.default_rng(0), RunInfo("good/waves", {}, 0)
    frames = []
    for step in range(n):
        share = max(0.0, 1 - 3 * step / n)
        noise = random.normal(0, 50 * share, (96, 96, 3))
        frames.append(Frame(step, n, views={"picture": Image((128 + noise).clip(0, 255).astype(np.uint8))}))
    return clip_of_frames(frames, info)


@pytest.mark.parametrize("clip", [pictures(60), calming(90)], ids=["steady", "calming"])
@pytest.mark.parametrize("format_id", ["mp4", "gif", "webp", "film_page", "npz", "frames"])
def test_a_size_is_estimated_from_a_few_frames_each_made_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, format_id: str, clip: Clip
):
    monkeypatch.setattr(trial, "QUICK_S", 0.0)
    made: list[int] = []

    def frames(start: int, stop: int) -> Iterator[Frame]:
        made.extend(range(start, stop))
        return clip.frames(start, stop)

    wish = wish_for(format_id, clip, tmp_path / "a.x")
    size = ended(write(wish)).stat().st_size
    found = ended(estimate(wish.kind, replace(clip, frames=frames), wish.options))
    assert not found.is_exact
    assert found.n_bytes == pytest.approx(size, rel=0.3)
    assert found.seconds > 0
    assert len(made) == len(set(made)) < clip.n_frames * 0.7


@pytest.mark.parametrize("format_id", ["mp4", "gif", "webp", "film_page"])
def test_the_size_of_a_film_there_and_back_is_estimated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, format_id: str
):
    monkeypatch.setattr(trial, "QUICK_S", 0.0)
    wish = wish_for(format_id, calming(120), tmp_path / "a.x")
    film, options = film_of(wish.clip, replace(wish.options, is_back=True), is_repeated=False)
    found = ended(estimate(wish.kind, film, options))
    size = ended(write(replace(wish, clip=film, options=options))).stat().st_size
    assert found.n_bytes == pytest.approx(size, rel=0.3)


class Drawn:
    """A path whose frames take so long each to be drawn and to be written, by a clock of its own."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, n: int, drawing_s: float, writing_s: float) -> None:
        self.now, self.n_drawn, self._drawing_s = 0.0, 0, drawing_s
        monkeypatch.setattr("time.perf_counter", lambda: self.now)
        source = pictures(n)

        def frames(start: int, stop: int) -> Iterator[Frame]:
            assert stop <= self.n_drawn, "what is not drawn would be drawn twice"
            return source.frames(start, stop)

        def steps(clip: Clip, path: Path, options: ExportOptions):
            self.now += 0.05  # a file begins
            start, stop = options.span(clip)
            for number, _frame in enumerate(clip.frames(start, stop), 1):
                self.now += writing_s
                yield done(number, stop - start)
            path.write_bytes(bytes(100 * (stop - start)))
            return path

        self.kind = replace(BY_ID["mp4"], write=steps)
        self.clip = replace(
            source,
            frames=frames,
            prepare=lambda: self._prepare(n),
            is_ready=lambda index: index < self.n_drawn,
            left_s=lambda: (n - self.n_drawn) * drawing_s if self.n_drawn > 1 else None,
        )

    def _prepare(self, n: int) -> Iterator[Frame]:
        while self.n_drawn < n:
            self.now += self._drawing_s
            self.n_drawn += 1
            yield Frame(self.n_drawn, n)


def test_a_preview_draws_nothing_that_the_export_would_draw_again(monkeypatch: pytest.MonkeyPatch):
    drawn = Drawn(monkeypatch, 120, 0.3, 0.02)
    shown: list[np.ndarray] = []
    for _news in preview(drawn.kind, drawn.clip, ExportOptions(48), shown):
        assert len(shown) <= max(1, drawn.n_drawn)
    assert (len(shown), drawn.n_drawn) == (48, 120)


@pytest.mark.parametrize(("drawing_s", "writing_s"), [(0.3, 0.02), (0.02, 0.2), (1.5, 0.5), (0.02, 0.01)])
@pytest.mark.parametrize("n_known", [0, 30, 120])
def test_the_time_is_estimated_with_the_drawing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, drawing_s: float, writing_s: float, n_known: int
):
    drawn = Drawn(monkeypatch, 120, drawing_s, writing_s)
    drawn.n_drawn = n_known
    found = ended(estimate(drawn.kind, drawn.clip, ExportOptions(48)))
    began = drawn.now
    ended(write_drawn(drawn.kind, drawn.clip, tmp_path / "a.mp4", ExportOptions(48)))
    assert found.seconds == pytest.approx(drawn.now - began, rel=0.3)
    assert found.n_bytes == (tmp_path / "a.mp4").stat().st_size


def ended(steps):
    while True:
        try:
            next(steps)
        except StopIteration as stop:
            return stop.value


def test_every_control_has_a_name(qtbot):
    parent = QWidget()
    qtbot.addWidget(parent)
    dialog = ExportDialog(ExportSource(letters(1), pictures(5)), ExportChoice(), parent)
    for widget in (dialog.form.fps, dialog.form.first, dialog.form.last, dialog.form.count, dialog.name.field):
        assert widget.accessibleName()
    for group in (dialog.kinds, dialog.form.sides, dialog.form.backgrounds):
        assert group.accessibleName()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        '{"side_px": 1}',
        '{"side_px": "big"}',
        '{"background": "pink"}',
        '{"is_looped": 3}',
        '{"n_pictures": 1e9}',
        "[" * 100_000,
    ],
)
def test_a_broken_memory_is_the_usual_choice(text: str):
    settings = Settings()
    settings.set(EXPORT, text)
    assert last_choice(settings) == ExportChoice()


def test_a_choice_is_kept():
    settings = Settings()
    choice = ExportChoice("gif", ExportOptions(256, None, 0, None, False, True, "black", 7), "/somewhere")
    keep_choice(settings, choice)
    assert last_choice(settings) == choice
    assert json.loads(settings.get(EXPORT))["format"] == "gif"


def test_words_for_times():
    assert [time_text(s) for s in (0.2, 3.4, 89, 150)] == ["under a second", "3 s", "89 s", "2 min"]


def test_the_outline_of_a_sound():
    samples = np.concatenate([np.zeros(4800), np.full(4800, 0.5), np.full(4800, -1.0)]).astype(np.float32)
    shown = wave_picture(Audio(samples, 8000))
    inked = (shown < 128).sum(axis=0)
    assert shown.shape == (320, 480)
    assert inked[80] < 8
    assert inked[240] == pytest.approx(80, abs=6)
    assert inked[400] == pytest.approx(160, abs=6)
    assert (shown[:150, 400] == 255).all()
    assert wave_picture(Audio(np.zeros(0, np.float32), 8000)).shape == (320, 480)
